// Expression and type switches. Cases that are constants or concrete types, and stand together, are searched (switch_search.cpp);
// the others are compared in source order.
#include "base/check.h"
#include "lower/body.h"
#include "types/constant.h"

namespace gale::lower {

using namespace syntax;

namespace {

std::span<Expr* const> cases_of(CaseClause* c) {
  if (c->cases == nullptr) return {};
  if (auto* list = as<ListExpr>(c->cases)) return list->elems;
  return {&c->cases, 1};
}

// Constant cases of an integer or string tag that have not been compared yet.
class KnownCases {
 public:
  KnownCases(Body& b, const Val& tag) : b_(b), tag_(tag) {
    if (tag.type == nullptr) return;
    Type* u = types::underlying(tag.type);
    integers_ = types::is_integer(u);
    strings_ = types::is_string(u);
    signed_ = !types::is_unsigned(u);
  }

  bool take(Expr* e, BlockId to) {
    if ((!integers_ && !strings_) || e->mode != Mode::Constant) return false;
    if (strings_) {
      strings_of_.push_back({types::string_value(e->constant), to, e->pos});
      return true;
    }
    uint64_t bits = types::wrapped_uint64(types::to_int(e->constant));
    const int unused = 64 - 8 * ir::size_of(b_.func[tag_.parts[0]].ty);
    bits <<= unused;
    integers_of_.push_back({signed_ ? static_cast<int64_t>(bits) >> unused : static_cast<int64_t>(bits >> unused), to, e->pos});
    return true;
  }

  // Goes to the case that the tag equals; if there is none, goes on.
  void search() {
    if (integers_of_.empty() && strings_of_.empty()) return;
    const BlockId none = b_.new_block();
    if (strings_) b_.search_string(tag_, strings_of_, none);
    else b_.search_integer(tag_.parts[0], signed_, integers_of_, none);
    integers_of_.clear();
    strings_of_.clear();
    b_.start_sealed(none);
  }

