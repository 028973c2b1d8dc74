// Escape analysis: objects that die with their frame are put into it; and the Summary that tells callers which pointers a
// function lets out.
//
// Method: Steensgaard's unification (Points-to Analysis in Almost Linear Time, POPL 1996) over the pointers of one function.
// A class is a set of pointers that may point to the same objects; it has at most one content class, of what lies in those
// objects (fields are not told apart). Flags of a class:
//   escaped   its pointers may reach the heap, a global, another goroutine or memory of the caller. Then so does its content.
//   outside   it may point to objects that this frame did not make. Then so may its content; and what is stored there escapes.
//   returned  one of its pointers is a result. An object of this frame is made on the heap then; a parameter flows to the result.
//   written   pointers are stored in what it points to.
// Calls use the callee's Summary (bottom-up); calls of an interface's method, those of all its implementations (kCallOrdered).
// A closure is judged where it is made: what its code does with the captured values holds for every later call, so calling a
// closure lets nothing else out than the arguments.
//
// Calls of the function itself use the Summary as known so far, until it stays the same. So do the members of a cycle of the call
// graph, analysed together before any is optimised (summarize_cycle). That analysis takes all objects that a member makes to be
// on the heap, since their places are not decided yet.
//
// In a loop an object may go to the frame only if no pointer to it is left when it is made again: its class has no phi at
// the header of a loop around it, and lies in no object that lives longer than an iteration (`holder`).
//
// An object that does not escape may still have to be made on the heap (in a loop, too large, of a size not known). Then what lies in
// it escapes: a word of the heap must not point into a frame, which moves.
//
// Runtime calls that box a value for an interface (convT64 ...) are objects as New is; calls that make a string or a slice of one
// get a buffer in the frame for short results, if those do not escape.
//
// Before: New, NewArray and such calls, mid level. After: LocalAddr (and Zero, where entry's clearing is not enough) for those that stay.
// Cost: almost linear. Source: the rules are those of Go's specification of memory; ABI section 16.4 for the frame.
#include <algorithm>
#include <optional>

#include <absl/container/flat_hash_map.h>

#include "base/check.h"
#include "ir/dominators.h"
#include "opt/escape.h"
#include "opt/pass_list.h"

