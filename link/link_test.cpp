// Images made from a few hand-written bytes of machine code: they run, hold what was asked for, and nothing else.
#include <gtest/gtest.h>

#include <sys/stat.h>

#include "base/abi/layout.h"
#include "link/test_program.h"

namespace gale::link {
namespace {

using namespace test;

// mov edi, code; mov eax, 60 (exit); syscall
void add_exit(ObjectBuilder& b, std::string_view name, int code) {
  b.add(name, SymbolKind::Text, {0xbf, code, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05});
}

TEST(Link, SmallestProgramExitsWithItsCode) {
  ObjectBuilder b;
  add_exit(b, "_start", 42);
  Linked linked = link_all({&b.object});
  ASSERT_TRUE(linked.ok()) << linked.result.errors[0];
  EXPECT_EQ(run_image(linked, "exit42").exit_code, 42);
}

TEST(Link, ProgramCallsAndWritesText) {
  ObjectBuilder b;
  // lea rsi, [rip+text]; mov edx, 6; mov edi, 1; mov eax, 1 (write); syscall; ret
  b.add("main.hello", SymbolKind::Text,
        {0x48, 0x8d, 0x35, 0, 0, 0, 0, 0xba, 6, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0x0f, 0x05, 0xc3},
        {reloc(3, RelocKind::PcRel32, "go:string.\"hello\\n\"", -4)});
  b.add_text("go:string.\"hello\\n\"", "hello\n");
  // call main.hello; jmp exit
  b.add("_start", SymbolKind::Text, {0xe8, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0},
        {reloc(1, RelocKind::Call32, "main.hello", -4), reloc(6, RelocKind::Call32, "exit", -4)});
  add_exit(b, "exit", 3);
  Linked linked = link_all({&b.object});
  ASSERT_TRUE(linked.ok()) << linked.result.errors[0];
  CommandResult ran = run_image(linked, "hello");
  EXPECT_EQ(ran.output, "hello\n");
  EXPECT_EQ(ran.exit_code, 3);
}

TEST(Link, EachRelocationKindGetsItsValue) {
  ObjectBuilder b;
  add_exit(b, "_start", 0);
  b.object.definitions.back().relocs = b.list({reloc(0, RelocKind::Keep, "main.table")});
  b.object.definitions.back().relocs = b.list({reloc(0, RelocKind::Keep, "main.table")});
  b.add_zero("main.x", SymbolKind::NoPtrBss, 24);
  b.add("type:main.T", SymbolKind::Types, {1, 2, 3, 4, 5, 6, 7, 8});
  b.object.definitions.back().order = b.object.arena->make<TypeOrder>();
  b.add("main.dead", SymbolKind::Text, {0xc3});
  b.add("type:main.Dead", SymbolKind::Types, {1});
  Bytes zeros(88);
  b.add_bytes("main.table", SymbolKind::NoPtrData, zeros,
              {reloc(0, RelocKind::Abs64, "main.x", 8), reloc(8, RelocKind::Abs32, "main.x"),
               reloc(12, RelocKind::Abs32Signed, "main.x", -1), reloc(16, RelocKind::PcRel32, "main.x", -4),
               reloc(24, RelocKind::PcRel64, "main.x"), reloc(32, RelocKind::TypesOff32, "type:main.T"),
               reloc(36, RelocKind::TextOff32, "_start"), reloc(40, RelocKind::TextOff32, "main.dead", 0, true),
               reloc(44, RelocKind::TypesOff32, "type:main.Dead", 0, true), reloc(48, RelocKind::Size32, "main.x"),
               reloc(56, RelocKind::Size64, "main.x", 1), reloc(64, RelocKind::Abs64, "main.dead", 0, true),
               reloc(72, RelocKind::Abs64, "runtime.etext"), reloc(80, RelocKind::Abs64, "runtime.gale_module")});
  Linked linked = link_all({&b.object});
  ASSERT_TRUE(linked.ok()) << linked.result.errors[0];
  uint64_t table = linked.address("main.table"), x = linked.address("main.x");
  ASSERT_NE(table, 0u);
  ASSERT_NE(x, 0u);
  const uint8_t* t = linked.at(table);
  EXPECT_EQ(load<uint64_t>(t), x + 8);
  EXPECT_EQ(load<uint32_t>(t + 8), x);
  EXPECT_EQ(load<uint32_t>(t + 12), x - 1);
  EXPECT_EQ(load<int32_t>(t + 16), static_cast<int32_t>(x - 4 - (table + 16)));
  EXPECT_EQ(load<uint64_t>(t + 24), x - (table + 24));
  EXPECT_GT(load<int32_t>(t + 32), 0);
  EXPECT_EQ(linked.at(linked.section(".go.type")->sh_addr + load<uint32_t>(t + 32))[3], 4);
  EXPECT_EQ(load<int32_t>(t + 36), static_cast<int32_t>(linked.address("_start") - linked.section(".text")->sh_addr));
  EXPECT_EQ(load<int32_t>(t + 40), -1);
  EXPECT_EQ(load<int32_t>(t + 44), 0);
  EXPECT_EQ(load<uint32_t>(t + 48), 24u);
  EXPECT_EQ(load<uint64_t>(t + 56), 25u);
  EXPECT_EQ(load<uint64_t>(t + 64), 0u);
  EXPECT_EQ(load<uint64_t>(t + 72), linked.section(".text")->sh_addr + linked.section(".text")->sh_size);
  const uint8_t* module = linked.at(load<uint64_t>(t + 80));
  EXPECT_EQ(load<uint64_t>(module + abi::Module::magic), abi::kModuleMagic);
  EXPECT_EQ(load<uint64_t>(module + abi::Module::text), linked.section(".text")->sh_addr);
  EXPECT_EQ(load<uint64_t>(module + abi::Module::noptrbss), x);
  EXPECT_EQ(load<uint64_t>(module + abi::Module::enoptrbss), x + 24);
}

TEST(Link, WhatNothingLeadsToIsLeftOut) {
  ObjectBuilder b;
  add_exit(b, "_start", 0);
  b.object.definitions.back().relocs = b.list({reloc(0, RelocKind::Keep, "main.used")});
  b.add("main.used", SymbolKind::Text, {0xc3});
  b.add("main.unused", SymbolKind::Text, {0xc3}, {reloc(0, RelocKind::Keep, "main.onlyFromUnused")});
  b.add_text("main.onlyFromUnused", "you should not see me");
  b.add("main.pureInit", SymbolKind::NoPtrData, {7}).alive_with = Symbol("main.used");
  b.add("main.deadInit", SymbolKind::NoPtrData, {8}).alive_with = Symbol("main.unused");
  Linked linked = link_all({&b.object});
  ASSERT_TRUE(linked.ok());
  EXPECT_NE(linked.symbol("main.used"), nullptr);
  EXPECT_EQ(linked.symbol("main.unused"), nullptr);
  EXPECT_NE(linked.symbol("main.pureInit"), nullptr);
  EXPECT_EQ(linked.symbol("main.deadInit"), nullptr);
  EXPECT_FALSE(linked.contains("you should not see me"));
}

TEST(Link, AllUndefinedNamesAreListedInGcsWords) {
  ObjectBuilder b;
  b.add("main.main", SymbolKind::Text, {0xe8, 0, 0, 0, 0, 0xe8, 0, 0, 0, 0, 0xc3},
        {reloc(1, RelocKind::Call32, "main.missing", -4), reloc(6, RelocKind::Call32, "os.gone", -4)});
  Linked linked = link_all({&b.object}, {}, {}, "main.main");
  EXPECT_EQ(linked.result.errors, (std::vector<std::string>{"main.main: relocation target main.missing not defined",
                                                            "main.main: relocation target os.gone not defined"}));
  EXPECT_TRUE(linked.result.image.empty());

  ObjectBuilder no_main;
  no_main.add("runtime.main", SymbolKind::Text, {0xe8, 0, 0, 0, 0}, {reloc(1, RelocKind::Call32, "main.main", -4)});
  EXPECT_EQ(link_all({&no_main.object}, {}, {}, "runtime.main").result.errors,
            (std::vector<std::string>{"runtime.main: function main is undeclared in the main package"}));
}

TEST(Link, TwoDefinitionsAreAnErrorUnlessRepeatable) {
  ObjectBuilder a, b;
  add_exit(a, "_start", 0);
  add_exit(b, "_start", 0);
  EXPECT_EQ(link_all({&a.object, &b.object}).result.errors, (std::vector<std::string>{"_start: duplicate definition of symbol"}));
  a.object.definitions[0].flags = b.object.definitions[0].flags = kDupOk;
  EXPECT_TRUE(link_all({&a.object, &b.object}).ok());
}

TEST(Link, EqualInstancesOfOneGenericFunctionShareCode) {
  ObjectBuilder b;
  b.add("_start", SymbolKind::Text, {0x90, 0xc3},
        {reloc(0, RelocKind::Keep, "main.F[int]"), reloc(0, RelocKind::Keep, "main.F[uint]"),
         reloc(0, RelocKind::Keep, "main.F[string]"), reloc(0, RelocKind::Keep, "main.table")});
  for (auto [name, body] : {std::pair("main.F[int]", 1), {"main.F[uint]", 1}, {"main.F[string]", 2}}) {
    Definition& d = b.add(name, SymbolKind::Text, {0x90, body, 0xe8, 0, 0, 0, 0}, {reloc(3, RelocKind::Call32, name, -4)});
    d.flags = kFoldable | kDupOk;
    d.fold_group = Symbol("main.F");
  }
  b.add_bytes("main.table", SymbolKind::NoPtrData, Bytes(24),
              {reloc(0, RelocKind::Abs64, "main.F[int]"), reloc(8, RelocKind::Abs64, "main.F[uint]"),
               reloc(16, RelocKind::Abs64, "main.F[string]")});
  Linked linked = link_all({&b.object});
  ASSERT_TRUE(linked.ok());
  EXPECT_EQ(linked.result.stats.folded, 1u);
  const uint8_t* table = linked.at(linked.address("main.table"));
  EXPECT_EQ(load<uint64_t>(table), load<uint64_t>(table + 8));
  EXPECT_NE(load<uint64_t>(table), load<uint64_t>(table + 16));
}

TEST(Link, StringVariablesAreSetByX) {
  ObjectBuilder b;
  add_exit(b, "_start", 0);
  b.object.definitions.back().relocs =
      b.list({reloc(0, RelocKind::Keep, "main.version"), reloc(0, RelocKind::Keep, "main.number")});
  b.add_zero("main.version", SymbolKind::Bss, 16).flags = kStringVariable;
  b.add_zero("main.number", SymbolKind::NoPtrBss, 8);
  LinkOptions options;
  options.set_strings = {{"main.version", "v1.2.3"}, {"main.absent", "x"}};
  Linked linked = link_all({&b.object}, {}, options);
  ASSERT_TRUE(linked.ok()) << linked.result.errors[0];
  const uint8_t* header = linked.at(linked.address("main.version"));
  EXPECT_EQ(load<uint64_t>(header + 8), 6u);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(linked.at(load<uint64_t>(header))), 6), "v1.2.3");
  options.set_strings = {{"main.number", "1"}};
  EXPECT_EQ(link_all({&b.object}, {}, options).result.errors,
            (std::vector<std::string>{"main.number: cannot set with -X: not a var of type string"}));
}