 private:
  Body& b_;
  const Val& tag_;
  bool integers_ = false, strings_ = false, signed_ = false;
  std::vector<SwitchCase> integers_of_;
  std::vector<StringCase> strings_of_;
};

}  // namespace

void Body::switch_stmt(SwitchStmt* s, LabeledStmt* label) {
  stmt(s->init);
  if (auto* guard = as<TypeSwitchGuard>(s->tag)) return type_switch(s, guard, label);
  Val tag;
  if (s->tag != nullptr) {
    Type* t = type_of(s->tag);
    bool constants = true;
    for (CaseClause* c : s->body) {
      for (Expr* x : cases_of(c)) constants &= unparen(x)->mode == Mode::Constant;
    }
    tag = constants ? passing_string(s->tag, t) : stabilize(expr_as(s->tag, t));
  }
  pos = s->pos;
  const BlockId done = new_block();
  std::vector<BlockId> bodies;
  for (size_t i = 0; i < s->body.size(); i++) bodies.push_back(new_block());
  BlockId otherwise = done;
  KnownCases known(*this, tag);
  for (size_t i = 0; i < s->body.size(); i++) {
    CaseClause* c = s->body[i];
    if (c->cases == nullptr) {
      otherwise = bodies[i];
      continue;
    }
    for (Expr* x : cases_of(c)) {
      if (s->tag != nullptr && known.take(unparen(x), bodies[i])) continue;
      known.search();
      const BlockId next = new_block();
      pos = x->pos;
      if (s->tag == nullptr && !types::is_interface(type_of(x))) {
        condition(x, bodies[i], next);
      } else if (s->tag == nullptr) {  // spec: a missing tag is the value true
        Type* boolean = program.types.get(types::basic(types::BasicKind::Bool));
        const Val v = expr(x);
        branch(compare(syntax::Op::Eql, scalar(boolean, iconst(Ty::Bool, 1)), v), bodies[i], next);
      } else {
        Expr* e = unparen(x);
        Val v;
        if (e->mode == Mode::NilValue) {
          v = zero(tag.type);
        } else if (types::is_interface(tag.type) || types::is_interface(type_of(e))) {
          v = expr(e);
        } else {
          v = expr_as(e, tag.type);
        }
        pos = x->pos;
        branch(compare(syntax::Op::Eql, tag, v), bodies[i], next);
      }
      start_sealed(next);
    }
  }
  known.search();
  jump(otherwise);
  targets.push_back({s, label, done, BlockId()});
  const BlockId outer_fallthrough = fallthrough_block;
  for (size_t i = 0; i < s->body.size(); i++) {
    // The body before may fall through into this one: it has been lowered by now.
    seal(bodies[i]);
    block = func[bodies[i]].preds.empty() ? BlockId() : bodies[i];
    if (!reachable()) continue;
    fallthrough_block = i + 1 < s->body.size() ? bodies[i + 1] : BlockId();
    stmts(s->body[i]->body);
    jump(done);
  }
  fallthrough_block = outer_fallthrough;
  targets.pop_back();
  seal(done);
  block = func[done].preds.empty() ? BlockId() : done;
}

void Body::type_switch(SwitchStmt* s, TypeSwitchGuard* guard, LabeledStmt* label) {
  const Val x = expr(guard->x);
  pos = s->pos;
  const BlockId done = new_block();
  // Where a clause goes on, and what its variable holds: x itself, or what the assertion gave.
  std::vector<BlockId> bodies;
  std::vector<Val> bound(s->body.size(), x);
  for (size_t i = 0; i < s->body.size(); i++) bodies.push_back(new_block());
  std::vector<TypeCase> concrete;  // not compared yet
  auto search = [&] {
    if (concrete.empty()) return;
    const BlockId none = new_block();
    search_type(x, concrete, none);
    concrete.clear();
    start_sealed(none);
  };
  BlockId otherwise = done;
  for (size_t i = 0; i < s->body.size(); i++) {
    CaseClause* c = s->body[i];
    if (c->cases == nullptr) {
      otherwise = bodies[i];
      continue;
    }
    for (Expr* e : cases_of(c)) {
      if (unparen(e)->mode == Mode::NilValue) {
        concrete.push_back({nullptr, bodies[i], e->pos});
      } else if (Type* t = type_of(e); types::is_interface(t)) {
        search();
        const BlockId next = new_block();
        pos = e->pos;
        ValueId ok;
        const Val as_interface = type_assert(x, t, &ok);
        if (cases_of(c).size() == 1) bound[i] = as_interface;
        branch(ok, bodies[i], next);
        start_sealed(next);
      } else {
        concrete.push_back({t, bodies[i], e->pos});
      }
    }
  }
  search();
  jump(otherwise);
  targets.push_back({s, label, done, BlockId()});
  const BlockId outer_fallthrough = fallthrough_block;
  fallthrough_block = BlockId();
  for (size_t i = 0; i < s->body.size(); i++) {
    seal(bodies[i]);
    block = func[bodies[i]].preds.empty() ? BlockId() : bodies[i];
    if (!reachable()) continue;
    CaseClause* c = s->body[i];
    const std::span<Expr* const> cases = cases_of(c);
    if (cases.size() == 1 && unparen(cases[0])->mode != Mode::NilValue) {
      pos = cases[0]->pos;
      Type* t = type_of(cases[0]);
      if (c->implicit_object != nullptr && !types::is_interface(t)) bound[i] = from_data_word(x.parts[1], t);
    }
    if (c->implicit_object != nullptr) declare_init(static_cast<types::Var*>(c->implicit_object), bound[i]);
    stmts(c->body);
    jump(done);
  }
  fallthrough_block = outer_fallthrough;
  targets.pop_back();
  seal(done);
  block = func[done].preds.empty() ? BlockId() : done;
}

}  // namespace gale::lower
