// The search of a switch for the case that a value belongs to, where cases are constants or concrete types.
//
// Integers: neighbours with the same target become ranges; ranges are divided by comparisons until few are left, which are
// tested one by one in source order, or until those that are left lie so densely that a table of jumps is better. Strings: by
// length, then by the byte that tells most of them apart, until few are left to compare. Types: by the hash in the descriptor.
// Constants of a switch are distinct, so the order in which they are tested shows in nothing but time.
#include <algorithm>
#include <map>

#include "base/abi/layout.h"
#include "base/check.h"
#include "discover/names.h"
#include "lower/body.h"

namespace gale::lower {

namespace {

constexpr size_t kFewRanges = 4;       // integers that are compared one by one
constexpr size_t kTableRanges = 6;     // fewer ranges are never a table: comparisons are predicted better
constexpr uint64_t kTableDensity = 4;  // entries of a table for each value that has a case
constexpr size_t kFewStrings = 3;
constexpr size_t kFewTypes = 4;

// lo <= value <= hi by the order of the type.
struct Range {
  int64_t lo, hi;
  BlockId to;
  Pos pos;
  size_t order;  // in the source
};

class IntegerSearch {
 public:
  IntegerSearch(Body& b, ValueId tag, bool is_signed, BlockId otherwise)
      : b_(b), tag_(tag), ty_(b.func[tag].ty), signed_(is_signed), otherwise_(otherwise), pos_(b.pos) {}

  void run(std::span<const SwitchCase> cases) {
    if (!b_.reachable()) return;
    for (const SwitchCase& c : cases) ranges_.push_back({c.value, c.value, c.to, c.pos, ranges_.size()});
    std::stable_sort(ranges_.begin(), ranges_.end(), [&](const Range& x, const Range& y) { return less(x.lo, y.lo); });
    size_t n = 0;
    for (const Range& r : ranges_) {
      if (n > 0 && ranges_[n - 1].hi == r.lo) continue;
      if (n > 0 && ranges_[n - 1].to == r.to && static_cast<uint64_t>(ranges_[n - 1].hi) + 1 == static_cast<uint64_t>(r.lo)) {
        ranges_[n - 1].hi = r.lo;
      } else {
        ranges_[n++] = r;
      }
    }
    ranges_.resize(n);
    search(ranges_);
  }

 private:
  bool less(int64_t x, int64_t y) const { return signed_ ? x < y : static_cast<uint64_t>(x) < static_cast<uint64_t>(y); }

  void search(std::span<const Range> ranges) {
    if (is_table(ranges)) return table(ranges);
    if (ranges.size() <= kFewRanges) return one_by_one(ranges);
    const size_t half = ranges.size() / 2;
    const BlockId low = b_.new_block(), high = b_.new_block();
    b_.pos = pos_;
    b_.branch(b_.op(signed_ ? Op::Le : Op::ULe, Ty::Bool, {tag_, b_.iconst(ty_, ranges[half - 1].hi)}), low, high);
    b_.start_sealed(low);
    search(ranges.first(half));
    b_.start_sealed(high);
    search(ranges.subspan(half));
  }

  void one_by_one(std::span<const Range> ranges) {
    std::vector<Range> in_order(ranges.begin(), ranges.end());
    std::sort(in_order.begin(), in_order.end(), [](const Range& x, const Range& y) { return x.order < y.order; });
    for (size_t i = 0; i < in_order.size(); i++) {
      const Range& r = in_order[i];
      b_.pos = r.pos;
      ValueId in;
      if (r.lo == r.hi) {
        in = b_.op(Op::Eq, Ty::Bool, {tag_, b_.iconst(ty_, r.lo)});
      } else {
        const ValueId above = b_.op(Op::Sub, ty_, {tag_, b_.iconst(ty_, r.lo)});
        in = b_.op(Op::ULe, Ty::Bool, {above, b_.iconst(ty_, span_of(r.lo, r.hi))});
      }
      const bool last = i + 1 == in_order.size();
      const BlockId next = last ? otherwise_ : b_.new_block();
      b_.branch(in, r.to, next);
      if (!last) b_.start_sealed(next);
    }
  }

  static int64_t span_of(int64_t lo, int64_t hi) { return static_cast<int64_t>(static_cast<uint64_t>(hi) - static_cast<uint64_t>(lo)); }

  static bool is_table(std::span<const Range> ranges) {
    if (ranges.size() < kTableRanges) return false;
    uint64_t values = 0;
    for (const Range& r : ranges) values += static_cast<uint64_t>(span_of(r.lo, r.hi)) + 1;
    const auto span = static_cast<uint64_t>(span_of(ranges.front().lo, ranges.back().hi));
    return values < (1 << 12) && span < values * kTableDensity;
  }

  void table(std::span<const Range> ranges) {
    b_.pos = pos_;
    const ValueId control = b_.to_i64(tag_, signed_);
    // One block stands for all that has no case: its predecessors are all this one.
    const BlockId none = b_.new_block();
    ir::Block& from = b_.func[b_.block];
    from.term = ir::TermKind::Switch;
    from.control = control;
    from.switch_low = ranges.front().lo;
    from.pos = pos_;
    uint64_t at = static_cast<uint64_t>(ranges.front().lo);
    for (const Range& r : ranges) {
      for (; at != static_cast<uint64_t>(r.lo); at++) b_.func.add_edge(b_.block, none);
      for (; at != static_cast<uint64_t>(r.hi) + 1; at++) b_.func.add_edge(b_.block, r.to);
    }
    b_.func.add_edge(b_.block, none);
    b_.start_sealed(none);
    b_.jump(otherwise_);
  }

