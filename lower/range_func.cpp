// range over a function (spec: For statements with range clause): the loop body becomes a function that is passed as yield.
//
// Each loop has a state in memory that loop and body share (names as in gc's panicrangestate): the body may run only when
// it is ready, is `running` meanwhile, and `done` once it has returned false. What leaves the loop other than by break
// or continue of the loop itself (return, branches to outer statements) is an exit with a number: the body stores it in
// `next`, returns false, and the function around the loop looks at it after the iterator has returned; if that is itself
// such a body, it may pass the exit on. Returned values go through boxes that the outermost function makes.
#include <absl/container/flat_hash_set.h>

#include "base/check.h"
#include "lower/body.h"
#include "lower/walk.h"

namespace gale::lower {

using namespace syntax;

namespace {

enum LoopState : int64_t { kDone = 0, kReady = 1, kRunning = 2, kExhausted = 3, kMissingPanic = 4 };

struct Exit {
  enum Kind : uint8_t { ReturnValues, ReturnBare, Break, Continue, Goto } kind;
  const Stmt* target = nullptr;
  bool operator==(const Exit&) const = default;
};

// Labels and returns of a loop body, literals left out.
struct BodyScan : Walker {
  absl::flat_hash_set<const LabeledStmt*> labels;
  bool returns_values = false;

 protected:
  bool pre(Node* n) override {
    if (n->kind == NodeKind::FuncLit) return false;
    if (auto* l = as<LabeledStmt>(n)) labels.insert(l);
    if (auto* r = as<ReturnStmt>(n); r != nullptr && r->results != nullptr) returns_values = true;
    return true;
  }
};

const FunctionFacts kNoFacts;

}  // namespace

// What the body of one loop knows of the loop and of those around it.
struct RangeFuncFrame {
  const ForStmt* loop = nullptr;
  absl::flat_hash_set<const LabeledStmt*> labels;  // inside the body
  std::vector<Exit>* exits = nullptr;              // of the outermost loop: number i + 1 is exits[i]
  std::vector<size_t> used;                        // exits that this body takes
  ValueId state, next;                             // pointers
  std::vector<ValueId> results;                    // pointers to the boxes of returned values
  Val token;                                       // of deferrangefunc, if the body defers
};

namespace {

void set(Body& b, ValueId cell, int64_t v) { b.op(Op::Store, Ty::Void, {cell, b.i64(v)}); }

void give(Body& b, bool go_on) {
  const Val v = b.scalar(b.result_types[0], b.bool_const(go_on));
  b.emit_return(std::span<const Val>(&v, 1));
}

bool same_target(const Stmt* stmt, const LabeledStmt* label, const Stmt* target) {
  if (stmt == target || (label != nullptr && label == target)) return true;
  auto* l = as<LabeledStmt>(target);
  return l != nullptr && l->stmt == stmt;
}

// From the body of a loop to its end, with the exit noted.
void pass_on(Body& b, const Exit& e) {
  RangeFuncFrame& f = *b.range_func;
  size_t i = 0;
  while (i < f.exits->size() && !((*f.exits)[i] == e)) i++;
  if (i == f.exits->size()) f.exits->push_back(e);
  if (std::find(f.used.begin(), f.used.end(), i) == f.used.end()) f.used.push_back(i);
  set(b, f.next, static_cast<int64_t>(i) + 1);
  set(b, f.state, kDone);
  give(b, false);
}

// break or continue of the loop whose body b is. False: e leaves more than that.
bool leave_own_loop(Body& b, const Exit& e) {
  RangeFuncFrame& f = *b.range_func;
  if ((e.kind != Exit::Break && e.kind != Exit::Continue) || !same_target(f.loop, nullptr, e.target)) return false;
  set(b, f.state, e.kind == Exit::Break ? kDone : kReady);
  give(b, e.kind == Exit::Continue);
  return true;
}

// Carries out exit e in b, which contains the loop.
void carry_out(Body& b, const Exit& e, ValueId next, std::span<const ValueId> results) {
  const bool is_return = e.kind == Exit::ReturnValues || e.kind == Exit::ReturnBare;
  if (is_return && b.range_func == nullptr) {
    if (e.kind == Exit::ReturnBare) return b.return_results();
    std::vector<Val> values;
    for (size_t i = 0; i < results.size(); i++) values.push_back(b.load(b.result_types[i], results[i]));
    return b.emit_return(values);
  }
  if (!is_return) {
    if (e.kind == Exit::Goto) {
      auto* label = as<LabeledStmt>(e.target);
      if (b.range_func == nullptr || b.range_func->labels.contains(label)) {
        set(b, next, 0);
        BlockId& to = b.labels[label];
        if (!to.valid()) to = b.new_block();
        return b.jump(to);
      }
    } else {
      for (size_t i = b.targets.size(); i-- > 0;) {
        const Body::Target& t = b.targets[i];
        if (!same_target(t.stmt, t.label, e.target)) continue;
        set(b, next, 0);
        return b.jump(e.kind == Exit::Break ? t.break_block : t.continue_block);
      }
    }
    CHECK(b.range_func != nullptr, "a branch to an enclosing statement");
    if (same_target(b.range_func->loop, nullptr, e.target) && e.kind != Exit::Goto) {
      set(b, next, 0);
      leave_own_loop(b, e);
      return;
    }
  }
  pass_on(b, e);
}

// A variable that stands for something hidden in the body's closure.
types::Var* hidden_var(Program& program) {
  auto* v = program.arena.make<types::Var>();
  v->kind = types::ObjectKind::Var;
  return v;
}

// The loop's body as a function; gives its closure.
struct BodyMaker {
  Body& outer;
  ForStmt* loop;
  RangeClause* range;
  Type* yield;
  RangeFuncFrame& frame;

