#include "syntax/build_constraint.h"

#include <gtest/gtest.h>

namespace gale::syntax {
namespace {

bool linux_amd64(std::string_view tag) { return tag == "linux" || tag == "amd64" || tag == "unix" || tag == "go1.20"; }

bool eval(std::string_view e) {
  std::string error;
  bool v = eval_build_expression(e, linux_amd64, &error);
  EXPECT_EQ(error, "") << e;
  return v;
}

std::string error_of(std::string_view e) {
  std::string error;
  eval_build_expression(e, linux_amd64, &error);
  return error;
}

TEST(BuildConstraint, Evaluates) {
  EXPECT_TRUE(eval("linux && (amd64 || arm64)"));
  EXPECT_TRUE(eval("!windows&&unix"));
  EXPECT_FALSE(eval("linux && !amd64 || darwin"));
  EXPECT_TRUE(eval("go1.20"));
}

TEST(BuildConstraint, ReportsMistakes) {
  EXPECT_EQ(error_of("a &"), "invalid syntax at &");
  EXPECT_EQ(error_of("(a"), "missing close paren");
  EXPECT_EQ(error_of("(a &&"), "missing close paren");
  EXPECT_EQ(error_of("!!a"), "double negation not allowed");
  EXPECT_EQ(error_of("a b"), "unexpected token b");
  EXPECT_EQ(error_of(""), "unexpected end of expression");
  EXPECT_EQ(error_of("a ||"), "unexpected end of expression");
  EXPECT_EQ(error_of("a-b"), "invalid syntax at -");
}

TEST(BuildConstraint, ImpliesAGoVersion) {
  EXPECT_EQ(build_expression_go_version("linux && go1.22"), "go1.22");
  EXPECT_EQ(build_expression_go_version("(linux && go1.22) || (windows && go1.20)"), "go1.20");
  EXPECT_EQ(build_expression_go_version("linux || go1.22"), "");
  EXPECT_EQ(build_expression_go_version("!go1.22"), "");
  EXPECT_EQ(build_expression_go_version("go1"), "go1");
}

TEST(BuildConstraint, ReadsTheHeader) {
  EXPECT_TRUE(read_header("// c\n\n//go:build linux\n\npackage p\n", linux_amd64).matches);
  EXPECT_FALSE(read_header("//go:build windows\npackage p\n", linux_amd64).matches);
  EXPECT_TRUE(read_header("package p\n//go:build windows\n", linux_amd64).matches);
  EXPECT_FALSE(read_header("// +build windows\n\npackage p\n", linux_amd64).matches);
  EXPECT_TRUE(read_header("// +build windows\npackage p\n", linux_amd64).matches);
  EXPECT_TRUE(read_header("// +build windows linux,amd64\n\npackage p\n", linux_amd64).matches);
  EXPECT_FALSE(read_header("/*\n x */\n//go:build !linux\npackage p", linux_amd64).matches);
  EXPECT_EQ(read_header("//go:build a\n//go:build b\n", linux_amd64).error, "multiple //go:build comments");
  EXPECT_EQ(read_header("//go:build a ||\n", linux_amd64).error, "parsing //go:build line: unexpected end of expression");
}

TEST(BuildConstraint, JudgesFileNames) {
  EXPECT_TRUE(file_name_matches("linux.go", linux_amd64));
  EXPECT_TRUE(file_name_matches("windows.go", linux_amd64));
  EXPECT_TRUE(file_name_matches("x_linux.go", linux_amd64));
  EXPECT_FALSE(file_name_matches("x_windows.go", linux_amd64));
  EXPECT_FALSE(file_name_matches("x_linux_arm64.go", linux_amd64));
  EXPECT_TRUE(file_name_matches("x_linux_amd64_test.go", linux_amd64));
  EXPECT_FALSE(file_name_matches("zsyscall_arm64.s", linux_amd64));
  EXPECT_TRUE(file_name_matches("x_unix.go", linux_amd64));
}

}  // namespace
}  // namespace gale::syntax
