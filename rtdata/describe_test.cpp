// Descriptors of testdata/types.go, linked into an image and read back, against what gc's descriptors of the same file hold
// (testdata/dump.go prints them by reflection). Each line is one type, field by field.
#include "rtdata/describe.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>
#include <string>

#include "base/abi/layout.h"
#include "discover/names.h"
#include "link/link.h"
#include "load/package.h"
#include "syntax/parser.h"
#include "types/checker.h"
#include "types/predicates.h"

namespace gale::rtdata {
namespace {

std::string read_text_file(const std::string& path) {
  std::string text;
  FILE* f = std::fopen(path.c_str(), "rb");
  if (f == nullptr) return text;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, f)) > 0;) text.append(buffer, n);
  std::fclose(f);
  return text;
}

std::string run(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  return ::pclose(pipe) == 0 ? text : "";
}

// Everything that descriptors lead to.
class Closure : public discover::References {
 public:
  explicit Closure(types::CanonicalTypes& types) : types_(types) {}
  void run(types::Type* root) {
    type(root, true);
    while (!pending_.empty()) {
      types::Type* t = pending_.front();
      pending_.pop_front();
      report_references(t, true, types_, *this);
      if (types::is_interface(t)) continue;
      for (const auto& m : types_.method_set(t)) type(m.signature, true);
    }
  }
  void function(Symbol name, const discover::FunctionInstance&) override { code.insert(std::string(name.text())); }
  void external(Symbol name) override { code.insert(std::string(name.text())); }
  void variable(Symbol, types::Var*) override {}
  void type(types::Type* t, bool) override {
    if (seen_.insert(t).second) {
      pending_.push_back(t);
      all.push_back(t);
    }
  }
  void itab(types::Type*, types::Type*, bool) override {}
  void any_itab(types::Type*) override {}
  void interface_method(types::Type*, Symbol, types::Package*) override {}
  void method_by_name(Symbol) override {}

  std::vector<types::Type*> all;
  std::set<std::string> code;

 private:
  types::CanonicalTypes& types_;
  std::set<types::Type*> seen_;
  std::deque<types::Type*> pending_;
};

// Reads descriptors in the image as the runtime would.
class Image {
 public:
  explicit Image(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}

  // The bytes loaded at an address.
  const uint8_t* at(uint64_t address) const {
    Elf64_Ehdr header;
    std::memcpy(&header, bytes_.data(), sizeof header);
    for (int i = 0; i < header.e_phnum; i++) {
      Elf64_Phdr s;
      std::memcpy(&s, bytes_.data() + header.e_phoff + static_cast<size_t>(i) * sizeof s, sizeof s);
      if (s.p_type == PT_LOAD && s.p_vaddr <= address && address < s.p_vaddr + s.p_filesz) {
        return bytes_.data() + s.p_offset + (address - s.p_vaddr);
      }
    }
    ADD_FAILURE() << "nothing is loaded at " << address;
    return bytes_.data();
  }

  template <class T>
  T get(uint64_t address) const {
    T value;
    std::memcpy(&value, at(address), sizeof value);
    return value;
  }
  uint64_t types = 0;

  std::string text(uint64_t* at) const {
    uint64_t length = 0;
    for (int shift = 0;; shift += 7) {
      uint8_t b = get<uint8_t>((*at)++);
      length |= uint64_t{b & 0x7fu} << shift;
      if ((b & 0x80) == 0) break;
    }
    std::string s(reinterpret_cast<const char*>(this->at(*at)), length);
    *at += length;
    return s;
  }

  static std::string quoted(const std::string& s) {
    std::string out = "\"";
    for (char c : s) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  }

  std::string name(uint64_t at) const {
    if (at == 0) return "<nil>";
    uint8_t flags = get<uint8_t>(at++);
    std::string out = quoted(text(&at)) + "/" + std::to_string(flags);
    if ((flags & abi::kNameHasTag) != 0) out += " tag " + quoted(text(&at));
    if ((flags & abi::kNameHasPkgPath) != 0) out += " in " + name(types + get<uint32_t>(at));
    return out;
  }
  std::string name_offset(uint32_t offset) const { return offset == 0 ? "<nil>" : name(types + offset); }