namespace gale::opt {
namespace {

using ir::BlockId;
using ir::Op;
using ir::Ty;
using ir::Value;
using ir::ValueId;

constexpr uint64_t kMaxObject = 64 * 1024;
constexpr uint64_t kMaxFrameObjects = 128 * 1024;
constexpr uint64_t kMaxNoSplitObjects = 256;
constexpr int32_t kNoHolder = -2;  // nothing outlives the iteration
constexpr int32_t kFunction = -1;  // lives as long as the frame

// Runtime functions whose pointer argument stays inside though their signature cannot say so.
struct KnownCallee {
  std::string_view name;
  uint64_t noescape;  // argument slots
};
constexpr KnownCallee kKnown[] = {
    {"runtime.growslice", 1 << 0},
    {"runtime.concatstring2", 2 + 8},
    {"runtime.concatstring3", 2 + 8 + 32},
    {"runtime.concatstring4", 2 + 8 + 32 + 128},
    {"runtime.concatstrings", 1 << 1},
    {"runtime.slicebytetostring", 1 << 1},
    {"runtime.stringtoslicebyte", 1 << 1},
    {"runtime.stringtoslicerune", 1 << 1},
    {"runtime.slicerunetostring", 1 << 1},
    {"runtime.mapaccess1_fast32", 3}, {"runtime.mapaccess2_fast32", 3},
    {"runtime.mapaccess1_fast64", 3}, {"runtime.mapaccess2_fast64", 3},
    {"runtime.mapaccess1_faststr", 7}, {"runtime.mapaccess2_faststr", 7},
};

// Runtime functions that put their arguments into a new object and do nothing else.
struct Box {
  std::string_view name;
  uint32_t size;
  bool pointer_first;
};
constexpr Box kBoxes[] = {
    {"runtime.convT16", 2, false}, {"runtime.convT32", 4, false}, {"runtime.convT64", 8, false},
    {"runtime.convTstring", 16, true}, {"runtime.convTslice", 24, true},
};

// Runtime functions whose first argument is a buffer for a short result, or nil.
struct Buffer {
  std::string_view name;
  uint32_t size;
};
constexpr Buffer kBuffers[] = {
    {"runtime.concatstring2", 32}, {"runtime.concatstring3", 32}, {"runtime.concatstring4", 32}, {"runtime.concatstrings", 32},
    {"runtime.slicebytetostring", 32}, {"runtime.stringtoslicebyte", 32}, {"runtime.slicerunetostring", 32},
    {"runtime.stringtoslicerune", 128}, {"runtime.intstring", 8},
};

template <class T, size_t N>
const T* row_of(const T (&rows)[N], const Value& v) {
  if (v.op != Op::Call || v.call == nullptr) return nullptr;
  const std::string_view callee = v.call->callee.text();
  if (!callee.starts_with("runtime.")) return nullptr;
  for (const T& row : rows) {
    if (row.name == callee) return &row;
  }
  return nullptr;
}
const Box* box_of(const Value& v) { return row_of(kBoxes, v); }
bool is_object(const Value& v) { return v.op == Op::New || v.op == Op::NewArray || box_of(v) != nullptr; }

// A slice whose size is not known: always on the heap.
bool makes_slice(const Value& v) { return v.op == Op::Call && v.call->callee.text() == "runtime.makeslice"; }

// The size of the buffer that the call v could have.
uint32_t buffer_of(const ir::Func& f, const Value& v) {
  const Buffer* buffer = row_of(kBuffers, v);
  int64_t none;
  return buffer != nullptr && ir::is_const(f, v.args[0], &none) && none == 0 ? buffer->size : 0;
}

bool is_noescape_cast(std::string_view name) {
  return name == "internal/abi.NoEscape" || name == "runtime.noescape" || name == "strings.noescape";
}

Summary nothing_escapes() {
  Summary s;
  s.param_escapes = s.content_escapes = s.param_returns = s.content_returns = s.content_written = 0;
  s.closure_escapes = s.closure_content_escapes = false;
  return s;
}

// True: `to` has become worse.
bool join_summary(Summary& to, const Summary& from) {
  bool changed = false;
  auto join = [&](uint64_t& a, uint64_t b) { changed |= (b & ~a) != 0, a |= b; };
  join(to.param_escapes, from.param_escapes);
  join(to.content_escapes, from.content_escapes);
  join(to.param_returns, from.param_returns);
  join(to.content_returns, from.content_returns);
  join(to.content_written, from.content_written);
  changed |= (from.closure_escapes && !to.closure_escapes) || (from.closure_content_escapes && !to.closure_content_escapes);
  to.closure_escapes |= from.closure_escapes;
  to.closure_content_escapes |= from.closure_content_escapes;
  return changed;
}

class Analysis {
 public:
  // Summaries of members of a cycle, as far as known; they go before those of the world.
  using Assumed = absl::flat_hash_map<Symbol, Summary>;

  Analysis(const ir::Func& f, const World& world, const Assumed* assumed = nullptr)
      : f_(f), world_(world), assumed_(assumed), own_(nothing_escapes()) {}

  void run() {
    nodes_.resize(f_.values.size());
    for (uint32_t i = 0; i < nodes_.size(); i++) nodes_[i].parent = i;
    for (const ir::Block& b : f_.blocks) {
      if (b.removed) continue;
      for (ValueId v : b.values) derive(v);
    }
    for (const ir::Block& b : f_.blocks) {
      if (b.removed) continue;
      for (size_t i = 0; i < b.values.size(); i++) effects(b.values, i);
      for (size_t i = 0; i < b.return_args.size(); i++) give_back(b.return_args[i], i);
    }
    repeat_own_calls();
  }

  // May v, an object's address fresh from New, live in the frame as far as escaping goes?
  bool stays(ValueId v) {
    const Node& n = nodes_[find(v.index)];
    return !n.escaped && !n.returned;
  }

  // The object stays on the heap; true: that lets more out than was known.
  bool keep_in_heap(ValueId v) {
    const Node& n = nodes_[find(v.index)];
    if (n.content == kNone || nodes_[find(n.content)].escaped) return false;
    set_escaped(n.content);
    repeat_own_calls();
    return true;
  }
  void keep_all_in_heap() {
    for (const ir::Block& b : f_.blocks) {
      if (b.removed) continue;
      for (ValueId v : b.values) {
        if (f_[v].op == Op::New || f_[v].op == Op::NewArray) keep_in_heap(v);
      }
    }
  }

