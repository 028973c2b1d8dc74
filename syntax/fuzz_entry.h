// What the fuzzers and the mutation test do with one input.
#pragma once

#include <string>

#include "base/source.h"
#include "syntax/nodes.h"
#include "syntax/parser.h"

namespace gale::syntax {

// Parses in full, then skimmed with all bodies read afterwards; walks the result by printing positions and expressions.
inline size_t fuzz_parse(const std::string& text) {
  size_t sum = 0;
  for (bool skim : {false, true}) {
    SourceManager sources;
    SourceFile* source = sources.add("fuzz.go", "fuzz.go", text);
    Arena arena;
    DiagnosticSink sink;
    ParseOptions options;
    options.skim = skim;
    File* f = parse_file(source, arena, sink, options);
    for (Decl* d : f->decls) {
      sum += start_pos(d).value + end_pos(d).value;
      if (FuncDecl* func = as<FuncDecl>(d)) parse_body(source, func, arena, sink);
      if (VarDecl* var = as<VarDecl>(d)) sum += expr_string(var->values).size();
      if (TypeDecl* type = as<TypeDecl>(d)) sum += expr_string(type->type_expr).size();
    }
    for (const Diagnostic& d : sink.items()) sum += sources.location(d.pos).line;
  }
  return sum;
}

}  // namespace gale::syntax
