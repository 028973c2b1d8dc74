// What `go version -m` and `go tool buildid` read: .go.buildinfo and the note .note.go.buildid (RUNTIME_CONTRACT section 5).
#include "link/build_info.h"

#include "link/bytes.h"
#include "link/program.h"

namespace gale::link {
namespace {

constexpr uint8_t kModInfoStart[16] = {0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02,
                                       0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6};
constexpr uint8_t kModInfoEnd[16] = {0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72,
                                     0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2};
constexpr size_t kHeaderSize = 32;
constexpr uint8_t kStringsAreInline = 2;
constexpr uint32_t kGoBuildIdNote = 4;

}  // namespace

std::string framed_mod_info(std::string_view text) {
  if (text.empty()) return {};
  std::string framed(reinterpret_cast<const char*>(kModInfoStart), sizeof kModInfoStart);
  framed += text;
  framed.append(reinterpret_cast<const char*>(kModInfoEnd), sizeof kModInfoEnd);
  return framed;
}

void build_build_info(Program& program) {
  const LinkOptions& options = program.input.options;
  Section& info = program.section(SectionId::BuildInfo);
  info.align = 16;
  append_text(info.contents, "\xff Go buildinf:");
  append_u8(info.contents, 8);  // size of a pointer
  append_u8(info.contents, kStringsAreInline);
  info.contents.resize(kHeaderSize);
  std::string mod_info = framed_mod_info(options.mod_info);
  append_uleb(info.contents, options.go_version.size());
  append_text(info.contents, options.go_version);
  append_uleb(info.contents, mod_info.size());
  append_text(info.contents, mod_info);
  pad_to(info.contents, 16);

  if (options.build_id.empty()) return;
  Section& note = program.section(SectionId::BuildIdNote);
  note.align = 4;
  append_u32(note.contents, 4);
  append_u32(note.contents, static_cast<uint32_t>(options.build_id.size()));
  append_u32(note.contents, kGoBuildIdNote);
  append_text(note.contents, std::string_view("Go\0\0", 4));
  append_text(note.contents, options.build_id);
  pad_to(note.contents, 4);
}

}  // namespace gale::link
