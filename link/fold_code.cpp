// Identical code folding of generic instances: bodies of one generic function whose code, relocations and tables are equal
// share one address. Only within a fold group (the generic origin), so that a name in a trace is never wrong: the folded
// instances are shown alike ("F[...]"). Go does not let programs compare functions, so a shared address cannot be seen.
//
// Method: repeat (hash, then compare) until nothing more folds, since a body that calls a folded one may become equal to
// another's; a few rounds at most, each linear in the candidates.
#include <absl/container/flat_hash_map.h>

#include "link/bytes.h"
#include "link/program.h"

namespace gale::link {
namespace {

constexpr int kMaxRounds = 8;

class Folder {
 public:
  explicit Folder(Program& program) : p_(program) {}

  void run() {
    collect_groups();
    for (int round = 0; round < kMaxRounds; round++) {
      bool changed = false;
      for (auto& group : groups_) changed |= fold_group(group);
      if (!changed) break;
    }
  }

 private:
  void collect_groups() {
    absl::flat_hash_map<Symbol, size_t> index;
    for (uint32_t i = 0; i < p_.atoms.size(); i++) {
      const Atom& a = p_.atoms[i];
      if (!a.live || (a.def->flags & kFoldable) == 0 || a.def->fold_group.empty()) continue;
      auto [it, is_new] = index.try_emplace(a.def->fold_group, groups_.size());
      if (is_new) groups_.emplace_back();
      groups_[it->second].push_back(AtomId(i));
    }
    // The first by name is the one that stays.
    for (auto& group : groups_) {
      std::sort(group.begin(), group.end(),
                [&](AtomId a, AtomId b) { return text_less(p_.atom(a).def->name, p_.atom(b).def->name); });
    }
  }

  bool fold_group(std::vector<AtomId>& group) {
    if (group.size() < 2) return false;
    bool changed = false;
    absl::flat_hash_map<uint64_t, std::vector<AtomId>> by_hash;
    std::vector<AtomId> kept;
    for (AtomId id : group) {
      std::vector<AtomId>& candidates = by_hash[hash(id)];
      AtomId same;
      for (AtomId other : candidates) {
        if (equal(other, id)) {
          same = other;
          break;
        }
      }
      if (same.valid()) {
        p_.atom(id).folded_into = same;
        p_.stats.folded++;
        changed = true;
      } else {
        candidates.push_back(id);
        kept.push_back(id);
      }
    }
    group = std::move(kept);
    return changed;
  }

  uint64_t hash(AtomId id) const {
    const Definition& def = *p_.atom(id).def;
    uint64_t h = absl::HashOf(std::string_view(reinterpret_cast<const char*>(def.bytes.data()), def.bytes.size()));
    for (size_t i = 0; i < def.relocs.size(); i++) h = absl::HashOf(h, def.relocs[i].offset, target_key(id, i));
    return h;
  }

  // Where relocation i leads; a reference to itself is the same in all of a group.
  std::pair<uint32_t, uint64_t> target_key(AtomId id, size_t i) const {
    const Place& place = p_.targets[p_.atom(id).first_target + i];
    if (!place.atom.valid()) return {UINT32_MAX, 0};
    if (place.atom == id) return {UINT32_MAX - 1, place.offset};
    return {p_.representative(place.atom).index, place.offset};
  }

  bool equal(AtomId x, AtomId y) const {
    const Definition &a = *p_.atom(x).def, &b = *p_.atom(y).def;
    if (a.bytes.size() != b.bytes.size() || a.relocs.size() != b.relocs.size() || a.align != b.align) return false;
    if (!std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin())) return false;
    for (size_t i = 0; i < a.relocs.size(); i++) {
      const Reloc &ra = a.relocs[i], &rb = b.relocs[i];
      if (ra.offset != rb.offset || ra.kind != rb.kind || ra.addend != rb.addend || ra.weak != rb.weak) return false;
      if (target_key(x, i) != target_key(y, i)) return false;
    }
    return equal_tables(a.func, b.func);
  }

  template <class T>
  static bool equal_spans(std::span<const T> a, std::span<const T> b, bool (*same)(const T&, const T&)) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same);
  }

  static bool same_pc_value(const PcValue& a, const PcValue& b) { return a.pc == b.pc && a.value == b.value; }

  static bool same_line(const LineRow& a, const LineRow& b) {
    return a.pc == b.pc && a.line == b.line && a.column == b.column && a.file == b.file &&
           a.inline_index == b.inline_index && a.is_stmt == b.is_stmt;
  }

  static bool same_pc_data(const PcData& a, const PcData& b) {
    return a.index == b.index && equal_spans(a.rows, b.rows, same_pc_value);
  }

  static bool same_func_data(const FuncData& a, const FuncData& b) {
    return a.index == b.index && a.align == b.align && a.relocs.empty() && b.relocs.empty() &&
           a.bytes.size() == b.bytes.size() && std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin());
  }

  static bool same_node(const InlineNode& a, const InlineNode& b) {
    if (a.parent != b.parent || a.file != b.file || a.line != b.line || a.parent_pc != b.parent_pc ||
        a.start_line != b.start_line || a.func_id != b.func_id) {
      return false;
    }
    Arena scratch;
    return a.function == b.function || display_function_name(scratch, a.function.text()) ==
                                           display_function_name(scratch, b.function.text());
  }

  static bool same_symbol(const Symbol& a, const Symbol& b) { return a == b; }

  static bool equal_tables(const FuncInfo* a, const FuncInfo* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a->args_size == b->args_size && a->frame_size == b->frame_size && a->start_line == b->start_line &&
           a->deferreturn == b->deferreturn && a->func_id == b->func_id && a->flags == b->flags &&
           a->display_name == b->display_name && equal_spans(a->files, b->files, same_symbol) &&
           equal_spans(a->lines, b->lines, same_line) && equal_spans(a->inline_tree, b->inline_tree, same_node) &&
           equal_spans(a->pcsp, b->pcsp, same_pc_value) && equal_spans(a->pcdata, b->pcdata, same_pc_data) &&
           equal_spans(a->funcdata, b->funcdata, same_func_data);
  }

  Program& p_;
  std::vector<std::vector<AtomId>> groups_;
};

}  // namespace

void fold_identical_code(Program& program) { Folder(program).run(); }

}  // namespace gale::link
