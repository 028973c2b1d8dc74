// Canonical types, method sets, names of types and the order of initialisation, on small packages.
#include "types/canonical.h"

#include <string>

#include <gtest/gtest.h>

#include "syntax/parser.h"
#include "types/checker.h"
#include "types/predicates.h"
#include "types/universe.h"

namespace gale::types {
namespace {

// One checked package, from text.
class Checked {
 public:
  explicit Checked(std::string text) : checker_(sources_, sink_), canonical_(checker_) {
    package_.path = Symbol("example.com/p");
    package_.name = Symbol("p");
    package_.is_main_module = true;
    package_.files.push_back(syntax::parse_file(sources_.add("/p.go", "p.go", std::move(text)), package_.arena, sink_));
    types_ = checker_.add_package(&package_);
    checker_.check_package(types_);
    for (const Diagnostic& d : sink_.items()) errors_ += d.message + "\n";
  }
  ~Checked() { package_.types = nullptr; }

  const std::string& errors() const { return errors_; }
  Object* object(std::string_view name) { return types_->scope->lookup(Symbol(name)); }
  Type* type(std::string_view name) { return canonical_.get(object(name)->type); }
  CanonicalTypes& canonical() { return canonical_; }
  Package* types() { return types_; }

  std::string methods(Type* t) {
    std::string out;
    for (const CanonicalTypes::Method& m : canonical_.method_set(t)) {
      out += (out.empty() ? "" : " ") + std::string(m.name.text());
    }
    return out;
  }
  std::string init_order() {
    std::string out;
    for (const Initializer& i : types_->init_order) {
      for (const Var* v : i.lhs) out += std::string(v->name.text()) + " ";
    }
    return out;
  }

