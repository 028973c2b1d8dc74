// Facts about bodies (see facts.h): one walk over a declared function or initialiser, literals included. A range-over-func
// body counts as a literal, since it becomes one (range_func.cpp).
#include "lower/facts.h"

#include <absl/container/flat_hash_set.h>

#include "lower/program.h"
#include "lower/walk.h"
#include "syntax/nodes.h"
#include "types/predicates.h"

namespace gale::lower {

namespace {

using namespace syntax;

bool ranges_over_func(const ForStmt* s) {
  auto* r = as<RangeClause>(s->init);
  if (r == nullptr || r->x->type == nullptr) return false;
  Type* core = types::core_type(r->x->type);
  return core != nullptr && types::under_as<types::Signature>(core) != nullptr;
}

types::Var* local_var(const Expr* e) {
  auto* name = as<Name>(const_cast<Expr*>(e));
  if (name == nullptr || name->object == nullptr || name->object->kind != types::ObjectKind::Var) return nullptr;
  auto* v = static_cast<types::Var*>(name->object);
  return v->role == types::VarRole::Package || v->role == types::VarRole::Field ? nullptr : v;
}

// The variable whose memory x is a part of: x itself, x.f, x[i] of an array. Null: none, or a pointer lies between.
types::Var* root_variable(Expr* x) {
  while (x != nullptr) {
    x = unparen(x);
    if (x->kind == NodeKind::Name) return local_var(x);
    if (auto* s = as<SelectorExpr>(x)) {
      if (s->selection == nullptr || s->x->type == nullptr) return nullptr;
      if (types::under_as<types::Pointer>(s->x->type) != nullptr) return nullptr;
      x = s->x;
      continue;
    }
    if (auto* i = as<IndexExpr>(x)) {
      if (i->x->type == nullptr) return nullptr;
      Type* core = types::core_type(i->x->type);
      if (core == nullptr || types::under_as<types::Array>(core) == nullptr) return nullptr;
      x = i->x;
      continue;
    }
    return nullptr;
  }
  return nullptr;
}

class FactWalker : public Walker {
 public:
  explicit FactWalker(absl::flat_hash_map<const Node*, FunctionFacts>& facts) : facts_(facts) {}

  void run(const Node* key, Node* body) {
    enter(key);
    visit(body);
    leave();
  }
  void declare(types::Var* v) {
    if (v != nullptr) declared_[v] = static_cast<uint32_t>(stack_.size());
  }
  void enter(const Node* key) { stack_.push_back({key, &facts_[key], {}, 0}); copy_pointer_safe(); }
  void leave() { stack_.pop_back(); }

 protected:
  bool pre(Node* n) override {
    switch (n->kind) {
      case NodeKind::Name: use(static_cast<Name*>(n)); return false;
      case NodeKind::FuncLit: {
        auto* lit = static_cast<FuncLit*>(n);
        enter(lit);
        declare_fields(lit->func_type->params);
        declare_fields(lit->func_type->results);
        visit(lit->body);
        leave();
        return false;
      }
      case NodeKind::ForStmt: return for_stmt(static_cast<ForStmt*>(n));
      case NodeKind::AssignStmt: assign(static_cast<AssignStmt*>(n)); return true;
      case NodeKind::VarDecl:
        for (Name* name : static_cast<VarDecl*>(n)->names) declare(local_var(name));
        return true;
      case NodeKind::TypeDecl:
      case NodeKind::ConstDecl:
        return false;
      case NodeKind::CallStmt:
        if (static_cast<CallStmt*>(n)->token == Token::Defer) {
          // A defer of a range-over-func body runs when the function that contains the loop returns.
          for (size_t i = stack_.size(); i-- > 0;) {
            FunctionFacts& f = facts_[stack_[i].key];
            f.has_defer = true;
            f.defer_count++;
            if (stack_[i].loop_depth > 0) f.defer_in_loop = true;
            if (stack_[i].key->kind != NodeKind::ForStmt) break;
          }
        }
        return true;
      case NodeKind::BranchStmt:
        // A backward goto is a loop.
        if (static_cast<BranchStmt*>(n)->token == Token::Goto) facts_[stack_.back().key].defer_in_loop = true;
        return false;
      case NodeKind::SwitchStmt: {
        for (CaseClause* c : static_cast<SwitchStmt*>(n)->body) {
          if (c->implicit_object != nullptr) declare(static_cast<types::Var*>(c->implicit_object));
        }
        return true;
      }
      case NodeKind::Operation: {
        auto* o = static_cast<Operation*>(n);
        if (o->y == nullptr && o->op == Op::And) take_address(o->x);
        return true;
      }
      case NodeKind::SliceExpr: {
        auto* s = static_cast<SliceExpr*>(n);
        Type* core = s->x->type == nullptr ? nullptr : types::core_type(s->x->type);
        if (core != nullptr && types::under_as<types::Array>(core) != nullptr) take_address(s->x);
        return true;
      }
      case NodeKind::SelectorExpr: {
        auto* s = static_cast<SelectorExpr*>(n);
        if (s->selection != nullptr && s->selection->kind == types::Selection::MethodValue &&
            s->selection->object->kind == types::ObjectKind::Func) {
          auto* f = static_cast<types::Func*>(s->selection->object);
          Type* recv = f->signature()->receiver != nullptr ? f->signature()->receiver->type : nullptr;
          // Of a type parameter the method may have a pointer receiver.
          const bool by_pointer = recv == nullptr || types::as<types::Pointer>(recv) != nullptr || f->has_ptr_receiver ||
                                  types::is_type_param(s->x->type);
          if (by_pointer) take_address(s->x);
        }
        visit(s->x);
        return false;
      }
      case NodeKind::KeyValueExpr: {
        auto* kv = static_cast<KeyValueExpr*>(n);
        visit(kv->key);
        visit(kv->value);
        return false;
      }
      default:
        return true;
    }
  }

