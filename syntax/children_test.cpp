#include "syntax/children.h"

#include <gtest/gtest.h>

#include "syntax/parser.h"

namespace gale::syntax {
namespace {

// Every name of a file that holds each kind of node, in the order in which they are visited.
std::string names_of(std::string text) {
  SourceManager sources;
  Arena arena;
  DiagnosticSink sink;
  File* file = parse_file(sources.add("/x/x.go", "x.go", std::move(text)), arena, sink, {});
  EXPECT_TRUE(sink.items().empty());
  std::string out;
  auto visit = [&](auto&& self, const Node* n) -> void {
    if (auto* name = as<Name>(n)) out += std::string(name->name.text()) + " ";
    for_each_child(n, [&](const Node* child) { self(self, child); });
  };
  for (const Decl* d : file->decls) visit(visit, d);
  return out;
}

TEST(Children, AreVisitedInTheOrderOfTheSource) {
  EXPECT_EQ(names_of(R"(package p
import a "x"
const b, c = d, e
type f[g h] struct { i, j k; l }
type m interface { n(o p) q; r | ~s }
var t [u]v
var w map[x]chan y = z
)"),
            "a b c d e f g h i j k l m n o p q r s t u v w x y z ");
  EXPECT_EQ(names_of(R"(package p
func (a b) c(d ...e) (f g) {
h:
	for i := range j { continue h }
	if k := l; m { n++ } else if o { goto h }
	for p := q; r; s-- { t <- u }
	switch v := w.(type) { case x, y: break; default: }
	select { case z := <-aa: ; default: }
	defer ab.ac(ad, ae...)
	af = ag[ah][ai:aj:ak], al{am: an}, func(ao ap) { aq() }, (ar), as.(at)
	;
	var au, av = -aw, ax
	return ay, az
}
)"),
            "a b c d e f g h i j h k l m n o h p q r s t u v w x y z aa ab ac ad ae af ag ah ai aj ak al am an ao ap aq ar as at au av aw ax "
            "ay az ");
}

}  // namespace
}  // namespace gale::syntax
