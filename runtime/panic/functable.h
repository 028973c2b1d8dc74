// functable.h: queries of the function table that the linker wrote (formats: base/abi/stackmap.h).

#ifndef GALE_RUNTIME_PANIC_FUNCTABLE_H_
#define GALE_RUNTIME_PANIC_FUNCTABLE_H_

#include "base/abi/stackmap.h"
#include "runtime/sys/gate.h"

namespace gale::rt {

struct Function {
  const abi::FuncRecord* record = nullptr;
  uptr entry = 0;

  explicit operator bool() const { return record != nullptr; }
  bool is_c() const { return (record->flag & abi::kFuncFlagC) != 0; }
};

Function find_function(uptr pc);
const char* function_name(Function f);
const char* name_at(i32 name_off);

i32 pc_value(Function f, u32 table, uptr pc);  // -1 when there is no table or no row
i32 pc_data(Function f, u32 index, uptr pc);   // -1 likewise
const u8* func_data(Function f, u32 index);    // nullptr if none
i32 sp_delta(Function f, uptr pc);
const char* file_name(Function f, i32 file_value);  // "?" if unknown

// One row of a pointer map: nbit bits. bits == nullptr: no pointers.
struct BitRow {
  const u8* bits = nullptr;
  u32 nbit = 0;
  bool at(u32 i) const { return (bits[i / 8] >> (i % 8) & 1) != 0; }
};
BitRow map_row(const u8* funcdata, i32 index);

// FUNCDATA StackObjects.
struct StackObjects {
  const u8* data = nullptr;
  u32 n = 0;
  const abi::StackObject& operator[](u32 i) const { return reinterpret_cast<const abi::StackObject*>(data + 4)[i]; }
  const u8* mask(const abi::StackObject& o) const { return data + o.mask; }
};
StackObjects stack_objects(Function f);

// A logical frame at a pc: the function itself or one that was inlined into it, innermost first.
struct LogicalFrame {
  const char* name;
  const char* file;
  i32 line;
  i32 start_line;
  u8 func_id;
  bool inlined;   // not the outermost of this pc
  uptr pc;        // pc that stands for it
};
class InlineFrames {
 public:
  InlineFrames(Function f, uptr lookup_pc);
  bool next(LogicalFrame& out);
  bool next_without_line(LogicalFrame& out);  // quicker: leaves line and file alone

 private:
  Function f_;
  uptr pc_;
  i32 index_;
  const u8* tree_;
  bool done_ = false;
};

}  // namespace gale::rt

#endif  // GALE_RUNTIME_PANIC_FUNCTABLE_H_