  // Fills holders for loops; call once after run().
  void find_holders(const ir::Loops& loops) {
    holder_.assign(nodes_.size(), kNoHolder);
    std::vector<int32_t> object(nodes_.size(), kNoHolder);  // where the class's own objects are made
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      BlockId b(i);
      if (f_[b].removed) continue;
      int32_t inner = loops.innermost[i];
      bool header = inner >= 0 && loops.loops[inner].header == b;
      for (ValueId v : f_[b].values) {
        const Value& x = f_[v];
        uint32_t c = find(v.index);
        if (x.op == Op::Phi && x.ty == Ty::Ptr && header) holder_[c] = meet(loops, holder_[c], loops.loops[inner].parent);
        if (x.op == Op::LocalAddr) object[c] = kFunction;
        if (is_object(x)) object[c] = meet(loops, object[c], inner);
      }
    }
    std::vector<uint32_t> work;
    for (uint32_t i = 0; i < nodes_.size(); i++) {
      if (nodes_[i].parent == i && nodes_[i].content != kNone) work.push_back(i);
    }
    while (!work.empty()) {
      uint32_t w = work.back();
      work.pop_back();
      if (nodes_[w].content == kNone) continue;
      uint32_t c = find(nodes_[w].content);
      int32_t lives = nodes_[w].outside ? kFunction : meet(loops, object[w], holder_[w]);
      int32_t joined = meet(loops, holder_[c], lives);
      if (joined == holder_[c]) continue;
      holder_[c] = joined;
      work.push_back(c);
    }
  }
  int32_t holder(ValueId v) { return holder_[find(v.index)]; }

  // Is `inner` the loop `outer` or inside it?
  static bool inside(const ir::Loops& loops, int32_t inner, int32_t outer) {
    while (inner >= 0 && inner != outer) inner = loops.loops[inner].parent;
    return inner == outer;
  }

  void summarize(Summary* out) {
    Summary s = nothing_escapes();
    for (ValueId v : f_[f_.entry].values) {
      const Value& x = f_[v];
      if ((x.op != Op::Param && x.op != Op::Closure) || x.ty != Ty::Ptr) continue;
      const Node& n = nodes_[find(v.index)];
      const Deep deep = content_flags(n.content);
      if (x.op == Op::Closure) {
        s.closure_escapes |= n.escaped || n.returned;
        s.closure_content_escapes |= n.escaped || deep.escaped || deep.returned;
      } else if (x.aux < 64) {
        const uint64_t bit = 1ull << x.aux;  // a slot may have several Params
        if (n.escaped) s.param_escapes |= bit;
        if (n.escaped || deep.escaped) s.content_escapes |= bit;
        if (n.returned) s.param_returns |= bit;
        if (deep.returned) s.content_returns |= bit;
        if (n.escaped || n.written || deep.escaped || deep.written) s.content_written |= bit;
      }
    }
    out->param_escapes = s.param_escapes;
    out->content_escapes = s.content_escapes;
    out->param_returns = s.param_returns;
    out->content_returns = s.content_returns;
    out->content_written = s.content_written;
    out->closure_escapes = s.closure_escapes;
    out->closure_content_escapes = s.closure_content_escapes || s.closure_escapes;
  }

 private:
  static constexpr uint32_t kNone = 0xffffffff;
  struct Node {
    uint32_t parent = 0;
    uint32_t content = kNone;
    bool escaped = false, outside = false, stored = false, returned = false, written = false;
  };
  struct Deep {
    bool escaped = false, returned = false, written = false;
  };
  struct CallSite {
    ValueId call;
    size_t first;                  // argument
    std::vector<ValueId> results;  // pointers
  };

  // ---- classes
  uint32_t find(uint32_t n) {
    while (nodes_[n].parent != n) {
      nodes_[n].parent = nodes_[nodes_[n].parent].parent;
      n = nodes_[n].parent;
    }
    return n;
  }
  uint32_t content(uint32_t c) {
    c = find(c);
    if (nodes_[c].content == kNone) {
      Node n;
      n.parent = static_cast<uint32_t>(nodes_.size());
      n.escaped = nodes_[c].escaped;
      n.outside = nodes_[c].outside || nodes_[c].escaped;
      nodes_.push_back(n);
      nodes_[c].content = n.parent;
    }
    return find(nodes_[c].content);
  }
  void unify(uint32_t a, uint32_t b) {
    std::vector<std::pair<uint32_t, uint32_t>> work{{a, b}};
    while (!work.empty()) {
      auto [x, y] = work.back();
      work.pop_back();
      x = find(x), y = find(y);
      if (x == y) continue;
      if (x > y) std::swap(x, y);
      Node& to = nodes_[x];
      Node& from = nodes_[y];
      from.parent = x;
      bool escaped = to.escaped || from.escaped, outside = to.outside || from.outside;
      to.stored |= from.stored;
      to.returned |= from.returned;
      to.written |= from.written;
      if (to.content == kNone) to.content = from.content;
      else if (from.content != kNone) work.push_back({to.content, from.content});
      to.escaped = to.outside = false;  // set again below, with what follows from it
      if (outside) set_outside(x);
      if (escaped) set_escaped(x);
    }
  }
  void set_escaped(uint32_t c) {
    for (c = find(c); !nodes_[c].escaped; c = find(nodes_[c].content)) {
      nodes_[c].escaped = true;
      if (nodes_[c].content == kNone) return;
      set_outside(nodes_[c].content);  // others may store there
    }
  }
  void set_outside(uint32_t c) {
    for (c = find(c); !nodes_[c].outside; c = find(nodes_[c].content)) {
      nodes_[c].outside = true;
      if (nodes_[c].content == kNone) return;
      if (nodes_[c].stored) set_escaped(nodes_[c].content);
    }
  }