  std::string type_string(uint64_t t) const {
    uint64_t at = types + get<uint32_t>(t + abi::Type::str) + 1;
    std::string s = text(&at);
    return (get<uint8_t>(t + abi::Type::tflag) & abi::kTFlagExtraStar) != 0 ? s.substr(1) : s;
  }

  std::string line(uint64_t t) const {
    namespace f = abi::Type;
    std::string out = type_string(t);
    auto number = [&](const char* label, uint64_t v) { out += std::string(" ") + label + " " + std::to_string(v); };
    uint64_t pointer_bytes = get<uint64_t>(t + f::ptr_bytes);
    uint8_t flags = get<uint8_t>(t + f::tflag), kind = get<uint8_t>(t + f::kind);
    out += ":";
    number("size", get<uint64_t>(t + f::size_));
    number("ptr", pointer_bytes);
    number("tflag", flags);
    number("align", get<uint8_t>(t + f::align));
    out += " " + std::to_string(get<uint8_t>(t + f::field_align));
    number("kind", kind);
    out += get<uint64_t>(t + f::equal) != 0 ? " comparable true" : " comparable false";
    out += " str " + name_offset(get<uint32_t>(t + f::str));
    if ((flags & abi::kTFlagGCMaskOnDemand) == 0) {
      out += " mask ";
      for (uint64_t i = 0; i < (pointer_bytes / 8 + 7) / 8; i++) {
        char hex[3];
        std::snprintf(hex, sizeof hex, "%02x", get<uint8_t>(get<uint64_t>(t + f::gc_data) + i));
        out += hex;
      }
    }
    size_t size = kind_part(t, kind, flags, &out);
    if ((flags & abi::kTFlagUncommon) != 0) uncommon(t + size, &out);
    return out;
  }

 private:
  size_t kind_part(uint64_t t, uint8_t kind, uint8_t flags, std::string* out) const {
    auto type_at = [&](uint64_t at) { return " " + type_string(get<uint64_t>(at)); };
    auto type_offset = [&](uint32_t offset) { return " " + type_string(types + offset); };
    size_t extra = (flags & abi::kTFlagUncommon) != 0 ? abi::UncommonType::size : 0;
    switch (kind) {
      case abi::kKindArray:
        *out += " elem" + type_at(t + abi::ArrayType::elem) + " len " + std::to_string(get<uint64_t>(t + abi::ArrayType::len)) +
                " slice" + type_at(t + abi::ArrayType::slice);
        return abi::ArrayType::size;
      case abi::kKindSlice:
      case abi::kKindPointer:
        *out += " elem" + type_at(t + abi::PtrType::elem);
        return abi::PtrType::size;
      case abi::kKindChan:
        *out += " elem" + type_at(t + abi::ChanType::elem) + " dir " + std::to_string(get<uint64_t>(t + abi::ChanType::dir));
        return abi::ChanType::size;
      case abi::kKindMap:
        *out += " key" + type_at(t + abi::MapType::key) + " elem" + type_at(t + abi::MapType::elem);
        return abi::MapType::size;
      case abi::kKindFunc: {
        uint16_t in = get<uint16_t>(t + abi::FuncType::in_count), results = get<uint16_t>(t + abi::FuncType::out_count);
        *out += " counts " + std::to_string(in) + " " + std::to_string(results);
        for (int i = 0; i < in + (results & 0x7fff); i++) *out += type_at(t + abi::FuncType::size + extra + 8 * i);
        return abi::FuncType::size;
      }
      case abi::kKindInterface: {
        *out += " pkg " + name(get<uint64_t>(t + abi::InterfaceType::pkg_path));
        uint64_t at = get<uint64_t>(t + abi::InterfaceType::methods), n = get<uint64_t>(t + abi::InterfaceType::methods + 8);
        for (uint64_t i = 0; i < n; i++, at += abi::Imethod::size) {
          *out += " method " + name_offset(get<uint32_t>(at)) + type_offset(get<uint32_t>(at + abi::Imethod::typ));
        }
        return abi::InterfaceType::size;
      }
      case abi::kKindStruct: {
        *out += " pkg " + name(get<uint64_t>(t + abi::StructType::pkg_path));
        uint64_t at = get<uint64_t>(t + abi::StructType::fields), n = get<uint64_t>(t + abi::StructType::fields + 8);
        for (uint64_t i = 0; i < n; i++, at += abi::StructField::size) {
          *out += " field " + name(get<uint64_t>(at)) + type_at(at + abi::StructField::typ) + " @" +
                  std::to_string(get<uint64_t>(at + abi::StructField::offset));
        }
        return abi::StructType::size;
      }
      default: return abi::Type::size;
    }
  }

