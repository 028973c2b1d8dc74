// C++ and assembler objects as input, made by the compiler at test time.
#include <gtest/gtest.h>

#include "link/test_program.h"

namespace gale::link {
namespace {

using namespace test;

constexpr const char* kFlags =
    "-O1 -ffreestanding -fno-exceptions -fno-rtti -fno-stack-protector -fcf-protection=none -ffunction-sections "
    "-fdata-sections -fno-asynchronous-unwind-tables -mno-red-zone ";

Bytes compile(std::string_view source, std::string_view name, std::string_view extra_flags, std::string_view extension = "cpp") {
  std::string in = temp_path(std::string(name) + "." + std::string(extension)), out = temp_path(std::string(name) + ".o");
  write_file(in, source);
  CommandResult r = run_command("g++ " + std::string(kFlags) + std::string(extra_flags) + " -c " + in + " -o " + out);
  EXPECT_EQ(r.exit_code, 0) << r.output;
  Bytes bytes = read_file(out);
  ::unlink(in.c_str());
  ::unlink(out.c_str());
  return bytes;
}

constexpr std::string_view kMain = R"(
namespace { int counter = 40; }
extern int shared;
extern "C" void go_function();
extern "C" __attribute__((weak)) int not_there();
inline int twice(int x) { static int calls; calls++; return x * 2 + calls - 1; }
int other(int);
const char* const names[] = {"zero", "one", "two"};
extern "C" void unused_function() { counter++; }
static int weigh(int i) {
  switch (i) { case 0: return 3; case 1: return shared; case 2: return 7; case 3: return names[2][0] - 't'; case 4: return 1; default: return 0; }
}
extern "C" [[noreturn]] void cxx_start() {
  counter += twice(1);
  int code = counter + (not_there ? 100 : 0) + other(1);
  for (int i = 0; i < 5; i++) code += weigh(i);
  go_function();
  asm volatile("syscall" : : "a"(60), "D"(code) : "memory");
  __builtin_unreachable();
}
)";
constexpr std::string_view kOther = R"(
int shared = 5;
inline int twice(int x) { static int calls; calls++; return x * 2 + calls - 1; }
int other(int x) { return twice(x) - 3; }
)";

class ElfObject : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!have_program("g++")) GTEST_SKIP() << "no g++";
  }
};

TEST_P(ElfObject, CxxFilesLinkWithGoAndRun) {
  Bytes main = compile(kMain, "main", GetParam()), other = compile(kOther, "other", GetParam());
  ObjectBuilder go;
  go.add("go_function", SymbolKind::Text, {0xc3});
  go.add("_start", SymbolKind::Text, {0xe8, 0, 0, 0, 0}, {reloc(1, RelocKind::Call32, "cxx_start", -4)});
  Linked linked = link_all({&go.object}, {{"main.o", main}, {"other.o", other}});
  ASSERT_TRUE(linked.ok()) << linked.result.errors[0];
  // 40 + 2 (twice, first call) + (2 + 1 - 3) (other, second call) + 3 + 5 + 7 + 0 + 1
  EXPECT_EQ(run_image(linked, "cxx").exit_code, 58);
  EXPECT_NE(linked.symbol("other"), nullptr);
  EXPECT_EQ(linked.symbol("unused_function"), nullptr);
}

INSTANTIATE_TEST_SUITE_P(CodeModels, ElfObject, testing::Values("-fno-pie", "-fpie", "-fpic -fno-plt"));

TEST(ElfObjectErrors, AreReportedWithTheFilesName) {
  ObjectBuilder go;
  go.add("_start", SymbolKind::Text, {0xc3});
  Bytes junk = {1, 2, 3};
  EXPECT_EQ(link_all({&go.object}, {{"bad.o", junk}}).result.errors, (std::vector<std::string>{"bad.o: too short for an ELF file"}));
  if (!have_program("g++")) GTEST_SKIP() << "no g++";
  Bytes constructors = compile("int f(); int x = f();", "ctor", "-fno-pie");
  EXPECT_EQ(link_all({&go.object}, {{"ctor.o", constructors}}).result.errors,
            (std::vector<std::string>{"ctor.o: has static constructors or destructors"}));
  // Every cut of a good file is refused or read, never a crash.
  Bytes good = compile(kOther, "good", "-fno-pie");
  for (size_t cut = 0; cut < good.size(); cut += 7) {
    Bytes part(good.begin(), good.begin() + static_cast<ptrdiff_t>(cut));
    EXPECT_FALSE(link_all({&go.object}, {{"cut.o", part}}).ok()) << cut;
  }
}

TEST(ElfObjectErrors, UndefinedNamesOfCxxAreErrors) {
  if (!have_program("g++")) GTEST_SKIP() << "no g++";
  Bytes object = compile("extern \"C\" void gone(); extern \"C\" void cxx_start() { gone(); }", "undef", "-fno-pie");
  Linked linked = link_all({}, {{"undef.o", object}}, {}, "cxx_start");
  ASSERT_EQ(linked.result.errors.size(), 1u);
  EXPECT_NE(linked.result.errors[0].find("relocation target gone not defined"), std::string::npos) << linked.result.errors[0];
}

TEST(ElfObjectErrors, AssemblerFileWithSeveralFunctionsHasARowForEach) {
  if (!have_program("g++")) GTEST_SKIP() << "no g++";
  Bytes object = compile(R"(
    .text
    .globl first
    .type first, @function
first: ret
    .size first, .-first
    .globl "runtime.gate"
    .type "runtime.gate", @function
"runtime.gate": mov $60, %eax
    xor %edi, %edi
    syscall
    .size "runtime.gate", .-"runtime.gate"
  )", "gates", "", "s");
  Linked linked = link_all({}, {{"gates.o", object}}, {}, "runtime.gate");
  ASSERT_TRUE(linked.ok()) << linked.result.errors[0];
  EXPECT_EQ(linked.result.stats.functions, 2u);
  EXPECT_EQ(linked.address("runtime.gate"), linked.address("first") + 1);
  EXPECT_EQ(run_image(linked, "gates").exit_code, 0);
}

}  // namespace
}  // namespace gale::link