TEST(Link, PointerMasksFollowTheDefinitions) {
  ObjectBuilder b;
  add_exit(b, "_start", 0);
  b.object.definitions.back().relocs = b.list({reloc(0, RelocKind::Keep, "main.a"), reloc(0, RelocKind::Keep, "main.z")});
  Definition& a = b.add_bytes("main.a", SymbolKind::Data, Bytes(24));
  a.ptrmask = b.list<uint8_t>({0b101});
  Definition& z = b.add_zero("main.z", SymbolKind::Bss, 64);  // [4]struct{int; *int}
  z.ptrmask = b.list<uint8_t>({0b10});
  z.ptrmask_period = 2;
  Linked linked = link_all({&b.object});
  ASSERT_TRUE(linked.ok());
  const uint8_t* module = linked.at(linked.section(".go.module")->sh_addr);
  EXPECT_EQ(load<uint64_t>(linked.at(load<uint64_t>(module + abi::Module::data_mask))), 0b101u);
  EXPECT_EQ(load<uint64_t>(linked.at(load<uint64_t>(module + abi::Module::bss_mask))), 0b10101010u);
}

TEST(Link, SameBytesForAnyOrderAndThreads) {
  auto make = [](ObjectBuilder& b, int i) {
    std::string name = "main.f" + std::to_string(i);
    b.add(name, SymbolKind::Text, {0xe8, 0, 0, 0, 0, 0x90, i & 0xff, 0xc3}, {reloc(1, RelocKind::Call32, "main.f0", -4)});
    Definition& data = b.add(name + ".data", SymbolKind::NoPtrData, {i & 0xff, 1, 2, 3});
    data.relocs = {};
  };
  constexpr int kCount = 2000;
  ObjectBuilder forward, backward, start;
  for (int i = 0; i < kCount; i++) make(forward, i);
  for (int i = kCount - 1; i >= 0; i--) make(backward, i);
  std::vector<Reloc> all;
  for (int i = 0; i < kCount; i++) {
    all.push_back(reloc(0, RelocKind::Keep, "main.f" + std::to_string(i)));
    all.push_back(reloc(0, RelocKind::Keep, "main.f" + std::to_string(i) + ".data"));
  }
  start.add("_start", SymbolKind::Text, {0xc3}, all);
  LinkOptions one, two;
  two.threads = 2;
  Linked a = link_all({&forward.object, &start.object}, {}, one);
  Linked b = link_all({&start.object, &backward.object}, {}, two);
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(a.result.image, b.result.image);
}