  std::vector<Capture> captures;
  std::vector<Val> captured;

  types::Var* hide(const Val& v) {
    types::Var* var = hidden_var(outer.program);
    captures.push_back({var, true, v.type});
    captured.push_back(v);
    return var;
  }
  ValueId pointer(Body& b, types::Var* v) { return b.read(*b.lookup(v)).parts[0]; }

  // `state` ... : in the outer function.
  ValueId make(ValueId state, ValueId next, std::span<const ValueId> results, const Val& token) {
    Program& program = outer.program;
    Type* word = program.types.get(types::basic(types::BasicKind::UnsafePointer));
    types::Var* state_var = hide(outer.scalar(word, state));
    types::Var* next_var = hide(outer.scalar(word, next));
    std::vector<types::Var*> result_vars;
    for (ValueId r : results) result_vars.push_back(hide(outer.scalar(word, r)));
    types::Var* token_var = token.type != nullptr ? hide(token) : nullptr;
    for (const Capture& c : outer.captures_of(loop)) {
      const Variable& x = *outer.lookup(c.var);
      captures.push_back(c);
      captured.push_back(c.by_value ? outer.read(x) : outer.scalar(c.type, outer.address(x)));
    }
    const Symbol name(std::string(outer.func.name.text()) + "-range" + std::to_string(++outer.range_count));
    Body b(program, name, &outer);
    b.pos = b.func.pos = loop->pos;
    b.func.end_pos = loop->body->right_brace;
    b.func.attrs |= outer.func.attrs & (ir::kGenericInstance | ir::kDupOk | ir::kFoldable | ir::kAsyncUnsafe | ir::kNoSplit);
    if ((b.func.attrs & ir::kFoldable) != 0) b.func.fold_group = Symbol(std::string(outer.func.fold_group.text()) + ".range");
    b.facts = &kNoFacts;
    b.range_func = &frame;
    b.is_static_init = false;
    auto* sig = types::under_as<types::Signature>(yield);
    for (types::Var* v : sig->params->vars) b.param_types.push_back(program.types.get(v->type));
    b.result_types.push_back(program.types.get(types::basic(types::BasicKind::Bool)));
    b.begin_raw();
    std::vector<Val> values;
    for (size_t i = 0; i < b.param_types.size(); i++) values.push_back(b.param(i));
    b.bind_captures(captures);
    frame.state = pointer(b, state_var);
    frame.next = pointer(b, next_var);
    for (types::Var* v : result_vars) frame.results.push_back(pointer(b, v));
    if (token_var != nullptr) frame.token = b.read(*b.lookup(token_var));

    const ValueId now = b.op(Op::Load, Ty::I64, {frame.state});
    const BlockId bad = b.new_block(), good = b.new_block();
    b.branch(b.op(Op::Ne, Ty::Bool, {now, b.i64(kReady)}), bad, good, -1);
    b.start_sealed(bad);
    b.rt_noreturn("panicrangestate", {now});
    b.start_sealed(good);
    set(b, frame.state, kRunning);
    b.range_assign(range, values);
    b.block_stmt(loop->body);
    b.pos = loop->body->right_brace;
    if (b.reachable()) {
      set(b, frame.state, kReady);
      give(b, true);
    }
    b.end();
    program.finish(b);
    return outer.make_closure(name, captured);
  }
};

}  // namespace

void Body::range_func_stmt(ForStmt* s, RangeClause* r, LabeledStmt* label) {
  const Val iterator = expr(r->x);
  pos = r->pos;
  auto* sig = types::under_as<types::Signature>(iterator.type);
  CHECK(sig != nullptr && sig->params->vars.size() == 1, "an iterator function");
  RangeFuncFrame frame;
  frame.loop = s;
  BodyScan scan;
  scan.visit(s->body);
  frame.labels = std::move(scan.labels);
  std::vector<Exit> own_exits;
  ValueId next;
  std::vector<ValueId> result_boxes;
  Val token;
  Type* integer = default_int();
  if (range_func != nullptr) {
    frame.exits = range_func->exits;
    next = range_func->next;
    result_boxes = range_func->results;
    token = range_func->token;
  } else {
    frame.exits = &own_exits;
    next = new_object(integer);
    if (scan.returns_values) {
      for (size_t i = 0; i < results.size(); i++) {
        const bool boxed = results[i].kind == Variable::Box || results[i].kind == Variable::BoxInFrame;
        result_boxes.push_back(boxed ? address(results[i]) : new_object(result_types[i]));
      }
    }
    if (program.facts(s)->has_defer) {
      const Values t = runtime_call("deferrangefunc", {});
      token = val(program.types.get(types::kEmptyInterface), {t[0], t[1]});
    }
  }
  const ValueId state = new_object(integer);
  set(*this, state, kReady);
  BodyMaker maker{*this, s, r, program.types.get(sig->params->vars[0]->type), frame, {}, {}};
  const ValueId closure = maker.make(state, next, result_boxes, token);
  pos = r->pos;

  const Callee c = closure_callee(iterator.parts[0], iterator.type);
  const Val arg = scalar(c.params[0], closure);
  emit_call(c, std::span<const Val>(&arg, 1));

  const ValueId after = op(Op::Load, Ty::I64, {state});
  const BlockId bad = new_block(), good = new_block();
  branch(op(Op::Eq, Ty::Bool, {after, i64(kRunning)}), bad, good, -1);
  start_sealed(bad);
  rt_noreturn("panicrangestate", {i64(kMissingPanic)});
  start_sealed(good);
  set(*this, state, kExhausted);
  if (frame.used.empty()) return;
  const ValueId chosen = op(Op::Load, Ty::I64, {next});
  for (size_t i : frame.used) {
    const BlockId take = new_block(), other = new_block();
    branch(op(Op::Eq, Ty::Bool, {chosen, i64(static_cast<int64_t>(i) + 1)}), take, other);
    start_sealed(take);
    carry_out(*this, (*frame.exits)[i], next, result_boxes);
    start_sealed(other);
  }
  (void)label;
}

bool Body::range_func_branch(BranchStmt* s) {
  CHECK(range_func != nullptr, "the body of a range-over-func loop");
  Exit e{Exit::Goto, s->target};
  if (s->token == Token::Goto) {
    if (range_func->labels.contains(as<LabeledStmt>(s->target))) return false;
  } else {
    e.kind = s->token == Token::Break ? Exit::Break : Exit::Continue;
    if (e.target == nullptr) e.target = range_func->loop;
  }
  if (!leave_own_loop(*this, e)) pass_on(*this, e);
  return true;
}

bool Body::range_func_return(std::span<const Val> values) {
  CHECK(range_func != nullptr, "the body of a range-over-func loop");
  for (size_t i = 0; i < values.size(); i++) store(range_func->results[i], 0, values[i]);
  pass_on(*this, {values.empty() ? Exit::ReturnBare : Exit::ReturnValues});
  return true;
}

void Body::defer_in_range_func(ValueId closure) {
  runtime_call("deferprocat", {closure, range_func->token.parts[0], range_func->token.parts[1]});
}

}  // namespace gale::lower
