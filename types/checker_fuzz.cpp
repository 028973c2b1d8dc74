// Fuzz target: any file without a syntax error is checked, with all bodies, without a crash.
#include <cstddef>
#include <cstdint>
#include <string>

#include "syntax/go_fuzz_tokens.inc"
#include "syntax/parser.h"
#include "types/checker.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gale::SourceManager sources;
  gale::DiagnosticSink sink;
  gale::load::Package package;
  package.path = gale::Symbol("p");
  package.name = gale::Symbol("p");
  gale::types::Checker checker(sources, sink);
  gale::SourceFile* source = sources.add("/p.go", "p.go", std::string(reinterpret_cast<const char*>(data), size));
  package.files.push_back(gale::syntax::parse_file(source, package.arena, sink, {}));
  if (sink.count() != 0) return 0;  // nothing is checked after a syntax error
  checker.check_package(checker.add_package(&package));
  for (const gale::Diagnostic& d : sink.items()) sources.location(d.pos);
  package.types = nullptr;
  return 0;
}