  void uncommon(uint64_t u, std::string* out) const {
    namespace f = abi::UncommonType;
    uint16_t count = get<uint16_t>(u + f::mcount);
    *out += " uncommon pkg " + name_offset(get<uint32_t>(u + f::pkg_path)) + " " + std::to_string(count) + " " +
            std::to_string(get<uint16_t>(u + f::xcount));
    for (uint16_t i = 0; i < count; i++) {
      *out += " m " + name_offset(get<uint32_t>(u + get<uint32_t>(u + f::moff) + i * abi::Method::size));
    }
  }

  std::vector<uint8_t> bytes_;
};

// One checker a process: the predeclared types keep their canonical forms. So all is asked of one link.
class Described : public testing::Test {
 protected:
  Described() : checker_(sources_, sink_) {
    std::string source = read_text_file("rtdata/testdata/types.go");
    syntax::File* file = syntax::parse_file(sources_.add("types.go", "types.go", source), package_.arena, sink_);
    package_.path = Symbol("main");
    package_.name = Symbol("main");
    package_.go_version = "go1.26";
    package_.is_main_module = true;
    package_.files = {file};
    types::Package* p = checker_.add_package(&package_);
    checker_.check_package(p);
    for (const Diagnostic& d : sink_.items()) ADD_FAILURE() << d.message;
    types_ = std::make_unique<types::CanonicalTypes>(checker_);
    types::Object* cases = p->scope->lookup(Symbol("Cases"));
    root_ = types_->get(cases->type);
    closure_ = std::make_unique<Closure>(*types_);
    closure_->run(root_);
  }

  // All descriptors, stand-ins for the code that they name, and a word that points to each descriptor.
  Image link_image() {
    link::Object object;
    DescribeContext context{*types_, [](types::Type*, const types::CanonicalTypes::Method&) { return false; }};
    for (types::Type* t : closure_->all) describe(t, true, context, object);
    std::vector<uint8_t> ret = {0xc3};
    for (const std::string& name : closure_->code) {
      link::Definition code;
      code.name = Symbol(name);
      code.kind = link::SymbolKind::Text;
      code.bytes = object.arena->copy(ret);
      object.definitions.push_back(code);
    }
    std::vector<link::Reloc> words;
    for (size_t i = 0; i < closure_->all.size(); i++) {
      words.push_back({.offset = static_cast<uint32_t>(8 * i), .kind = link::RelocKind::Abs64,
                       .target = discover::type_symbol(closure_->all[i])});
    }
    words.push_back({.offset = static_cast<uint32_t>(8 * words.size()), .kind = link::RelocKind::Abs64,
                     .target = Symbol("runtime.types")});
    link::Definition list;
    list.name = Symbol("start");
    list.kind = link::SymbolKind::NoPtrData;
    list.relocs = object.arena->copy(words);
    list.bytes = object.arena->make_array<uint8_t>(8 * words.size());
    object.definitions.push_back(list);
    link::LinkInput input;
    const link::Object* objects[] = {&object};
    input.objects = objects;
    input.entry = list.name;
    link::LinkResult linked = link::link(input);
    for (const std::string& e : linked.errors) ADD_FAILURE() << e;
    uint64_t entry = 0;
    if (!linked.image.empty()) std::memcpy(&entry, &linked.image[24], 8);
    Image image(std::move(linked.image));
    for (size_t i = 0; i < closure_->all.size(); i++) descriptors_.push_back(image.get<uint64_t>(entry + 8 * i));
    image.types = image.get<uint64_t>(entry + 8 * closure_->all.size());
    return image;
  }