 private:
  SourceManager sources_;
  DiagnosticSink sink_;
  load::Package package_;
  Checker checker_;
  CanonicalTypes canonical_;
  Package* types_ = nullptr;
  std::string errors_;
};

TEST(CanonicalTypes, AliasesAndSpellingsAreOneType) {
  Checked c("package p\n"
            "type A = []byte\nvar a A\nvar b []uint8\n"
            "var f func(x int) any\nvar g func(int) interface{}\n"
            "type R interface{ Read() }\nvar i interface{ R; Write() }\nvar j interface{ Write(); Read() }\n");
  EXPECT_EQ(c.errors(), "");
  EXPECT_EQ(c.type("a"), c.type("b"));
  EXPECT_EQ(c.type("f"), c.type("g"));
  EXPECT_EQ(c.type("i"), c.type("j"));
  EXPECT_EQ(c.canonical().slice_of(basic(BasicKind::Uint8)), c.type("a"));
  EXPECT_EQ(underlying(c.type("f")), c.type("f"));
}

TEST(CanonicalTypes, InstancesWithEqualArgumentsAreOneType) {
  Checked c("package p\n"
            "type G[P, Q any] struct { p P; next *G[P, Q]; m map[string]Q }\n"
            "func (g G[P, Q]) Get() Q { return g.m[\"\"] }\n"
            "type A = G[int, string]\nvar a A\nvar b *G[int, string]\nvar s struct{ p int; next *A; m map[string]string }\n");
  EXPECT_EQ(c.errors(), "");
  EXPECT_EQ(c.canonical().pointer_to(c.type("a")), c.type("b"));
  EXPECT_EQ(underlying(c.type("a")), c.type("s"));
  EXPECT_EQ(link_string(c.type("a")), "example.com/p.G[int,string]");
  EXPECT_EQ(reflect_string(c.type("b")), "*p.G[int,string]");
  ASSERT_EQ(c.methods(c.type("a")), "Get");
  EXPECT_EQ(link_string(c.canonical().method_set(c.type("a"))[0].signature), "func() string");
}

TEST(CanonicalTypes, LocalTypesOfGenericFunctionsDifferByArguments) {
  Checked c("package p\nfunc F[T any]() any { type L struct{ t T }; return L{} }\nvar x, y = F[int](), F[string]()\n");
  EXPECT_EQ(c.errors(), "");
  auto* body = static_cast<Func*>(c.object("F"))->syntax->body;
  auto* decl = syntax::as<syntax::TypeDecl>(static_cast<syntax::DeclStmt*>(body->stmts[0])->decls[0]);
  auto params = static_cast<Func*>(c.object("F"))->signature()->type_params;
  Type* i = basic(BasicKind::Int);
  Type* s = basic(BasicKind::String);
  Type* of_int = c.canonical().get(decl->name->object->type, params, {&i, 1});
  Type* of_string = c.canonical().get(decl->name->object->type, params, {&s, 1});
  EXPECT_NE(of_int, of_string);
  EXPECT_EQ(of_int, c.canonical().get(decl->name->object->type, params, {&i, 1}));
  EXPECT_EQ(link_string(of_int), "example.com/p.F[int].L·1");
  EXPECT_EQ(reflect_string(of_int), "p.L[int]");
  EXPECT_EQ(link_string(underlying(of_string)), "struct { example.com/p.t string }");
}

TEST(CanonicalTypes, MethodSetsFollowTheSpec) {
  Checked c("package p\n"
            "type A struct{}\nfunc (A) V() {}\nfunc (*A) P() {}\nfunc (A) low() {}\n"
            "type B struct{ A }\ntype C struct{ *A }\n"
            "type D struct{ A; E }\ntype E struct{}\nfunc (E) V() {}\n"  // V is ambiguous
            "type F struct{ B; V int }\n"                                  // V is hidden by a field
            "type I interface{ Z(); a() }\ntype H struct{ I; error }\n");
  EXPECT_EQ(c.errors(), "");
  auto pointer = [&](const char* name) { return c.canonical().pointer_to(c.type(name)); };
  EXPECT_EQ(c.methods(c.type("A")), "V low");
  EXPECT_EQ(c.methods(pointer("A")), "P V low");
  EXPECT_EQ(c.methods(c.type("B")), "V low");
  EXPECT_EQ(c.methods(pointer("B")), "P V low");
  EXPECT_EQ(c.methods(c.type("C")), "P V low");
  EXPECT_EQ(c.methods(c.type("D")), "low");
  EXPECT_EQ(c.methods(pointer("F")), "P low");
  EXPECT_EQ(c.methods(c.type("H")), "Error Z a");
  EXPECT_EQ(c.methods(pointer("I")), "");
  const CanonicalTypes::Method* m = c.canonical().find_method(pointer("B"), Symbol("P"), nullptr);
  ASSERT_NE(m, nullptr);
  EXPECT_EQ(m->path, std::vector<uint32_t>{0});
  EXPECT_EQ(m->receiver_base, c.type("A"));
}

TEST(CanonicalTypes, RecursiveTypesEnd) {
  Checked c("package p\ntype T struct{ next *T; f func(T) I }\ntype I interface{ M(I) T }\n"
            "type L[P any] struct{ v P; rest *L[P] }\nvar l L[L[T]]\n");
  EXPECT_EQ(c.errors(), "");
  EXPECT_EQ(link_string(c.type("l")), "example.com/p.L[example.com/p.L[example.com/p.T]]");
  EXPECT_TRUE(underlying(c.type("T"))->canonical);
}

TEST(InitOrder, FollowsReferencesThroughFunctions) {
  Checked c("package p\n"
            "var a = f()\nfunc f() int { return g() + b }\nfunc g() int { if false { return f() }; return c }\n"
            "var b, c = 1, d\nvar d = 2\nvar e, h = pair()\nfunc pair() (int, int) { return 0, 0 }\n");
  EXPECT_EQ(c.errors(), "");
  EXPECT_EQ(c.init_order(), "b d c a e h ");
}

TEST(InitOrder, ReportsCycles) {
  Checked c("package p\nvar a = f()\nfunc f() int { return b }\nvar b = a\n");
  EXPECT_NE(c.errors().find("initialization cycle"), std::string::npos) << c.errors();
}

TEST(Declarations, ReportsCyclesOfTypes) {
  EXPECT_EQ(Checked("package p\ntype T T\n").errors(), "invalid recursive type: T refers to itself\n");
  EXPECT_EQ(Checked("package p\ntype A = B\ntype B = A\n").errors().substr(0, 24), "invalid recursive type A");
  EXPECT_EQ(Checked("package p\ntype S struct{ s [2]S }\n").errors().substr(0, 22), "invalid recursive type");
}

TEST(Declarations, LongChainsDoNotCrash) {
  std::string text = "package p\n";
  for (int i = 0; i < 50000; i++) {
    text += "const c" + std::to_string(i) + " = c" + std::to_string(i + 1) + " + 1\n";
  }
  text += "const c50000 = 0\n";
  Checked c(text);  // resolved, or refused with an error
  EXPECT_TRUE(c.errors().empty() || c.errors().find("too long a chain") != std::string::npos) << c.errors().substr(0, 500);
}

}  // namespace
}  // namespace gale::types