  // What holds of a content class or of what lies deeper.
  Deep content_flags(uint32_t c) {
    Deep deep;
    std::vector<uint32_t> seen;  // rings of objects have a class that is its own content
    for (; c != kNone; c = nodes_[c].content) {
      c = find(c);
      if (std::find(seen.begin(), seen.end(), c) != seen.end()) break;
      seen.push_back(c);
      deep.escaped |= nodes_[c].escaped;
      deep.returned |= nodes_[c].returned;
      deep.written |= nodes_[c].written;
    }
    return deep;
  }

  // Constants and addresses of static data are no objects of ours: they never join classes.
  bool is_static(ValueId v) const { return f_[v].op == Op::Const || f_[v].op == Op::SymAddr; }
  bool is_pointer(ValueId v) const { return f_[v].ty == Ty::Ptr; }

  void join(ValueId a, ValueId b) {
    if (!is_pointer(b)) return;
    if (f_[b].op == Op::Const) return;
    if (f_[b].op == Op::SymAddr) set_outside(a.index);
    else unify(a.index, b.index);
  }
  void let_out(ValueId v) {
    if (is_pointer(v) && !is_static(v)) set_escaped(v.index);
  }
  void let_content_out(uint32_t c) { set_escaped(content(c)); }
  // v is result number `slot`. Blocks of memory are copied to the caller.
  void give_back(ValueId v, size_t slot) {
    if (!is_pointer(v) || is_static(v)) return;
    if (f_.sig == nullptr || f_.sig->results[slot].kind == ir::AbiSlot::Memory) return set_escaped(v.index);
    nodes_[find(v.index)].returned = true;
  }

  // ---- what values point to
  void derive(ValueId id) {
    const Value& v = f_[id];
    switch (v.op) {
      case Op::Phi:
        if (v.ty == Ty::Ptr) {
          for (ValueId a : v.args) join(id, a);
        }
        break;
      case Op::Copy: case Op::OffPtr: case Op::AddPtr: case Op::NilCheck:
        if (v.ty == Ty::Ptr) join(id, v.args[0]);
        break;
      case Op::Select:
        if (v.ty == Ty::Ptr) join(id, v.args[1]), join(id, v.args[2]);
        break;
      case Op::Load: case Op::AtomicLoad:
        if (v.ty != Ty::Ptr) break;
        if (is_static(v.args[0]) || !is_pointer(v.args[0])) set_outside(id.index);
        else unify(id.index, content(v.args[0].index));
        break;
      case Op::New: case Op::NewArray: case Op::LocalAddr: case Op::Const:
        if (v.op == Op::LocalAddr) join_locals(id);
        break;
      default:
        if (v.ty == Ty::Ptr && box_of(v) == nullptr) set_outside(id.index);  // Param, Closure, SymAddr, ResultArea, results of calls, IntToPtr
    }
  }
  // All addresses of one local are one class.
  void join_locals(ValueId id) {
    size_t local = static_cast<size_t>(f_[id].aux);
    if (local >= local_address_.size()) local_address_.resize(local + 1);
    if (local_address_[local].valid()) unify(local_address_[local].index, id.index);
    else local_address_[local] = id;
  }

  // ---- where they go
  void effects(std::span<const ValueId> block, size_t at) {
    const ValueId id = block[at];
    const Value& v = f_[id];
    switch (v.op) {
      case Op::Store: case Op::StorePtr: store(v.args[0], v.args[1]); break;
      case Op::Move: case Op::MoveTyped: copy(v.args[0], v.args[1]); break;
      case Op::AtomicStore: case Op::AtomicXchg: case Op::AtomicAdd: case Op::AtomicAnd: case Op::AtomicOr: case Op::AtomicCas:
        for (size_t i = 1; i < v.args.size(); i++) {
          if (is_pointer(v.args[i])) mark_written(v.args[0]);
          let_out(v.args[i]);
        }
        break;
      case Op::StoreWB: let_out(v.args[1]); break;
      case Op::PtrToInt: pointer_to_integer(id); break;
      case Op::Call: case Op::CallClosure: case Op::CallCode: call(block, at); break;
      default: break;
    }
  }

