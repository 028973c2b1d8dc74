// The function table, symbol table, build info and DWARF, read by those who read gc's: go tool nm, objdump, addr2line,
// go version -m, gdb. Skipped where the tool is not installed.
#include <gtest/gtest.h>

#include "base/abi/layout.h"
#include "base/abi/stackmap.h"
#include "link/test_program.h"

namespace gale::link {
namespace {

using namespace test;

// main.main calls main.work, which has a frame and an inlined call of main.tiny; main.work faults with int3.
class Sample {
 public:
  Sample() {
    const Symbol* file = files();
    Definition& start = b.add("_start", SymbolKind::Text, {0xe8, 0, 0, 0, 0, 0xbf, 0, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05},
                              {reloc(1, RelocKind::Call32, "main.main", -4)});
    (void)start;
    // push rbp; mov rbp,rsp; call main.work; pop rbp; ret
    Definition& main = b.add("main.main", SymbolKind::Text, {0x55, 0x48, 0x89, 0xe5, 0xe8, 0, 0, 0, 0, 0x5d, 0xc3},
                             {reloc(5, RelocKind::Call32, "main.work[int]", -4)});
    FuncInfo* f = b.func();
    f->files = {file, 2};
    f->start_line = 10;
    f->lines = b.list<LineRow>({{0, 10}, {4, 11}, {9, 12}});
    f->pcsp = b.list<PcValue>({{0, 0}, {1, 8}, {10, 0}});
    main.func = f;
    // push rbp; mov rbp,rsp; sub rsp,32; nop; nop; add rsp,32; pop rbp; ret
    Definition& work = b.add("main.work[int]", SymbolKind::Text,
                             {0x55, 0x48, 0x89, 0xe5, 0x48, 0x83, 0xec, 0x20, 0x90, 0x90, 0x48, 0x83, 0xc4, 0x20, 0x5d, 0xc3});
    f = b.func();
    f->files = {file, 2};
    f->start_line = 20;
    f->frame_size = 32;
    f->args_size = 24;
    f->lines = b.list<LineRow>({{0, 20}, {8, 21}, {9, 5, 0, 1, 0}, {10, 22}});
    f->inline_tree = b.list<InlineNode>({{-1, 0, 21, Symbol("main.tiny"), 4, 8}});
    f->pcsp = b.list<PcValue>({{0, 0}, {1, 8}, {8, 40}, {14, 8}, {15, 0}});
    f->pcdata = b.list<PcData>({{1, b.list<PcValue>({{0, 0}, {9, 3}})}});
    f->funcdata = b.list<FuncData>({{0, 4, b.list<uint8_t>({1, 0, 0, 0, 3, 0, 0, 0, 5})}});
    work.func = f;
    b.add_zero("main.counter", SymbolKind::NoPtrBss, 8);
    b.object.definitions[0].relocs =
        b.list({reloc(1, RelocKind::Call32, "main.main", -4), reloc(1, RelocKind::Keep, "main.counter")});
  }

  const Symbol* files() {
    auto list = b.object.arena->copy(std::vector<Symbol>{Symbol(temp_path("main.go")), Symbol(temp_path("tiny.go"))});
    return list.data();
  }

