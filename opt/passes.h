// The passes: ir -> ir, one file and one function each, and the lists that run them (DESIGN D16).
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ir/func.h"
#include "opt/remark.h"

namespace gale::opt {

// Facts about callees, computed bottom-up (ABI section 13). Found by link name; unknown callees: the worst.
struct Summary {
  uint64_t param_escapes = ~0ull;     // bit i: pointer in argument slot i may escape (be stored in heap, globals or a memory result)
  uint64_t content_escapes = ~0ull;   // bit i: a pointer found in what slot i points to, at any depth, may escape
  uint64_t param_returns = ~0ull, content_returns = ~0ull;  // likewise: may be a result that is a scalar
  uint64_t content_written = ~0ull;   // bit i: pointers may be stored in what slot i leads to, at any depth
  bool closure_escapes = true, closure_content_escapes = true;  // the same of the closure object
  bool may_panic = true, may_block = true, pure = false, writes_heap = true, no_return = false;
  uint32_t cost = 0;                  // of inlining, in values
};

// How passes see the rest of the program. Implementations are thread-safe.
class World {
 public:
  virtual ~World() = default;
  virtual const Summary* summary(Symbol callee) const = 0;
  // Is it code (not data)? Its summary may not be known yet.
  virtual bool is_function(Symbol symbol) const = 0;
  // The callee's optimised mid-level body if it may be inlined (kept by its budget); null: no.
  virtual const ir::Func* inline_body(Symbol callee) const = 0;
  // World facts (DESIGN D17): they hold because nothing else is in this program. What is asked is recorded: the code that is made
  // of an answer is good for programs that give the same answer only.
  struct Implementation {
    Symbol code;  // takes the data word as its receiver
    Symbol type;  // descriptor of a type that has it
  };
  // All that a call of an interface's method (its link name, pkg.I.m) may enter; empty: not known.
  virtual std::vector<Implementation> implementations(Symbol method) const = 0;
  // The entry of a static itab for method number `index` of its interface; code is empty if it is not known.
  virtual Implementation itab_entry(Symbol itab, size_t index) const = 0;
  // Is `callee` compiled before the function that asks, in every build? Only then may it be asked about.
  virtual bool comes_before(Symbol callee) const = 0;
  // What lies in static data that nothing changes: read-only data, or a variable that this program only reads (a world fact).
  struct Constant {
    bool known = false;
    bool variable = false;  // of a package variable: a world fact
    Symbol symbol;      // its address + value; empty: the number value, sign-extended
    int64_t value = 0;
  };
  virtual Constant constant_at(Symbol data, int64_t offset, int size) const = 0;
  // Layout of a Go type: size, alignment, pointer mask (one bit a word).
  struct TypeLayout {
    uint64_t size = 0;
    uint32_t align = 1;
    std::vector<uint8_t> pointer_mask;  // empty: no pointers
    Symbol descriptor;                  // its type descriptor's symbol
  };
  virtual const TypeLayout& layout(const types::Type* type) const = 0;
};

enum class Level : uint8_t { Debug, Quick, Full };

struct PassContext {
  World& world;
  Level level = Level::Quick;
  bool verify = false;                        // run the verifier after each pass
  std::function<void(std::string_view pass, const ir::Func& f, bool after)> dump;  // or empty
  std::function<void(Remark remark)> remark;                                       // or empty
  std::vector<std::string> disabled;
  Summary* summary = nullptr;                 // where passes leave what callers may know of the function; or null
  std::function<void(const ir::Func& f)> finished_mid_level;  // called before `expand`; or empty
};

struct Pass {
  std::string_view name;
  bool (*run)(ir::Func& f, PassContext& context);  // true: changed something
  bool required;
  std::string_view why_here;
};

std::span<const Pass> pass_list(Level level);
void run_passes(ir::Func& f, PassContext& context);  // the list of context.level; afterwards the IR is low-level

}  // namespace gale::opt
