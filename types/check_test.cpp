// What the checker records in the tree, and checking on demand, on small packages.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "syntax/parser.h"
#include "types/checker.h"
#include "types/predicates.h"

namespace gale::types {
namespace {

class Checked {
 public:
  explicit Checked(std::string text, bool whole = true) : checker_(sources_, sink_) {
    package_.path = Symbol("example.com/p");
    package_.name = Symbol("p");
    syntax::ParseOptions options;
    options.skim = !whole;
    SourceFile* source = sources_.add("/p.go", "p.go", std::move(text));
    package_.files.push_back(syntax::parse_file(source, package_.arena, sink_, options));
    types_ = checker_.add_package(&package_);
    if (whole) checker_.check_package(types_);
  }
  ~Checked() { package_.types = nullptr; }

  std::string errors() const {
    std::string out;
    for (const Diagnostic& d : sink_.items()) {
      Location at = sources_.location(d.pos);
      out += std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + d.message + "\n";
    }
    return out;
  }
  Checker& checker() { return checker_; }
  Func* func(std::string_view name) { return static_cast<Func*>(types_->scope->lookup(Symbol(name))); }
  syntax::Stmt* stmt(std::string_view function, size_t i) { return func(function)->syntax->body->stmts[i]; }
  // Flags of the variables that statements of the form `use(x)` name, in that order: captured, address taken, reassigned.
  std::string flags(std::string_view function) {
    std::string out;
    for (syntax::Stmt* s : func(function)->syntax->body->stmts) {
      auto* e = syntax::as<syntax::ExprStmt>(s);
      auto* call = e == nullptr ? nullptr : syntax::as<syntax::CallExpr>(e->x);
      if (call == nullptr || call->args.size() != 1) continue;
      auto* name = syntax::as<syntax::Name>(call->args[0]);
      if (name == nullptr) continue;
      auto* v = static_cast<Var*>(name->object);
      out += std::string(name->name.text()) + ":" + (v->captured ? "c" : "") + (v->address_taken ? "a" : "") +
             (v->reassigned ? "r" : "") + " ";
    }
    return out;
  }

 private:
  SourceManager sources_;
  DiagnosticSink sink_;
  load::Package package_;
  Checker checker_;
  Package* types_ = nullptr;
};

TEST(Check, RecordsHowVariablesAreUsed) {
  Checked c("package p\n"
            "type S struct { n int; a [4]int }\n"
            "func (s *S) set() {}\n"
            "func (s S) get() {}\n"
            "func use(any) {}\n"
            "func f(p int) {\n"
            "  plain, captured, assigned, counted, both := 1, 2, 3, 4, 5\n"
            "  func() { use(captured); func() { both++ }() }()\n"
            "  assigned = 4; counted++\n"
            "  var addressed, sliced, called, viewed, field = 1, [3]int{}, S{}, S{}, S{}\n"
            "  _ = &addressed; _ = sliced[1:]; called.set(); viewed.get(); field.a[1] = 2\n"
            "  through := &S{}; through.n = 1; through.set()\n"
            "  use(plain); use(captured); use(assigned); use(counted); use(both); use(p)\n"
            "  use(addressed); use(sliced); use(called); use(viewed); use(field); use(through)\n"
            "}\n");
  EXPECT_EQ(c.errors(), "");
  EXPECT_EQ(c.flags("f"),
            "plain: captured:c assigned:r counted:r both:cr p: addressed:a sliced:a called:a viewed: field:r through: ");
}

TEST(Check, GivesUntypedOperandsTheirFinalType) {
  Checked c("package p\n"
            "func f(s uint) { var x float64 = 1; var y int64 = 1 << s; var b byte = 'a' + 1; _, _, _ = x, y, b }\n");
  EXPECT_EQ(c.errors(), "");
  auto value = [&](size_t i) {
    auto* decl = static_cast<syntax::VarDecl*>(static_cast<syntax::DeclStmt*>(c.stmt("f", i))->decls[0]);
    return decl->values;
  };
  EXPECT_EQ(value(0)->type, basic(BasicKind::Float64));
  auto* shift = static_cast<syntax::Operation*>(value(1));
  EXPECT_EQ(shift->type, basic(BasicKind::Int64));
  EXPECT_EQ(shift->x->type, basic(BasicKind::Int64));
  EXPECT_EQ(type_string(value(2)->type, nullptr), "byte");
  int64_t sum = 0;
  EXPECT_TRUE(int64_value(value(2)->constant, &sum));
  EXPECT_EQ(sum, 98);
}

TEST(Check, RecordsTypeArgumentsWhereverAFunctionIsInstantiated) {
  Checked c("package p\n"
            "func id[T any](x T) T { return x }\n"
            "func apply[A, B any](x A, f func(A) B) B { return f(x) }\n"
            "func f() { _ = id(1); _ = id[string]; var g func(bool) bool = id; _ = apply(2, id); _ = g }\n");
  EXPECT_EQ(c.errors(), "");
  auto rhs = [&](size_t i) { return static_cast<syntax::AssignStmt*>(c.stmt("f", i))->rhs; };
  auto args = [](std::span<Type*> list) {
    std::string out;
    for (Type* t : list) out += type_string(t, nullptr) + " ";
    return out;
  };
  EXPECT_EQ(args(static_cast<syntax::CallExpr*>(rhs(0))->instance_args), "int ");
  EXPECT_EQ(args(c.checker().instance_args_of(rhs(1))), "string ");
  auto* decl = static_cast<syntax::VarDecl*>(static_cast<syntax::DeclStmt*>(c.stmt("f", 2))->decls[0]);
  EXPECT_EQ(args(c.checker().instance_args_of(decl->values)), "bool ");
  auto* call = static_cast<syntax::CallExpr*>(rhs(3));
  EXPECT_EQ(args(call->instance_args), "int int ");
  EXPECT_EQ(args(c.checker().instance_args_of(call->args[1])), "int ");
}

TEST(Check, BodiesOnDemandOnly) {
  Checked c("package p\n"
            "func good() int { return helper() }\n"
            "func helper() int { return 1 }\n"
            "func bad() int { return undefined }\n",
            false);
  c.checker().check_body(c.func("good"));
  EXPECT_EQ(c.errors(), "");
  EXPECT_FALSE(c.func("helper")->body_checked);
  c.checker().check_body(c.func("bad"));
  c.checker().check_body(c.func("bad"));
  EXPECT_EQ(c.errors(), "4:25: undefined: undefined\n");
}

TEST(Check, ErrorsComeInOrderOfPhases) {
  Checked c("package p\n"
            "import \"unsafe\"\n"
            "func f() { x := 1 }\n"
            "var a = b\n"
            "var b = a\n"
            "type T struct { T }\n");
  EXPECT_EQ(c.errors(),
            "6:6: invalid recursive type: T refers to itself\n"
            "3:12: declared and not used: x\n"
            "4:5: initialization cycle for a\n\tp.go:4:5: a refers to b\n\tp.go:5:5: b refers to a\n"
            "2:8: \"unsafe\" imported and not used\n");
}

}  // namespace
}  // namespace gale::types