  void mark_written(ValueId to) {
    if (is_pointer(to) && !is_static(to)) nodes_[find(to.index)].written = true;
  }
  void store(ValueId to, ValueId value) {
    if (is_pointer(value)) mark_written(to);
    if (f_[value].op == Op::SymAddr && is_pointer(to) && !is_static(to)) return store_code(to, f_[value].symbol);
    if (!is_pointer(value) || is_static(value)) return;
    if (!is_pointer(to) || is_static(to) || nodes_[find(to.index)].outside) return let_out(value);
    nodes_[find(to.index)].stored = true;
    unify(content(to.index), value.index);
  }
  // A closure object is made: its code decides what becomes of the captured values.
  void store_code(ValueId to, Symbol code) {
    if (f_[to].op != Op::LocalAddr && f_[to].op != Op::New && f_[to].op != Op::OffPtr) return;
    if (!world_.is_function(code)) return;
    const Summary* s = summary_of(code);
    set_outside(content(content(to.index)));  // it may assign to captured variables, not to the closure object
    if (s == nullptr || s->closure_content_escapes) let_content_out(to.index);
    if (s == nullptr || s->closure_escapes) set_escaped(to.index);
  }
  void copy(ValueId to, ValueId from) {
    mark_written(to);
    if (!is_pointer(from) || is_static(from)) {
      if (is_pointer(to) && !is_static(to)) set_outside(content(to.index));
      return;
    }
    if (!is_pointer(to) || is_static(to) || nodes_[find(to.index)].outside) return let_content_out(from.index);
    nodes_[find(to.index)].stored = true;
    unify(content(to.index), content(from.index));
  }

  // Comparing addresses lets nothing out; anything else might.
  void pointer_to_integer(ValueId id) {
    if (compared_only_.empty()) count_integer_uses();
    if (!compared_only_[id.index]) let_out(f_[id].args[0]);
  }
  void count_integer_uses() {
    compared_only_.assign(f_.values.size(), 1);
    auto leave = [&](ValueId v) {
      if (v.valid()) compared_only_[v.index] = 0;
    };
    for (const ir::Block& b : f_.blocks) {
      if (b.removed) continue;
      for (ValueId v : b.values) {
        Op op = f_[v].op;
        if (op == Op::Eq || op == Op::Ne || op == Op::ULt || op == Op::ULe || op == Op::Lt || op == Op::Le) continue;
        for (ValueId a : f_[v].args) leave(a);
      }
      leave(b.control);
      for (ValueId a : b.return_args) leave(a);
    }
  }

  const Summary* summary_of(Symbol code) const {
    if (assumed_ != nullptr) {
      auto it = assumed_->find(code);
      if (it != assumed_->end()) return &it->second;
    }
    return world_.summary(code);
  }
  // What all implementations of an interface's method let out; false: not known.
  bool summary_of_method(const ir::CallInfo& call, Summary* out) const {
    if (call.method.empty() || (assumed_ == nullptr && !(call.flags & ir::kCallOrdered))) return false;
    const std::vector<World::Implementation> all = world_.implementations(call.method);
    *out = nothing_escapes();
    for (const World::Implementation& i : all) {
      // Before its first pass a call has no flag yet.
      const Summary* s = (call.flags & ir::kCallOrdered) || world_.comes_before(i.code) ? summary_of(i.code) : nullptr;
      if (s == nullptr) return false;
      join_summary(*out, *s);
    }
    return !all.empty();
  }

