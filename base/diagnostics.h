// Diagnostics: a user's mistakes. Every stage reports into a DiagnosticSink and goes on; the driver merges, orders, cuts
// and prints. Wording is gc's (D12); notes and hints are gale's own and are shown on terminals only.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/source.h"

namespace gale {

// Where a diagnostic stands in gc's report order (DESIGN section 3): all threads' messages are merged by this key.
struct DiagnosticKey {
  uint32_t package = 0;   // ordinal of the package in import order
  uint16_t phase = 0;     // collect, package objects, bodies, unused variables, init order, unused imports, ...
  uint32_t decl = 0;      // ordinal of the declaration
  uint32_t sequence = 0;  // order of report within it
  auto operator<=>(const DiagnosticKey&) const = default;
};

struct DiagnosticNote {
  Pos pos;
  std::string text;
};

struct Diagnostic {
  Pos pos;
  Pos end;               // exclusive; no position: just a caret
  std::string message;   // gc's words; further lines start with a tab
  std::string code;      // stable name, e.g. "UnusedVar" (internal/types/errors' names), or "syntax"
  std::vector<DiagnosticNote> notes;
  std::string hint;      // how to mend it, if known
  DiagnosticKey key;
  bool soft = false;     // a soft error does not stop later phases (unused variable, unused import)
};

class DiagnosticSink {
 public:
  void report(Diagnostic d) {
    std::lock_guard<std::mutex> lock(mutex_);
    d.key.sequence = d.key.sequence != 0 ? d.key.sequence : ++sequence_;
    if (!d.soft) hard_errors_++;
    items_.push_back(std::move(d));
  }
  bool empty() const { return items_.empty(); }
  size_t count() const { return items_.size(); }
  size_t hard_errors() const { return hard_errors_; }
  std::vector<Diagnostic>& items() { return items_; }
  const std::vector<Diagnostic>& items() const { return items_; }

 private:
  std::mutex mutex_;
  std::vector<Diagnostic> items_;
  uint32_t sequence_ = 0;
  size_t hard_errors_ = 0;
};

}  // namespace gale
