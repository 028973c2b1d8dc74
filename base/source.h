// Source files and positions. A Pos is 32 bits: 0 is "no position", else 1 + base of a file + byte offset in it, in one
// table of all files. A file's base is given out when it is added, so add files in a deterministic order (D14).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/symbol.h"

namespace gale {

struct Pos {
  uint32_t value = 0;

  constexpr bool valid() const { return value != 0; }
  constexpr bool operator==(const Pos&) const = default;
  constexpr auto operator<=>(const Pos&) const = default;
  constexpr Pos offset_by(uint32_t n) const { return Pos{value + n}; }
};

// A //line directive: from `offset` on, positions count from file:line:col (col 0: columns are not known).
struct LineDirective {
  uint32_t offset;  // byte offset at which it takes effect (start of the line after a //line, or after the /*line*/)
  Symbol file;
  uint32_t line, column;
};

// A position as messages and line tables show it: after //line directives.
struct Location {
  std::string_view file;  // display name, or the directive's file
  uint32_t line = 0, column = 0;
  bool operator==(const Location&) const = default;
};

class SourceFile {
 public:
  SourceFile(std::string path, std::string display, std::string text, uint32_t base)
      : path_(std::move(path)), display_(std::move(display)), text_(std::move(text)), base_(base) {}

  const std::string& path() const { return path_; }        // absolute path, for opening
  const std::string& display() const { return display_; }  // as messages show it
  std::string_view text() const { return text_; }
  Pos pos(uint32_t offset) const { return Pos{base_ + offset + 1}; }
  uint32_t offset(Pos pos) const { return pos.value - base_ - 1; }
  bool contains(Pos pos) const { return pos.value > base_ && pos.value - base_ - 1 <= text_.size(); }
  uint32_t base() const { return base_; }

  // The scanner reports each line's start (offset 0 is implied) and each directive, in order. Not thread-safe while
  // being written; afterwards read-only.
  void add_line_start(uint32_t offset) {
    if (line_starts_.empty() || line_starts_.back() < offset) line_starts_.push_back(offset);
  }
  void add_directive(LineDirective d) { directives_.push_back(d); }
  // Line (from 1) and byte column (from 1) in the physical file. Lines are computed from the text when asked first.
  void physical(uint32_t offset, uint32_t* line, uint32_t* column) const;
  Location location(Pos pos) const;  // with the directives applied
  std::string_view line_text(uint32_t line) const;
  std::span<const LineDirective> directives() const { return directives_; }

 private:
  void ensure_lines() const;
  std::string path_, display_, text_;
  uint32_t base_;
  mutable std::once_flag lines_once_;
  mutable std::vector<uint32_t> line_starts_;
  std::vector<LineDirective> directives_;
};

class SourceManager {
 public:
  // Takes a file's text. Thread-safe. `display` is the name in messages.
  SourceFile* add(std::string path, std::string display, std::string text);
  // The file that holds pos; null for no position.
  const SourceFile* file(Pos pos) const;
  Location location(Pos pos) const;           // with //line directives applied
  Location physical_location(Pos pos) const;  // as the file lies on disk

 private:
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<SourceFile>> files_;  // by base, ascending
  uint32_t next_base_ = 0;
};

}  // namespace gale
