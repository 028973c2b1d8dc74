// What tracebacks print of a function's arguments: FUNCDATA ArgInfo (base/abi/stackmap.h), as gc lays it out: at most 10 scalars
// and 5 levels of aggregates. Arguments in registers are shown from their homes in the spill area, which are written when the
// stack grows at entry only: marked, so that the traceback says `?`.
#include "base/abi/stackmap.h"
#include "lower/body.h"

namespace gale::lower {

namespace {

constexpr int kMaxScalars = 10, kMaxDepth = 5;

class ArgInfo {
 public:
  std::vector<uint8_t> bytes;

  // False: no more is shown.
  bool value(Program& program, Type* t, uint64_t at, bool in_register, int depth) {
    if (scalars_ >= kMaxScalars) {
      bytes.push_back(abi::kArgsDots);
      return false;
    }
    auto go_on = [&](Type* part, uint64_t offset) { return value(program, part, at + offset, in_register, depth + 1); };
    Type* word = program.types.get(types::basic(types::BasicKind::Uintptr));
    auto* array = types::under_as<types::Array>(t);
    auto* structure = types::under_as<types::Struct>(t);
    const bool is_slice = types::under_as<types::Slice>(t) != nullptr;
    const bool two_words = types::is_interface(t) || types::is_string(t);
    if (array == nullptr && structure == nullptr && !is_slice && !two_words && !types::is_complex(t)) {
      scalar(at, program.shape(t).size, in_register);
      return true;
    }
    bytes.push_back(abi::kArgsOpen);
    if (depth + 1 >= kMaxDepth) {
      bytes.push_back(abi::kArgsDots);
      scalars_++;
    } else if (two_words) {
      go_on(word, 0) && go_on(word, 8);
    } else if (is_slice) {
      go_on(word, 0) && go_on(word, 8) && go_on(word, 16);
    } else if (array != nullptr) {
      if (array->length == 0) scalars_++;
      const uint64_t size = program.shape(program.types.get(array->elem)).size;
      for (int64_t i = 0; i < array->length && go_on(array->elem, static_cast<uint64_t>(i) * size); i++) {
      }
    } else if (structure != nullptr) {
      if (structure->fields.empty()) scalars_++;
      for (uint32_t i = 0; i < structure->fields.size(); i++) {
        if (!go_on(program.types.get(structure->fields[i]->type), types::field_offset(structure, i))) break;
      }
    } else {
      const uint64_t half = program.shape(t).size / 2;
      for (uint64_t offset : {uint64_t{0}, half}) {
        if (scalars_ < kMaxScalars) scalar(at + offset, half, in_register);
      }
    }
    bytes.push_back(abi::kArgsClose);
    return true;
  }

 private:
  void scalar(uint64_t at, uint64_t size, bool in_register) {
    scalars_++;
    if (at >= abi::kArgsFirstSpecial) return bytes.push_back(abi::kArgsTooFar);
    bytes.push_back(static_cast<uint8_t>(at));
    bytes.push_back(static_cast<uint8_t>(size | (in_register ? abi::kArgsUnsure : 0)));
  }
  int scalars_ = 0;
};

}  // namespace

void Body::describe_arguments() {
  if (param_types.empty() || (func.attrs & ir::kWrapper) != 0) return;
  ArgInfo info;
  size_t slot = 0;
  for (Type* t : param_types) {
    const size_t n = program.slot_count(t, *func.sig, slot);
    uint64_t at = 0;
    bool in_register = false;
    if (n != 0) {
      const ir::AbiSlot& s = func.sig->args[slot];
      in_register = s.kind == ir::AbiSlot::IntReg || s.kind == ir::AbiSlot::FloatReg;
      const Shape& parts = shape(t);
      const uint64_t first = s.kind == ir::AbiSlot::Memory || parts.parts.empty() ? 0 : parts.parts[0].offset;
      at = (in_register ? s.spill : s.offset) - first;
    }
    slot += n;
    if (!info.value(program, t, at, in_register, 0)) break;
  }
  info.bytes.push_back(abi::kArgsEnd);
  func.arg_info = func.arena.copy(info.bytes);
}

}  // namespace gale::lower