  void call(std::span<const ValueId> block, size_t at) {
    const ValueId id = block[at];
    const Value& v = f_[id];
    const ir::CallInfo* call = v.call;
    if (call == nullptr) {
      for (ValueId a : v.args) let_out(a);
      return;
    }
    if (box_of(v) != nullptr) {
      for (ValueId a : v.args) store(id, a);
      return;
    }
    const bool direct = v.op == Op::Call;
    if (direct && is_noescape_cast(call->callee.text())) return;
    CallSite site{id, direct ? 0u : 1u, {}};  // args[0] of the others is the closure object (judged where made) or code
    auto result = [&](ValueId r, size_t slot) {
      if (is_pointer(r) && slot < call->sig->results.size() && call->sig->results[slot].kind != ir::AbiSlot::Memory) site.results.push_back(r);
    };
    result(id, 0);
    for (size_t i = at + 1; i < block.size() && f_[block[i]].op == Op::Result; i++) result(block[i], static_cast<size_t>(f_[block[i]].aux));
    if (direct && call->callee == f_.name) {
      own_calls_.push_back(std::move(site));
      apply(own_, own_calls_.back());
      return;
    }
    const Summary* s = nullptr;
    Summary joined;
    if (v.op == Op::CallCode) {
      if (summary_of_method(*call, &joined)) s = &joined;
    } else if (!call->callee.empty() && !(call->flags & ir::kCallUnordered)) {
      s = summary_of(call->callee);
    }
    if (s != nullptr) return apply(*s, site);
    uint64_t noescape = call->noescape_args;
    if (call->flags & ir::kCallNoEscape) noescape = noescape == 0 ? ~0ull : noescape;
    if (direct && noescape == 0) {
      for (const KnownCallee& k : kKnown) {
        if (k.name == call->callee.text()) noescape = k.noescape;
      }
    }
    for (size_t i = site.first; i < v.args.size(); i++) {
      ValueId a = v.args[i];
      if (!is_pointer(a) || is_static(a)) continue;
      size_t slot = i - site.first;
      mark_written(a);
      set_outside(content(a.index));  // the callee may store other pointers there
      if (slot < 64 && (noescape >> slot & 1)) let_content_out(a.index);  // gates copy what lies there
      else set_escaped(a.index);
    }
  }
  void apply(const Summary& s, const CallSite& site) {
    const Value& v = f_[site.call];
    for (size_t i = site.first; i < v.args.size(); i++) {
      const ValueId a = v.args[i];
      if (!is_pointer(a) || is_static(a)) continue;
      const size_t slot = i - site.first;
      auto has = [&](uint64_t bits) { return slot >= 64 || (bits >> slot & 1); };
      if (has(s.content_written)) mark_written(a), set_outside(content(a.index));
      if (has(s.param_escapes)) set_escaped(a.index);
      if (has(s.content_escapes)) let_content_out(a.index);
      for (ValueId r : site.results) {
        if (has(s.param_returns)) unify(r.index, a.index);
        if (!has(s.content_returns)) continue;
        const uint32_t c = content(a.index);
        unify(c, content(c));  // of any depth
        unify(r.index, c);
      }
    }
  }
  // Calls of the function itself: what escapes through a parameter escapes from each argument.
  void repeat_own_calls() {
    if (own_calls_.empty()) return;
    for (;;) {
      Summary now = nothing_escapes();
      summarize(&now);
      if (!join_summary(own_, now)) return;
      for (const CallSite& site : own_calls_) apply(own_, site);
    }
  }

  static int32_t meet(const ir::Loops& loops, int32_t a, int32_t b) {
    if (a == kNoHolder) return b;
    if (b == kNoHolder) return a;
    while (a != b) {
      int da = a < 0 ? 0 : loops.loops[a].depth, db = b < 0 ? 0 : loops.loops[b].depth;
      if (da >= db) a = a < 0 ? kFunction : loops.loops[a].parent;
      if (db > da) b = loops.loops[b].parent;
    }
    return a;
  }

  const ir::Func& f_;
  const World& world_;
  const Assumed* assumed_;
  Summary own_;  // as far as known
  std::vector<Node> nodes_;
  std::vector<ValueId> local_address_;
  std::vector<uint8_t> compared_only_;
  std::vector<CallSite> own_calls_;
  std::vector<int32_t> holder_;
};

class StackAllocation {
 public:
  StackAllocation(ir::Func& f, PassContext& context, Analysis& analysis)
      : f_(f), context_(context), analysis_(analysis), dom_(f), loops_(f, dom_) {}

  // Finds the objects for the frame. One that stays on the heap can keep others from it.
  void decide() {
    find_irreducible();
    analysis_.find_holders(loops_);
    std::vector<std::pair<BlockId, ValueId>> objects;
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      BlockId b(i);
      if (f_[b].removed) continue;
      for (ValueId v : f_[b].values) {
        if (is_object(f_[v])) objects.push_back({b, v});
      }
    }
    on_heap_.assign(f_.values.size(), 0);
    for (bool again = true; again;) {
      again = false;
      used_ = 0;
      for (auto [b, v] : objects) {
        if (on_heap_[v.index] || fits(b, v)) continue;
        on_heap_[v.index] = 1;
        again |= analysis_.keep_in_heap(v);
      }
    }
  }

