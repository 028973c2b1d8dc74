// parse(source) -> File: the scanner and the recursive-descent parser for all of Go 1.26.
#pragma once

#include <cstdint>

#include "base/diagnostics.h"
#include "syntax/nodes.h"

namespace gale::syntax {

struct ParseOptions {
  bool skim = false;           // function bodies are only brace-matched; parse_body reads them later
  bool imports_only = false;   // stop after the import declarations
  bool std = false;            // standard library: directives reserved for it are allowed
  bool check_branches = true;  // labels, goto, break... (off for test data that wants types2's words for them)
  bool all_errors = false;     // several syntax errors a line (for the conformance tests)
};

// Parses a file into `arena`. Errors go to `sink` in gc's words ("syntax error: ..."), at most one a line; the result is
// a File in any case (with what could be read; no declarations if the package clause is bad). Nesting deeper than 5,000, or an
// expression higher than 10,000, is an error, not a crash. If skimming meets unbalanced braces, that body is parsed in full.
File* parse_file(SourceFile* source, Arena& arena, DiagnosticSink& sink, const ParseOptions& options = {});

// Parses the body of a skimmed function (FuncDecl::has_body, body == nullptr) and sets `body`. Function literals of
// package-level variable initialisers are always parsed. Thread-safe for distinct functions with distinct arenas.
void parse_body(const SourceFile* source, FuncDecl* func, Arena& arena, DiagnosticSink& sink);

}  // namespace gale::syntax
