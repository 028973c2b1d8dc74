// Build constraints: //go:build expressions, +build lines, and the file-name rule (spec: `go help buildconstraint`).
// The header is read before a file is parsed: a file that does not match is dropped.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gale::syntax {

using TagPredicate = std::function<bool(std::string_view tag)>;

// Evaluates a //go:build expression (the text after "//go:build "). False plus *error set if it is malformed.
bool eval_build_expression(std::string_view expression, const TagPredicate& tag, std::string* error);

// "go1.N": the least Go version that the expression implies, or empty; malformed ones give empty.
std::string build_expression_go_version(std::string_view expression);

struct Header {
  bool matches = true;       // the constraints in the header hold
  std::string error;         // malformed constraint
  std::string go_version;    // "go1.N" implied by a go1.N tag as go/build/constraint.GoVersion computes it, or empty
  bool binary_only = false;
};
// Reads only the leading comments of a file.
Header read_header(std::string_view text, const TagPredicate& tag);

// The rule for names like x_linux_amd64_test.go: do the _GOOS/_GOARCH parts hold?
bool file_name_matches(std::string_view name, const TagPredicate& tag);

}  // namespace gale::syntax
