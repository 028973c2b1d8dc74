#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/id.h"
#include "base/source.h"
#include "base/symbol.h"

namespace gale {
namespace {

TEST(Symbol, EqualTextsAreOneSymbol) {
  EXPECT_EQ(Symbol("main"), Symbol(std::string("ma") + "in"));
  EXPECT_NE(Symbol("main"), Symbol("Main"));
  EXPECT_EQ(Symbol(""), Symbol());
  EXPECT_EQ(Symbol("x").text(), "x");
}

TEST(Source, PositionsKnowTheirFileLineAndColumn) {
  SourceManager sources;
  SourceFile* a = sources.add("/a.go", "a.go", "one\ntwo\n");
  SourceFile* b = sources.add("/b.go", "b.go", "three\n");
  Location l = sources.location(a->pos(5));
  EXPECT_EQ(l.file, "a.go");
  EXPECT_EQ(l.line, 2u);
  EXPECT_EQ(l.column, 2u);
  EXPECT_EQ(sources.location(b->pos(0)).file, "b.go");
  EXPECT_EQ(sources.location(a->pos(8)).line, 3u);  // the position just past the end is the file's
  EXPECT_EQ(a->line_text(2), "two");
}

TEST(Source, LineDirectivesMovePositions) {
  SourceManager sources;
  SourceFile* a = sources.add("/a.go", "a.go", "//line x.y:10\nfoo\nbar\n");
  a->add_directive({14, Symbol("x.y"), 10, 0});
  Location l = sources.location(a->pos(18));
  EXPECT_EQ(l.file, "x.y");
  EXPECT_EQ(l.line, 11u);
  EXPECT_EQ(l.column, 0u);
  EXPECT_EQ(sources.physical_location(a->pos(18)).line, 3u);
}

TEST(Arena, CopiesAndAligns) {
  Arena arena;
  arena.allocate(1, 1);
  auto* p = arena.make<uint64_t>(7u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 8, 0u);
  std::vector<int> v = {1, 2, 3};
  auto s = arena.copy(v);
  EXPECT_EQ(s[2], 3);
  EXPECT_EQ(arena.copy_text("abc"), "abc");
}

}  // namespace
}  // namespace gale
