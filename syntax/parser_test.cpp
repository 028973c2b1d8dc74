#include "syntax/parser.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace gale::syntax {
namespace {

struct Parsed {
  SourceManager sources;
  Arena arena;
  DiagnosticSink sink;
  SourceFile* source = nullptr;
  File* file = nullptr;

  explicit Parsed(std::string text, const ParseOptions& options = {}) {
    source = sources.add("/x/x.go", "x.go", std::move(text));
    file = parse_file(source, arena, sink, options);
  }
  std::string errors() const {
    std::string out;
    for (const Diagnostic& d : sink.items()) {
      Location l = sources.location(d.pos);
      out += fmt::format("{}:{}: {}\n", l.line, l.column, d.message);
    }
    return out;
  }
  std::string at(Pos pos) const {
    Location l = sources.location(pos);
    return fmt::format("{}:{}", l.line, l.column);
  }
  template <class T>
  T* decl(size_t i) const { return as<T>(file->decls[i]); }
};

std::string errors_of(std::string body) { return Parsed("package p\n" + body).errors(); }

// An expression, parsed and printed again.
std::string reprint(const std::string& x) {
  Parsed p("package p\nvar _ = " + x + "\n");
  EXPECT_EQ(p.errors(), "") << x;
  return expr_string(p.decl<VarDecl>(0)->values);
}

TEST(Parser, PrintsExpressionsAsTheMessagesDo) {
  for (const char* x : {"a.b[i]", "f(x, y...)", "a[1:2:3]", "a[:]", "x.(T)", "-x + y", "<-c", "*p", "&x", "[]int(nil)",
                        "map[string][]byte(nil)", "func(a, b int, c ...string) (x int, err error)(nil)",
                        "struct{a, b int; T; c string \"tag\"}{}", "interface{f(x int) int; ~int | string}(nil)",
                        "(<-chan int)(nil)", "G[int, string](x)", "[...]int{…}", "a == b && c"}) {
    std::string in(x);
    size_t dots = in.find("…");
    if (dots != in.npos) in = in.substr(0, dots) + "1, 2}";
    EXPECT_EQ(reprint(in), x);
  }
  EXPECT_EQ(reprint("func(x int) int { return x }"), "func(x int) int {…}");
  EXPECT_EQ(reprint("func() {}"), "func() {}");
  EXPECT_EQ(reprint("chan (<-chan int)(nil)"), "chan (<-chan int)(nil)");
  EXPECT_EQ(reprint("T{a: 1}"), "T{…}");
}

TEST(Parser, PlacesNodesWhereGcDoes) {
  Parsed p("package p\nfunc (r T) f() { x.y = a + b(c[1]) }\nvar v = T{1}\n");
  ASSERT_EQ(p.errors(), "");
  FuncDecl* f = p.decl<FuncDecl>(0);
  EXPECT_EQ(p.at(f->pos), "2:6");
  EXPECT_EQ(p.at(f->func_type->pos), "2:13");
  AssignStmt* s = as<AssignStmt>(f->body->stmts[0]);
  EXPECT_EQ(p.at(s->pos), "2:22");
  EXPECT_EQ(p.at(s->lhs->pos), "2:19");
  EXPECT_EQ(p.at(start_pos(s->lhs)), "2:18");
  EXPECT_EQ(p.at(s->rhs->pos), "2:26");
  CallExpr* call = as<CallExpr>(as<Operation>(s->rhs)->y);
  EXPECT_EQ(p.at(call->pos), "2:29");
  EXPECT_EQ(p.at(call->right_paren), "2:34");
  EXPECT_EQ(p.at(end_pos(call)), "2:33");
  EXPECT_EQ(p.at(p.decl<VarDecl>(1)->values->pos), "3:10");
}

TEST(Parser, TellsTypeParametersFromArrays) {
  auto params = [](const char* text) { return Parsed(std::string("package p\ntype ") + text).decl<TypeDecl>(0)->type_params.size(); };
  EXPECT_EQ(params("T[P any] int"), 1u);
  EXPECT_EQ(params("T[P, Q any] int"), 2u);
  EXPECT_EQ(params("T[P *C] int"), 0u);
  EXPECT_EQ(params("T[P *C,] int"), 1u);
  EXPECT_EQ(params("T[P *struct{}] int"), 1u);
  EXPECT_EQ(params("T[P *C|Q] int"), 0u);
  EXPECT_EQ(params("T[P *C|~Q] int"), 1u);
  EXPECT_EQ(params("T[P []int] int"), 1u);
  EXPECT_EQ(params("T[N] int"), 0u);
  EXPECT_EQ(params("T[N * 2] int"), 0u);
  EXPECT_EQ(params("T[P (C),] int"), 1u);
  EXPECT_EQ(params("T[] int"), 0u);
}

TEST(Parser, ReportsOneSyntaxErrorALine) {
  EXPECT_EQ(errors_of("func f() { x := ) ; y = = }\n"), "2:17: syntax error: unexpected ), expected expression\n");
  EXPECT_EQ(errors_of("var x\n"), "2:6: syntax error: unexpected newline, expected type\n");
  EXPECT_EQ(errors_of("func f()\n{\n}\n"), "3:1: syntax error: unexpected semicolon or newline before {\n");
  EXPECT_EQ(errors_of("x := 1\n"), "2:1: syntax error: non-declaration statement outside function body\n");
  EXPECT_EQ(errors_of("func f() { if x = 1 { } }\n"), "2:17: syntax error: cannot use assignment x = 1 as value\n");
  EXPECT_EQ(errors_of("func f() { for i := 0; i < 10 { } }\n"), "2:31: syntax error: unexpected {, expected semicolon or newline\n");
  EXPECT_EQ(errors_of("func f() { defer (g()) }\n"), "2:18: expression in defer must not be parenthesized\n");
  EXPECT_EQ(Parsed("func f() {}\n").errors(), "1:1: syntax error: package statement must be first\n");
}

TEST(Parser, ChecksBranches) {
  EXPECT_EQ(errors_of("func f() { break; L: for { continue L; break M } }\n"),
            "2:12: break is not in a loop, switch, or select\n2:46: break label not defined: M\n");
  EXPECT_EQ(errors_of("func f() { L: x() }\n"), "2:12: label L defined and not used\n");
  EXPECT_EQ(errors_of("func f() { goto L; x := 1; _ = x; L: }\n"),
            "2:17: goto L jumps over declaration of x at x.go:2:22\n");
  EXPECT_EQ(errors_of("func f() { goto L; { L: } }\n"), "2:17: goto L jumps into block starting at x.go:2:20\n");
  EXPECT_EQ(errors_of("func f() { { L: ; goto L }; { goto L } }\n"), "2:36: goto L jumps into block starting at x.go:2:12\n");
  EXPECT_EQ(errors_of("func f() { switch { case a: fallthrough } }\n"),
            "2:29: cannot fallthrough final case in switch\n");
  EXPECT_EQ(errors_of("func f() { switch { case a: fallthrough; case b: } }\n"), "");
}

TEST(Parser, RecordsDirectives) {
  Parsed p(
      "//go:build linux && go1.21\n\n//go:debug a=b\npackage p\n\nimport _ \"unsafe\"\nimport _ \"embed\"\n"
      "//go:linkname f runtime.f\n//go:noinline\n//go:nosplit\nfunc f()\n\n//go:embed a.txt \"b c\"\nvar v string\n");
  ASSERT_EQ(p.errors(), "");
  EXPECT_EQ(p.file->go_version, "go1.21");
  ASSERT_EQ(p.file->go_debug.size(), 1u);
  EXPECT_EQ(p.file->go_debug[0], "a=b");
  ASSERT_EQ(p.file->linknames.size(), 1u);
  EXPECT_EQ(p.file->linknames[0].target.text(), "runtime.f");
  EXPECT_EQ(p.decl<FuncDecl>(2)->pragma.flags,
            static_cast<uint32_t>(Pragma::kNoinline | Pragma::kNosplit | Pragma::kNocheckptr));
  VarDecl* v = p.decl<VarDecl>(3);
  ASSERT_EQ(v->embed_patterns.size(), 2u);
  EXPECT_EQ(v->embed_patterns[1], "b c");
  EXPECT_EQ(p.file->late_errors.size(), 0u);
}

TEST(Parser, ComplainsOfMisplacedDirectives) {
  EXPECT_EQ(errors_of("func f() {\n//go:noinline\nx() }\n"), "3:3: misplaced compiler directive\n");
  EXPECT_EQ(errors_of("var x int //go:noinline\n"), "2:13: misplaced compiler directive\n");
  Parsed late("package p\n//go:noinline\ntype T int\n//go:linkname a b\n");
  EXPECT_EQ(late.errors(), "");
  ASSERT_EQ(late.file->late_errors.size(), 2u);
  EXPECT_EQ(late.file->late_errors[1].message, "//go:linkname only allowed in Go files that import \"unsafe\"");
}

TEST(Parser, AppliesLineDirectives) {
  Parsed p("package p\n//line foo.y:10:5\nvar x = 1\nvar /*line bar.y:7:3*/ y = 2\n");
  ASSERT_EQ(p.errors(), "");
  Location x = p.sources.location(p.decl<VarDecl>(0)->pos), y = p.sources.location(p.decl<VarDecl>(1)->pos);
  EXPECT_EQ(x.file, "foo.y");
  EXPECT_EQ(x.line, 10u);
  EXPECT_EQ(x.column, 9u);
  EXPECT_EQ(y.file, "bar.y");
  EXPECT_EQ(y.line, 7u);
  EXPECT_EQ(errors_of("//line x.go:0\n"), "2:13: invalid line number: 0\n");
  Parsed q("package p\n//line :3\nvar x = 1\n//line a.go:5\nvar y = 1\n//line :7:2\nvar z = 1\n");
  Location no_file = q.sources.location(q.decl<VarDecl>(0)->pos), kept = q.sources.location(q.decl<VarDecl>(2)->pos);
  EXPECT_EQ(no_file.file, "");
  EXPECT_EQ(no_file.line, 3u);
  EXPECT_EQ(kept.file, "a.go");
  EXPECT_EQ(kept.line, 7u);
}

TEST(Parser, SkimsBodies) {
  std::string text =
      "package p\nfunc f() { a := \"}\"; b := '}'; c := `}`; /* } */ // }\n { x() } }\nfunc g() int { return 1 }\n"
      "var h = func() { y() }\n";
  ParseOptions options;
  options.skim = true;
  Parsed p(text, options);
  ASSERT_EQ(p.errors(), "");
  FuncDecl* f = p.decl<FuncDecl>(0);
  ASSERT_EQ(f->body, nullptr);
  EXPECT_TRUE(f->has_body);
  EXPECT_EQ(p.at(f->body_end), "3:10");
  EXPECT_NE(as<FuncLit>(p.decl<VarDecl>(2)->values)->body, nullptr);
  parse_body(p.source, f, p.arena, p.sink);
  ASSERT_EQ(p.errors(), "");
  EXPECT_EQ(f->body->stmts.size(), 4u);
  Parsed unbalanced("package p\nfunc f() { { }\nfunc g() {}\n", options);
  EXPECT_NE(unbalanced.errors(), "");
}

TEST(Parser, LimitsNesting) {
  auto nested = [](std::string open, std::string close, int n) {
    std::string s = "package p\nvar x = ";
    for (int i = 0; i < n; i++) s += open;
    s += "1";
    for (int i = 0; i < n; i++) s += close;
    return Parsed(s + "\n").errors();
  };
  EXPECT_EQ(nested("(", ")", 1000), "");
  EXPECT_NE(nested("(", ")", 100000).find("exceeded max nesting depth"), std::string::npos);
  EXPECT_NE(nested("- ", "", 100000).find("exceeded max nesting depth"), std::string::npos);
  EXPECT_NE(nested("T{{", "}}", 100000).find("exceeded max nesting depth"), std::string::npos);
  EXPECT_NE(nested("func() { x = ", "}", 100000).find("exceeded max nesting depth"), std::string::npos);
  EXPECT_NE(nested("1+", "", 100000).find("exceeded max nesting depth"), std::string::npos);
  EXPECT_NE(nested("[]", "", 100000).find("exceeded max nesting depth"), std::string::npos);
  EXPECT_NE(nested("y[", "]", 100000).find("exceeded max nesting depth"), std::string::npos);
  std::string selectors = "package p\nvar x = y";
  for (int i = 0; i < 100000; i++) selectors += ".z";
  EXPECT_NE(Parsed(selectors + "\n").errors().find("exceeded max nesting depth"), std::string::npos);
  EXPECT_EQ(nested("1+", "", 5000), "");
  std::string ifs = "package p\nfunc f() { ";
  for (int i = 0; i < 100000; i++) ifs += "if x { } else ";
  EXPECT_NE(Parsed(ifs + "{ } }\n").errors().find("exceeded max nesting depth"), std::string::npos);
}

}  // namespace
}  // namespace gale::syntax