  // The typelink table is a prefix of the types section, in order of type strings.
  void check_type_links(const Image& image) {
    std::vector<uint64_t> sorted = descriptors_;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_GT(sorted.front(), image.types);
    std::string previous;
    bool named_seen = false;
    for (uint64_t t : sorted) {
      bool linked = (image.get<uint8_t>(t + abi::Type::tflag) & abi::kTFlagNamed) == 0 &&
                    image.get<uint8_t>(t + abi::Type::kind) != abi::kKindInterface;
      if (linked) {
        EXPECT_FALSE(named_seen) << image.type_string(t);
        EXPECT_LE(previous, image.type_string(t));
        previous = image.type_string(t);
      }
      named_seen |= !linked;
    }
  }

  SourceManager sources_;
  DiagnosticSink sink_;
  load::Package package_;
  types::Checker checker_;
  std::unique_ptr<types::CanonicalTypes> types_;
  types::Type* root_ = nullptr;
  std::unique_ptr<Closure> closure_;
  std::vector<uint64_t> descriptors_;
};

// Point implements Stringer: the method takes the data word, a *Point, so it is the wrapper (*Point).String.
void check_itab(types::CanonicalTypes& types, const types::Package& p) {
  types::Type* point = types.get(p.scope->lookup(Symbol("Point"))->type);
  types::Type* stringer = types.get(p.scope->lookup(Symbol("Stringer"))->type);
  link::Object out;
  DescribeContext context{types, [](types::Type*, const types::CanonicalTypes::Method&) { return true; }};
  describe_itab(point, stringer, context, out);
  ASSERT_EQ(out.definitions.size(), 1u);
  const link::Definition& itab = out.definitions[0];
  EXPECT_EQ(itab.name.text(), "go:itab.main.Point,main.Stringer");
  ASSERT_EQ(itab.relocs.size(), 3u);
  EXPECT_EQ(itab.relocs[0].target.text(), "type:main.Stringer");
  EXPECT_EQ(itab.relocs[1].target.text(), "type:main.Point");
  EXPECT_EQ(itab.relocs[2].target.text(), "main.(*Point).String");
  EXPECT_EQ(itab.relocs[2].offset, abi::ITab::fun);

  const types::CanonicalTypes::Method* string = types.find_method(point, Symbol("String"), nullptr);
  ASSERT_NE(string, nullptr);
  EXPECT_EQ(method_code(point, *string).kind, discover::FunctionKind::Declared);
  EXPECT_EQ(method_code_in_interface(point, *string, types).kind, discover::FunctionKind::MethodWrapper);
  const types::CanonicalTypes::Method* move = types.find_method(types.pointer_to(point), Symbol("Move"), nullptr);
  ASSERT_NE(move, nullptr);
  EXPECT_EQ(method_code_in_interface(types.pointer_to(point), *move, types).kind, discover::FunctionKind::Declared);
  // A func type is its own data word.
  types::Type* fn = types.get(p.scope->lookup(Symbol("Fn"))->type);
  const types::CanonicalTypes::Method* call = types.find_method(fn, Symbol("Call"), nullptr);
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(discover::function_symbol(method_code_in_interface(fn, *call, types)).text(), "main.Fn.Call");
}

TEST_F(Described, HoldWhatGcsDescriptorsHold) {
  check_itab(*types_, *package_.types);
  Image image = link_image();
  check_type_links(image);
  if (run("command -v go").empty()) GTEST_SKIP() << "no go";
  std::map<std::string, std::string> ours;
  for (uint64_t t : descriptors_) {
    std::string line = image.line(t);
    ours[line.substr(0, line.find(": size"))] = line;
  }
  std::string theirs = run("cd rtdata/testdata && go run -ldflags=-checklinkname=0 types.go dump.go");
  ASSERT_NE(theirs, "");
  size_t compared = 0;
  for (size_t at = 0; at < theirs.size();) {
    size_t end = theirs.find('\n', at);
    std::string line = theirs.substr(at, end - at);
    at = end + 1;
    std::string name = line.substr(0, line.find(": size"));
    EXPECT_EQ(ours[name], line);
    compared++;
  }
  EXPECT_GT(compared, 80u);
}

}  // namespace
}  // namespace gale::rtdata