  bool run() {
    bool changed = false;
    for (uint32_t i = 0; i < f_.blocks.size(); i++) {
      BlockId b(i);
      if (f_[b].removed || !dom_.reachable(b)) continue;
      std::vector<ValueId> out;
      bool here = false;
      for (ValueId v : f_[b].values) {
        if (uint32_t size = buffer_of(f_, f_[v]); size != 0 && may_stay(b, v) && has_room(size)) {
          give_buffer(b, v, size, &out);
          here = true;
        }
        out.push_back(v);
        if (context_.remark && makes_slice(f_[v])) remark_object(context_, f_, f_[v], "escapes to heap");
        if (!is_object(f_[v])) continue;
        if (context_.remark) remark_object(context_, f_, f_[v], fate(b, v));
        if (on_heap_[v.index]) continue;
        place(b, v, &out);
        here = true;
      }
      if (here) f_[b].values = std::move(out);
      changed |= here;
    }
    return changed;
  }

 private:
  void find_irreducible() {
    std::vector<uint32_t> order(f_.blocks.size());
    for (uint32_t i = 0; i < dom_.rpo().size(); i++) order[dom_.rpo()[i].index] = i;
    for (BlockId b : dom_.rpo()) {
      for (BlockId s : f_[b].succs) irreducible_ |= order[s.index] <= order[b.index] && !dom_.dominates(s, b);
    }
  }

  // Why what v makes must not lie in the frame; "": it may.
  std::string_view obstacle(BlockId b, ValueId v) const {
    if (!analysis_.stays(v)) return "escapes to heap";
    if (!dom_.reachable(b) || f_[b].cold) return "does not escape, but is rarely made: on the heap, which costs other calls nothing";
    const int32_t loop = loops_.innermost[b.index];
    if (irreducible_ && b != f_.entry) return "does not escape, but may be made again while in use (goto): on the heap";
    const int32_t holder = loop < 0 ? kNoHolder : analysis_.holder(v);
    if (holder != kNoHolder && !Analysis::inside(loops_, holder, loop)) return "does not escape, but outlives the loop's iteration: on the heap";
    return "";
  }
  bool may_stay(BlockId b, ValueId v) const { return obstacle(b, v).empty(); }

  std::string_view fate(BlockId b, ValueId v) const {
    if (!on_heap_[v.index]) return "does not escape";
    const std::string_view why_not = obstacle(b, v);
    return why_not.empty() ? "does not escape, but has no place in the frame: on the heap" : why_not;
  }

  bool has_room(uint64_t size) {
    if (used_ + size > ((f_.attrs & ir::kNoSplit) ? kMaxNoSplitObjects : kMaxFrameObjects)) return false;
    used_ += size;
    return true;
  }

  // As may_stay; and is there room for it?
  bool fits(BlockId b, ValueId v) {
    if (!may_stay(b, v)) return false;
    if (const Box* box = box_of(f_[v])) return has_room(box->size);
    const World::TypeLayout& layout = context_.world.layout(f_[v].type);
    int64_t n = 1;
    if (f_[v].op == Op::NewArray && !ir::is_const(f_, f_[v].args[0], &n)) return false;
    if (layout.size == 0 || n <= 0 || layout.size > kMaxObject || static_cast<uint64_t>(n) > kMaxObject / layout.size) return false;
    return has_room(layout.size * static_cast<uint64_t>(n));
  }

  void give_buffer(BlockId b, ValueId call, uint64_t size, std::vector<ValueId>* out) {
    ir::Local local;
    local.size = size;
    local.pos = f_[call].pos;
    const ir::LocalId id = f_.add_local(local);
    ValueId buffer = f_.make(b, Op::LocalAddr, Ty::Ptr, {}, id.index, f_[call].pos);
    f_[buffer].inlined = f_[call].inlined;
    out->push_back(buffer);
    f_[call].args[0] = buffer;
  }

  void place_box(BlockId b, ValueId v, const Box& box, std::vector<ValueId>* out) {
    const uint8_t first_word[] = {1};
    ir::Local local;
    local.size = (box.size + 7) / 8 * 8;
    if (box.pointer_first) local.pointer_mask = f_.arena.copy(std::span<const uint8_t>(first_word));
    local.pos = f_[v].pos;
    const ir::LocalId id = f_.add_local(local);
    const std::span<ValueId> words = f_[v].args;
    const Pos pos = f_[v].pos;
    const ir::InlineId inlined = f_[v].inlined;
    Value& x = f_[v];
    x.op = Op::LocalAddr;
    x.ty = Ty::Ptr;
    x.args = {};
    x.aux = id.index;
    x.call = nullptr;
    x.symbol = Symbol();
    for (size_t i = 0; i < words.size(); i++) {
      ValueId word = words[i];
      if (box.size < 8) {
        word = f_.make(b, Op::Trunc, box.size == 2 ? Ty::I16 : Ty::I32, std::span<const ValueId>(&words[i], 1), 0, pos);
        f_[word].inlined = inlined;
        out->push_back(word);
      }
      const ValueId args[] = {v, word};
      const Op op = f_[word].ty == Ty::Ptr ? Op::StorePtr : Op::Store;
      const ValueId store = f_.make(b, op, Ty::Void, args, static_cast<int64_t>(i * 8), pos);
      f_[store].inlined = inlined;
      out->push_back(store);
    }
  }

