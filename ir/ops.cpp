// Facts about ops and types, read from ops.def.
#include <absl/container/flat_hash_map.h>

#include "ir/func.h"

namespace gale::ir {
namespace {

enum Effect : uint8_t { kReads = 1, kWrites = 2, kPanics = 4, kAllocates = 8, kSafepoint = 16, kOrdered = 32 };

constexpr uint8_t effects_of(std::string_view letters) {
  uint8_t e = 0;
  for (char c : letters) {
    switch (c) {
      case 'R': e |= kReads; break;
      case 'W': e |= kWrites; break;
      case 'P': e |= kPanics; break;
      case 'A': e |= kAllocates; break;
      case 'S': e |= kSafepoint; break;
      case 'C': e |= kOrdered; break;
      default: break;
    }
  }
  return e;
}

constexpr bool has_letter(std::string_view letters, char letter) { return letters.find(letter) != letters.npos; }

constexpr AuxKind aux_from(char letter) {
  switch (letter) {
    case 'I': return AuxKind::Int;
    case 'F': return AuxKind::Float;
    case 'S': return AuxKind::Symbol;
    case 'T': return AuxKind::Type;
    case 'L': return AuxKind::Local;
    case 'C': return AuxKind::Call;
    default: return AuxKind::None;
  }
}

struct Facts {
  std::string_view name;
  int8_t arity;
  uint8_t effects;
  bool commutative, mid_level;
  AuxKind aux;
};

constexpr int V = -1;
constexpr Facts kFacts[] = {
#define OP(name, arity, result, effects, facts, aux, doc) \
  {#name, arity, effects_of(effects), has_letter(facts, 'c'), has_letter(facts, 'm'), aux_from(#aux[0])},
#include "ir/ops.def"
#undef OP
};

constexpr std::string_view kTyNames[] = {"void", "bool", "i8", "i16", "i32", "i64", "f32", "f64", "ptr", "addr"};
constexpr int kTySizes[] = {0, 1, 1, 2, 4, 8, 4, 8, 8, 8};

const Facts& facts(Op op) { return kFacts[static_cast<int>(op)]; }

}  // namespace

std::string_view name(Op op) { return facts(op).name; }
std::string_view name(Ty ty) { return kTyNames[static_cast<int>(ty)]; }
int arity(Op op) { return facts(op).arity; }
bool reads_memory(Op op) { return facts(op).effects & kReads; }
bool writes_memory(Op op) { return facts(op).effects & kWrites; }
bool may_panic(Op op) { return facts(op).effects & kPanics; }
bool may_allocate(Op op) { return facts(op).effects & kAllocates; }
bool is_safepoint(Op op) { return facts(op).effects & kSafepoint; }
bool is_ordered(Op op) { return facts(op).effects & kOrdered; }
bool is_pure(Op op) { return facts(op).effects == 0; }
bool is_commutative(Op op) { return facts(op).commutative; }
bool is_mid_level(Op op) { return facts(op).mid_level; }
AuxKind aux_kind(Op op) { return facts(op).aux; }
int size_of(Ty ty) { return kTySizes[static_cast<int>(ty)]; }

bool op_from_name(std::string_view text, Op* op) {
  static const auto* table = [] {
    auto* t = new absl::flat_hash_map<std::string_view, Op>();
    for (size_t i = 0; i < std::size(kFacts); i++) t->emplace(kFacts[i].name, static_cast<Op>(i));
    return t;
  }();
  auto it = table->find(text);
  if (it == table->end()) return false;
  *op = it->second;
  return true;
}

bool ty_from_name(std::string_view text, Ty* ty) {
  for (size_t i = 0; i < std::size(kTyNames); i++) {
    if (kTyNames[i] == text) {
      *ty = static_cast<Ty>(i);
      return true;
    }
  }
  return false;
}

}  // namespace gale::ir
