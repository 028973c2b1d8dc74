// Initialisation units (DESIGN D15): how a package-level initialiser is carried out, and its code if it has any.
#include "base/check.h"
#include "discover/names.h"
#include "lower/body.h"
#include "lower/program_impl.h"
#include "lower/static_value.h"
#include "lower/walk.h"
#include "types/constant.h"

namespace gale::lower {

using namespace syntax;

namespace {

// Does evaluating an expression do nothing but give a value? Calls (but of harmless predeclared functions), receives and
// whatever may panic count as effects; the bodies of literals do not.
struct EffectFinder : Walker {
  bool effect = false;

 protected:
  bool pre(Node* n) override {
    if (effect || n->kind == NodeKind::FuncLit) return false;
    switch (n->kind) {
      case NodeKind::CallExpr: call(static_cast<CallExpr*>(n)); break;
      case NodeKind::Operation: operation(static_cast<Operation*>(n)); break;
      case NodeKind::IndexExpr: {
        auto* e = static_cast<IndexExpr*>(n);
        const bool instance = !e->instance_args.empty() || e->x->mode == Mode::TypeExpr || e->mode == Mode::TypeExpr;
        const bool of_map = e->x->type != nullptr && types::under_as<types::Map>(e->x->type) != nullptr;
        if (!instance && !of_map && e->constant == nullptr) effect = true;
        return !instance;
      }
      case NodeKind::SliceExpr:
      case NodeKind::AssertExpr: effect = true; break;
      case NodeKind::SelectorExpr: {
        auto* e = static_cast<SelectorExpr*>(n);
        if (e->selection != nullptr && (e->selection->indirect || e->implicit_star)) effect = true;
        if (e->selection != nullptr && e->selection->kind == types::Selection::MethodValue) effect = true;
        break;
      }
      case NodeKind::CompositeLit: {
        auto* e = static_cast<CompositeLit*>(n);
        auto* m = e->type == nullptr ? nullptr : types::under_as<types::Map>(e->type);
        if (m != nullptr && types::is_interface(m->key)) effect = true;  // a key may be unhashable
        break;
      }
      default: break;
    }
    auto is_type = [](Node* x) {
      switch (x->kind) {
        case NodeKind::ArrayType: case NodeKind::SliceType: case NodeKind::StructType: case NodeKind::InterfaceType:
        case NodeKind::FuncType: case NodeKind::MapType: case NodeKind::ChanType:
          return true;
        default:
          return false;
      }
    };
    return !effect && !is_type(n);
  }

 private:
  void call(CallExpr* e) {
    Expr* fun = unparen(e->fun);
    if (e->constant != nullptr || fun->mode == Mode::TypeExpr) {
      // Only a conversion to an array (pointer) may panic.
      if (e->constant == nullptr && e->args.size() == 1 && e->args[0]->type != nullptr && e->type != nullptr &&
          types::under_as<types::Slice>(e->args[0]->type) != nullptr && types::under_as<types::Slice>(e->type) == nullptr &&
          !types::is_string(e->type) && !types::is_interface(e->type)) {
        effect = true;
      }
      return;
    }
    effect = true;
    auto* n = as<Name>(fun);
    if (fun->mode != Mode::Builtin || n == nullptr || n->object == nullptr) return;
    switch (static_cast<types::Builtin*>(n->object)->id) {
      case types::BuiltinId::Cap: case types::BuiltinId::Len: case types::BuiltinId::Complex: case types::BuiltinId::Real:
      case types::BuiltinId::Imag: case types::BuiltinId::Max: case types::BuiltinId::Min: case types::BuiltinId::New:
        effect = false;
        return;
      case types::BuiltinId::Make:
        effect = false;
        for (size_t i = 1; i < e->args.size(); i++) effect |= e->args[i]->constant == nullptr;
        return;
      default:
        return;
    }
  }
  void operation(Operation* o) {
    if (o->constant != nullptr) return;
    switch (o->op) {
      case syntax::Op::Recv: effect = true; return;
      case syntax::Op::Mul: effect |= o->y == nullptr; return;  // *p
      case syntax::Op::Div:
      case syntax::Op::Rem:
        effect |= o->y == nullptr || o->y->constant == nullptr;
        return;
      case syntax::Op::Shl:
      case syntax::Op::Shr:
        effect |= o->y == nullptr || (o->y->constant == nullptr && (o->y->type == nullptr || !types::is_unsigned(o->y->type)));
        return;
      case syntax::Op::Eql:
      case syntax::Op::Neq:
        // Interfaces may hold what cannot be compared.
        effect |= o->x->type != nullptr && types::under_as<types::Basic>(o->x->type) == nullptr;
        return;
      default:
        return;
    }
  }
};

}  // namespace

UnitKind Program::unit_kind(types::Package* p, uint32_t unit) {
  const std::pair<const types::Package*, uint32_t> key{p, unit};
  auto it = impl->unit_kinds.find(key);
  if (it != impl->unit_kinds.end()) return it->second;
  const types::Initializer& init = p->init_order[unit];
  UnitKind kind = UnitKind::Effectful;
  bool is_static = false;
  if (init.lhs.size() == 1) {
    ir::Data none;
    StaticWriter probe(*this, p, {}, true);
    is_static = probe.value(init.init, types.get(init.lhs[0]->type), &none, 0);
  }
  if (is_static) {
    kind = UnitKind::Static;
  } else {
    EffectFinder finder;
    finder.visit(init.init);
    if (!finder.effect) kind = UnitKind::Pure;
  }
  return impl->unit_kinds[key] = kind;
}

void Program::init_unit(const discover::FunctionInstance& f) {
  const types::Initializer& init = f.package->init_order[f.unit];
  analyze(init);
  Body b(*this, discover::function_symbol(f));
  b.func.display_name = Symbol(discover::package_prefix(f.package) + ".init");
  b.package = f.package;
  b.is_static_init = true;
  if (init.decl != nullptr) b.go_version = init.decl->go_version;
  b.pos = b.func.pos = start_pos(init.init);
  b.func.end_pos = end_pos(init.init);
  b.facts = facts(init.init);
  b.begin({}, {});
  auto assign = [&](types::Var* v, const Val& value) {
    if (v->name.text() == "_") return;
    b.store(b.global_addr(v), 0, b.assign_convert(value, types.get(v->type)));
  };
  if (init.lhs.size() == 1) {
    assign(init.lhs[0], b.expr_as(init.init, types.get(init.lhs[0]->type)));
  } else {
    const std::vector<Val> values = b.exprs(init.init);
    CHECK(values.size() == init.lhs.size(), "as many values as variables");
    for (size_t i = 0; i < values.size(); i++) assign(init.lhs[i], values[i]);
  }
  b.finish_with_return();
  b.end();
  result->funcs.insert(result->funcs.begin(), std::move(b.owned_func));
}

}  // namespace gale::lower