  Body& b_;
  const ValueId tag_;
  const Ty ty_;
  const bool signed_;
  const BlockId otherwise_;
  const Pos pos_;
  std::vector<Range> ranges_;
};

// Strings of one length, which the tag is known to have.
void search_bytes(Body& b, const Val& tag, std::vector<StringCase> cases, BlockId otherwise) {
  const int64_t length = static_cast<int64_t>(cases[0].text.size());
  if (length == 0) return b.jump(cases[0].to);
  if (cases.size() <= kFewStrings) {
    for (size_t i = 0; i < cases.size(); i++) {
      b.pos = cases[i].pos;
      const bool last = i + 1 == cases.size();
      const BlockId next = last ? otherwise : b.new_block();
      b.branch(b.equal_bytes(tag.parts[0], b.string_constant(cases[i].text, tag.type).parts[0], length), cases[i].to, next);
      if (!last) b.start_sealed(next);
    }
    return;
  }
  // The byte that leaves the fewest together; distinct strings of one length differ somewhere.
  size_t best = 0, best_worst = cases.size() + 1;
  for (size_t i = 0; i < static_cast<size_t>(length); i++) {
    size_t count[256] = {}, worst = 0;
    for (const StringCase& c : cases) worst = std::max(worst, ++count[static_cast<unsigned char>(c.text[i])]);
    if (worst < best_worst) best = i, best_worst = worst;
  }
  CHECK(best_worst < cases.size(), "case strings are distinct");
  std::map<unsigned char, std::vector<StringCase>> groups;
  for (const StringCase& c : cases) groups[static_cast<unsigned char>(c.text[best])].push_back(c);
  std::vector<SwitchCase> bytes;
  for (const auto& [byte, group] : groups) bytes.push_back({byte, b.new_block(), group[0].pos});
  b.search_integer(b.op(Op::Load, Ty::I8, {tag.parts[0]}, static_cast<int64_t>(best)), false, bytes, otherwise);
  size_t i = 0;
  for (const auto& [byte, group] : groups) {
    b.start_sealed(bytes[i++].to);
    search_bytes(b, tag, group, otherwise);
  }
}

}  // namespace

void Body::search_integer(ValueId tag, bool is_signed, std::span<const SwitchCase> cases, BlockId otherwise) {
  IntegerSearch(*this, tag, is_signed, otherwise).run(cases);
}

void Body::search_string(const Val& tag, std::span<const StringCase> cases, BlockId otherwise) {
  if (cases.size() <= kFewStrings) {
    for (size_t i = 0; i < cases.size(); i++) {
      pos = cases[i].pos;
      const bool last = i + 1 == cases.size();
      const BlockId next = last ? otherwise : new_block();
      branch(compare(syntax::Op::Eql, tag, string_constant(cases[i].text, tag.type)), cases[i].to, next);
      if (!last) start_sealed(next);
    }
    return;
  }
  std::map<int64_t, std::vector<StringCase>> groups;
  for (const StringCase& c : cases) groups[static_cast<int64_t>(c.text.size())].push_back(c);
  std::vector<SwitchCase> lengths;
  for (const auto& [length, group] : groups) lengths.push_back({length, new_block(), group[0].pos});
  search_integer(tag.parts[1], true, lengths, otherwise);
  size_t i = 0;
  for (const auto& [length, group] : groups) {
    start_sealed(lengths[i++].to);
    search_bytes(*this, tag, group, otherwise);
  }
}

void Body::search_type(const Val& x, std::span<const TypeCase> cases, BlockId otherwise) {
  auto one_by_one = [&](std::span<const TypeCase> list) {
    for (size_t i = 0; i < list.size(); i++) {
      pos = list[i].pos;
      const bool last = i + 1 == list.size();
      const BlockId next = last ? otherwise : new_block();
      const ValueId same = list[i].type == nullptr ? op(Op::Eq, Ty::Bool, {x.parts[0], iconst(Ty::Addr, 0)}) : has_type(x, list[i].type);
      branch(same, list[i].to, next);
      if (!last) start_sealed(next);
    }
  };
  if (cases.size() <= kFewTypes) return one_by_one(cases);
  BlockId nil = otherwise;
  std::map<uint32_t, std::vector<TypeCase>> groups;
  for (const TypeCase& c : cases) {
    if (c.type == nullptr) nil = c.to;
    else groups[discover::type_hash(discover::type_symbol(c.type))].push_back(c);
  }
  const BlockId present = new_block();
  branch(op(Op::Eq, Ty::Bool, {x.parts[0], iconst(Ty::Addr, 0)}), nil, present);
  start_sealed(present);
  static_assert(abi::Type::hash == abi::ITab::hash, "the first word of either kind of interface leads to the hash");
  const ValueId hash = op(Op::Load, Ty::I32, {x.parts[0]}, abi::Type::hash);
  std::vector<SwitchCase> hashes;
  for (const auto& [value, group] : groups) hashes.push_back({value, new_block(), group[0].pos});
  search_integer(hash, false, hashes, otherwise);
  size_t i = 0;
  for (const auto& [value, group] : groups) {
    start_sealed(hashes[i++].to);
    one_by_one(group);
  }
}

}  // namespace gale::lower