 private:
  struct Level {
    const Node* key;
    FunctionFacts* unused;
    absl::flat_hash_set<const types::Var*> mentioned;
    uint32_t loop_depth;
  };
  void copy_pointer_safe() { stack_.back().unused = nullptr; }  // facts_ rehashes: always look up by key

  void use(Name* name) {
    types::Var* v = local_var(name);
    if (v == nullptr) return;
    auto it = declared_.find(v);
    if (it == declared_.end()) {
      declare(v);
      return;
    }
    const uint32_t level = it->second;
    if (level == stack_.size()) return;
    v->middle |= kCaptured;
    for (size_t i = level; i < stack_.size(); i++) {
      if (stack_[i].mentioned.insert(v).second) facts_[stack_[i].key].used.push_back(v);
    }
  }
  void take_address(Expr* x) {
    if (types::Var* v = root_variable(x)) v->middle |= kAddressTaken;
  }
  void reassign(Expr* x) {
    if (types::Var* v = root_variable(x)) v->middle |= kReassigned;
  }
  void assign(AssignStmt* s) {
    auto one = [&](Expr* x) {
      if (s->define) {
        auto* name = as<Name>(x);
        types::Var* v = local_var(name);
        if (v != nullptr && !declared_.contains(v)) {
          declare(v);
          return;
        }
      }
      reassign(x);
    };
    if (auto* list = as<ListExpr>(s->lhs)) {
      for (Expr* x : list->elems) one(x);
    } else {
      one(s->lhs);
    }
  }
  void declare_fields(std::span<Field* const> fields) {
    for (Field* f : fields) {
      if (f->name != nullptr) declare(local_var(f->name));
    }
  }
  bool for_stmt(ForStmt* s) {
    auto* r = as<RangeClause>(s->init);
    if (r == nullptr) {
      visit(s->init);
      stack_.back().loop_depth++;
      visit(s->cond);
      visit(s->post);
      visit(s->body);
      stack_.back().loop_depth--;
      return false;
    }
    visit(r->x);
    const bool over_func = ranges_over_func(s);
    stack_.back().loop_depth++;
    if (over_func) enter(s);
    auto each = [&](Expr* x) {
      if (r->define) {
        declare(local_var(x));
      } else {
        reassign(x);
        visit(x);
      }
    };
    if (auto* list = as<ListExpr>(r->lhs)) {
      for (Expr* x : list->elems) each(x);
    } else if (r->lhs != nullptr) {
      each(r->lhs);
    }
    visit(s->body);
    if (over_func) leave();
    stack_.back().loop_depth--;
    return false;
  }

  absl::flat_hash_map<const Node*, FunctionFacts>& facts_;
  absl::flat_hash_map<const types::Var*, uint32_t> declared_;
  std::vector<Level> stack_;
};

}  // namespace

void analyze_function(types::Func* f, absl::flat_hash_map<const Node*, FunctionFacts>& facts) {
  FactWalker w(facts);
  const FuncDecl* d = f->syntax;
  w.enter(d);
  const types::Signature* sig = f->signature();
  w.declare(sig->receiver);
  for (types::Var* v : sig->params->vars) w.declare(v);
  for (types::Var* v : sig->results->vars) w.declare(v);
  auto fields = [&](std::span<Field* const> list) {
    for (Field* x : list) {
      if (x->name != nullptr) w.declare(local_var(x->name));
    }
  };
  if (d->receiver != nullptr && d->receiver->name != nullptr) w.declare(local_var(d->receiver->name));
  fields(d->func_type->params);
  fields(d->func_type->results);
  w.visit(d->body);
  w.leave();
}

void analyze_initializer(syntax::Expr* init, absl::flat_hash_map<const Node*, FunctionFacts>& facts) {
  FactWalker w(facts);
  w.run(init, init);
}

}  // namespace gale::lower