  void place(BlockId b, ValueId v, std::vector<ValueId>* out) {
    if (const Box* box = box_of(f_[v])) return place_box(b, v, *box, out);
    const int32_t loop = loops_.innermost[b.index];
    const World::TypeLayout& layout = context_.world.layout(f_[v].type);
    int64_t n = 1;
    if (f_[v].op == Op::NewArray) CHECK(ir::is_const(f_, f_[v].args[0], &n), "an array of known size");
    const uint64_t size = layout.size * static_cast<uint64_t>(n);
    ir::Local local;
    local.size = (size + 7) / 8 * 8;
    local.align = std::max<uint32_t>(layout.align, 1);
    if (n == 1) local.type = f_[v].type;
    local.pointer_mask = mask(layout, size, static_cast<uint64_t>(n));
    local.pos = f_[v].pos;
    bool cleared_at_entry = !local.pointer_mask.empty() && loop < 0;
    ir::LocalId id = f_.add_local(local);
    Value& x = f_[v];
    x.op = Op::LocalAddr;
    x.ty = Ty::Ptr;
    x.args = {};
    x.aux = id.index;
    x.type = nullptr;
    x.symbol = Symbol();
    if (!cleared_at_entry) {
      Pos pos = x.pos;
      ir::InlineId inlined = x.inlined;
      ValueId zero = f_.make(b, Op::Zero, Ty::Void, std::span<const ValueId>(&v, 1), static_cast<int64_t>(size), pos);
      f_[zero].inlined = inlined;
      out->push_back(zero);
    }
  }

  std::span<const uint8_t> mask(const World::TypeLayout& layout, uint64_t size, uint64_t n) {
    bool any = std::any_of(layout.pointer_mask.begin(), layout.pointer_mask.end(), [](uint8_t b) { return b != 0; });
    if (!any) return {};
    if (n == 1) return f_.arena.copy(layout.pointer_mask);
    std::vector<uint8_t> bits((size / 8 + 7) / 8);
    uint64_t words = layout.size / 8;
    for (uint64_t w = 0; w < words * n; w++) {
      uint64_t from = w % words;
      if (from / 8 < layout.pointer_mask.size() && (layout.pointer_mask[from / 8] >> (from % 8) & 1)) bits[w / 8] |= static_cast<uint8_t>(1 << (w % 8));
    }
    return f_.arena.copy(bits);
  }

  ir::Func& f_;
  PassContext& context_;
  Analysis& analysis_;
  ir::Dominators dom_;
  ir::Loops loops_;
  bool irreducible_ = false;
  uint64_t used_ = 0;
  std::vector<uint8_t> on_heap_;  // by value
};

}  // namespace

std::vector<Summary> summarize_cycle(std::span<const CycleMember> members) {
  Analysis::Assumed assumed;
  for (const CycleMember& m : members) assumed[m.function->name] = nothing_escapes();
  for (bool again = true; again;) {
    again = false;
    for (const CycleMember& m : members) {
      Analysis analysis(*m.function, *m.world, &assumed);
      analysis.run();
      analysis.keep_all_in_heap();
      Summary s = nothing_escapes();
      analysis.summarize(&s);
      again |= join_summary(assumed[m.function->name], s);
    }
  }
  std::vector<Summary> out;
  for (const CycleMember& m : members) out.push_back(assumed[m.function->name]);
  return out;
}

bool escape(ir::Func& f, PassContext& context) {
  Analysis analysis(f, context.world);
  analysis.run();
  const bool objects = std::any_of(f.blocks.begin(), f.blocks.end(), [&](const ir::Block& b) {
    return !b.removed && std::any_of(b.values.begin(), b.values.end(), [&](ValueId v) { return is_object(f[v]) || buffer_of(f, f[v]) != 0; });
  });
  std::optional<StackAllocation> allocation;
  if (objects || context.remark) allocation.emplace(f, context, analysis).decide();
  if (context.summary != nullptr) analysis.summarize(context.summary);  // what objects on the heap hold has escaped
  return allocation.has_value() && allocation->run();
}

}  // namespace gale::opt