TEST(Link, StripLeavesNoSymbols) {
  ObjectBuilder b;
  add_exit(b, "_start", 9);
  LinkOptions options;
  options.strip_symbols = true;
  Linked linked = link_all({&b.object}, {}, options);
  ASSERT_TRUE(linked.ok());
  EXPECT_EQ(linked.section(".symtab"), nullptr);
  EXPECT_EQ(linked.section(".debug_info"), nullptr);
  EXPECT_EQ(run_image(linked, "stripped").exit_code, 9);
}

TEST(WriteExecutable, ReplacesTheWholeFileOrNothing) {
  std::string path = temp_path("replace");
  write_file(path, "old");
  Bytes image = {1, 2, 3, 4};
  EXPECT_EQ(write_executable(path, image), "");
  EXPECT_EQ(read_file(path), image);
  struct stat info;
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_TRUE((info.st_mode & 0111) != 0);
  ::unlink(path.c_str());
  EXPECT_EQ(write_executable("/no/such/folder/x", image), "open /no/such/folder/x: No such file or directory");
  EXPECT_EQ(write_executable("/dev/null", image), "");
  EXPECT_EQ(write_executable("/dev/full", image), "write /dev/full: No space left on device");
  EXPECT_EQ(write_executable("/tmp", image), "open /tmp: is a directory");
}

}  // namespace
}  // namespace gale::link