  ObjectBuilder b;
};

class OnDisk {
 public:
  explicit OnDisk(const Linked& linked, std::string_view name) : path(temp_path(name)) {
    EXPECT_EQ(write_executable(path, linked.result.image), "");
  }
  ~OnDisk() { ::unlink(path.c_str()); }
  std::string path;
};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(FunctionTable, RecordsHoldTheFunctions) {
  Sample sample;
  Linked linked = link_all({&sample.b.object});
  ASSERT_TRUE(linked.ok()) << linked.result.errors[0];
  const uint8_t* table = linked.at(linked.section(".gopclntab")->sh_addr);
  abi::PclnHeader header = load<abi::PclnHeader>(table);
  EXPECT_EQ(header.magic, abi::kPclntabMagic);
  ASSERT_EQ(header.nfunc, 3u);
  EXPECT_EQ(header.nfiles, 2u);
  const uint8_t* rows = table + header.pcln_offset;
  abi::FunctabRow row = load<abi::FunctabRow>(rows + 2 * sizeof(abi::FunctabRow));
  const uint8_t* record_bytes = rows + row.func_off;
  abi::FuncRecord work = load<abi::FuncRecord>(record_bytes);
  EXPECT_STREQ(reinterpret_cast<const char*>(table + header.funcname_offset + work.name_off), "main.work[...]");
  EXPECT_EQ(work.args, 24);
  EXPECT_EQ(work.start_line, 20);
  EXPECT_EQ(work.npcdata, 2u);
  EXPECT_EQ(work.pcdata_mask, 0b0110);
  EXPECT_EQ(work.funcdata_mask, 0b1001);
  // One inlined call, of function 0, at pc 8.
  const uint64_t module_record = linked.address("runtime.gale_module");
  const uint8_t* func_data = linked.at(load<uint64_t>(linked.at(module_record) + abi::Module::gofunc));
  const uint8_t* tree = func_data + load<uint32_t>(record_bytes + sizeof work + 4 * 3);
  EXPECT_EQ((std::vector<int>(tree, tree + 3)), (std::vector<int>{0x11, 0, 8}));
  abi::InlinedFunction tiny = load<abi::InlinedFunction>(func_data - sizeof(abi::InlinedFunction));
  EXPECT_STREQ(reinterpret_cast<const char*>(table + header.funcname_offset + tiny.name), "main.tiny");
  EXPECT_EQ(tiny.start_line, 4);
  // pcsp: 0 for 1 byte, 8 for 7, 40 for 6, 8 for 1, 0 for 1
  const uint8_t* pcsp = table + header.pctab_offset + work.pcsp;
  EXPECT_EQ((std::vector<int>(pcsp, pcsp + 11)), (std::vector<int>{2, 1, 16, 7, 64, 6, 63, 1, 15, 1, 0}));
}

TEST(FunctionTable, GoToolsReadIt) {
  if (!have_program("go")) GTEST_SKIP() << "no go";
  Sample sample;
  write_file(temp_path("main.go"), std::string(40, '\n'));
  LinkOptions options;
  options.go_version = "go1.26.8";
  options.mod_info = "path\texample.com/sample\nmod\texample.com/sample\t(devel)\t\nbuild\t-compiler=gale\n";
  options.build_id = "abc/def";
  Linked linked = link_all({&sample.b.object}, {}, options);
  ASSERT_TRUE(linked.ok()) << linked.result.errors[0];
  OnDisk file(linked, "sample");
  CommandResult nm = run_command("go tool nm " + file.path);
  EXPECT_TRUE(has(nm.output, "T main.main")) << nm.output;
  EXPECT_TRUE(has(nm.output, " main.counter")) << nm.output;
  CommandResult objdump = run_command("go tool objdump -s main.work " + file.path);
  EXPECT_TRUE(has(objdump.output, "TEXT main.work[...](SB) " + temp_path("main.go"))) << objdump.output;
  EXPECT_TRUE(has(objdump.output, "tiny.go:5")) << objdump.output;
  char address[32];
  std::snprintf(address, sizeof address, "0x%lx\n", static_cast<unsigned long>(linked.address("main.main") + 5));
  CommandResult addr2line = run_command("echo " + std::string(address, std::strlen(address) - 1) + " | go tool addr2line " + file.path);
  EXPECT_EQ(addr2line.output, "main.main\n" + temp_path("main.go") + ":11\n");
  CommandResult version = run_command("go version -m " + file.path);
  EXPECT_TRUE(has(version.output, "go1.26.8")) << version.output;
  EXPECT_TRUE(has(version.output, "build\t-compiler=gale")) << version.output;
  EXPECT_EQ(run_command("go tool buildid " + file.path).output, "abc/def\n");
  ::unlink(temp_path("main.go").c_str());
}

TEST(Dwarf, DebuggersFindLinesFunctionsAndCallers) {
  if (!have_program("gdb")) GTEST_SKIP() << "no gdb";
  Sample sample;
  Linked linked = link_all({&sample.b.object});
  ASSERT_TRUE(linked.ok());
  OnDisk file(linked, "debugged");
  std::string gdb = "gdb -nx -batch -ex 'set startup-with-shell off' ";
  CommandResult line = run_command(gdb + "-ex 'info line main.main' " + file.path);
  EXPECT_TRUE(has(line.output, "Line 10 of")) << line.output;
  CommandResult trace = run_command(gdb + "-ex 'break " + temp_path("main.go") + ":22' -ex run -ex bt " + file.path);
  EXPECT_TRUE(has(trace.output, "#0  main.work[...] ()")) << trace.output;
  EXPECT_TRUE(has(trace.output, "main.main () at")) << trace.output;
  EXPECT_TRUE(has(trace.output, "main.go:11")) << trace.output;
  CommandResult inlined = run_command(gdb + "-ex 'break main.tiny' -ex run -ex bt " + file.path);
  EXPECT_TRUE(has(inlined.output, "tiny.go:5")) << inlined.output;
  if (!have_program("readelf")) return;
  CommandResult dump = run_command("readelf -W --debug-dump=info,line,frames,Ranges " + file.path + " >/dev/null");
  EXPECT_EQ(dump.output, "");
}

}  // namespace
}  // namespace gale::link
