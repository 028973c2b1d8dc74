// functable.cpp: see functable.h.

#include "runtime/panic/functable.h"

#include "runtime/sys/module.h"

namespace gale::rt {

namespace {

const abi::PclnHeader* header() { return reinterpret_cast<const abi::PclnHeader*>(gale_module.pclntab); }

const abi::FunctabRow* functab() {
  return reinterpret_cast<const abi::FunctabRow*>(gale_module.pclntab + header()->pcln_offset);
}

u32 read_varint(const u8*& p) {
  u32 v = 0;
  for (int shift = 0;; shift += 7) {
    u8 b = *p++;
    v |= static_cast<u32>(b & 0x7f) << shift;
    if ((b & 0x80) == 0) return v;
  }
}

// How many of the bits 0 .. index-1 are set.
u32 bits_below(u32 mask, u32 index) {
  u32 n = 0;
  for (mask &= (u32{1} << index) - 1; mask != 0; mask &= mask - 1) ++n;
  return n;
}

u32 read_bytes(const u8* p, u32 width) {
  u32 v = 0;
  for (u32 i = 0; i < width; ++i) v |= u32{p[i]} << (8 * i);
  return v;
}

const u32* tables_after(const abi::FuncRecord* r) { return reinterpret_cast<const u32*>(r + 1); }

}  // namespace

Function find_function(uptr pc) {
  const Module& m = gale_module;
  if (pc < m.text || pc >= m.etext || m.pclntab == nullptr) return {};
  const abi::FunctabRow* rows = functab();
  u64 n = header()->nfunc;
  u32 off = static_cast<u32>(pc - m.text);
  if (n == 0 || off < rows[0].entry_off || off >= rows[n].entry_off) return {};
  u64 lo = 0, hi = n;  // rows[lo].entry <= off < rows[hi].entry
  while (hi - lo > 1) {
    u64 mid = (lo + hi) / 2;
    (rows[mid].entry_off <= off ? lo : hi) = mid;
  }
  auto* record = reinterpret_cast<const abi::FuncRecord*>(m.pclntab + header()->pcln_offset + rows[lo].func_off);
  return {record, m.text + record->entry_off};
}

const char* name_at(i32 name_off) {
  return reinterpret_cast<const char*>(gale_module.pclntab + header()->funcname_offset + static_cast<u32>(name_off));
}

const char* function_name(Function f) { return f ? name_at(f.record->name_off) : ""; }

i32 pc_value(Function f, u32 table, uptr pc) {
  if (table == 0) return -1;
  const u8* p = gale_module.pclntab + header()->pctab_offset + table;
  i32 value = -1;
  uptr at = f.entry;
  for (bool first = true;; first = false) {
    u32 delta = read_varint(p);
    if (delta == 0 && !first) return -1;
    value += static_cast<i32>((delta >> 1) ^ (~(delta & 1) + 1));
    at += read_varint(p);
    if (pc < at) return value;
  }
}

i32 pc_data(Function f, u32 index, uptr pc) {
  u32 mask = f.record->pcdata_mask;
  if ((mask >> index & 1) == 0) return -1;
  return pc_value(f, tables_after(f.record)[bits_below(mask, index)], pc);
}

const u8* func_data(Function f, u32 index) {
  u32 mask = f.record->funcdata_mask;
  if ((mask >> index & 1) == 0) return nullptr;
  return gale_module.gofunc + tables_after(f.record)[f.record->npcdata + bits_below(mask, index)];
}

i32 sp_delta(Function f, uptr pc) {
  i32 v = pc_value(f, f.record->pcsp, pc);
  return v < 0 ? 0 : v;
}

const char* file_name(Function f, i32 value) {
  if (value < 0) return "?";
  auto* cutab = reinterpret_cast<const u32*>(gale_module.pclntab + header()->cu_offset);
  u32 off = cutab[f.record->cu_offset + static_cast<u32>(value)];
  if (off == ~u32{0}) return "?";
  return reinterpret_cast<const char*>(gale_module.pclntab + header()->filetab_offset + off);
}

BitRow map_row(const u8* data, i32 index) {
  if (data == nullptr) return {};
  auto* h = reinterpret_cast<const abi::PointerMapHeader*>(data);
  if (h->nbit == 0 || index < 0 || static_cast<u32>(index) >= h->n) return {};
  return {data + sizeof(*h) + static_cast<u32>(index) * ((h->nbit + 7) / 8), h->nbit};
}

StackObjects stack_objects(Function f) {
  const u8* data = func_data(f, abi::kFuncDataStackObjects);
  return data == nullptr ? StackObjects{} : StackObjects{data, *reinterpret_cast<const u32*>(data)};
}

InlineFrames::InlineFrames(Function f, uptr pc) : f_(f), pc_(pc), index_(-1), tree_(nullptr) {
  tree_ = func_data(f, abi::kFuncDataInlTree);
  if (tree_ != nullptr) index_ = pc_data(f, abi::kPcDataInlTreeIndex, pc);
}

bool InlineFrames::next(LogicalFrame& out) {
  uptr pc = pc_;
  if (!next_without_line(out)) return false;
  out.line = pc_value(f_, f_.record->pcln, pc);
  out.file = file_name(f_, pc_value(f_, f_.record->pcfile, pc));
  return true;
}

bool InlineFrames::next_without_line(LogicalFrame& out) {
  if (done_) return false;
  out.pc = pc_;
  if (index_ < 0 || tree_ == nullptr) {
    out.name = function_name(f_);
    out.start_line = f_.record->start_line;
    out.func_id = f_.record->func_id;
    out.inlined = false;
    done_ = true;
    return true;
  }
  const u32 function_width = tree_[0] & 15, pc_width = tree_[0] >> 4;
  const u8* call = tree_ + 1 + static_cast<u32>(index_) * (function_width + pc_width);
  auto* functions = reinterpret_cast<const abi::InlinedFunction*>(gale_module.gofunc);
  const abi::InlinedFunction& inlined = functions[-1 - static_cast<i64>(read_bytes(call, function_width))];
  out.name = name_at(static_cast<i32>(inlined.name & ~abi::kInlinedWrapper));
  out.start_line = inlined.start_line;
  out.func_id = (inlined.name & abi::kInlinedWrapper) != 0 ? abi::kFuncIdWrapper : abi::kFuncIdNormal;
  out.inlined = true;
  pc_ = f_.entry + read_bytes(call + function_width, pc_width);
  index_ = pc_data(f_, abi::kPcDataInlTreeIndex, pc_);
  return true;
}

}  // namespace gale::rt
