#include "base/source.h"

#include <algorithm>

#include "base/check.h"

namespace gale {

void SourceFile::ensure_lines() const {
  std::call_once(lines_once_, [this] {
    if (!line_starts_.empty()) return;
    for (size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
      line_starts_.push_back(static_cast<uint32_t>(at + 1));
    }
  });
}

void SourceFile::physical(uint32_t offset, uint32_t* line, uint32_t* column) const {
  ensure_lines();
  auto it = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  *line = static_cast<uint32_t>(it - line_starts_.begin()) + 1;
  *column = offset - (it == line_starts_.begin() ? 0 : it[-1]) + 1;
}

std::string_view SourceFile::line_text(uint32_t line) const {
  ensure_lines();
  if (line == 0 || line > line_starts_.size() + 1) return {};
  uint32_t start = line == 1 ? 0 : line_starts_[line - 2];
  std::string_view rest = std::string_view(text_).substr(start);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

SourceFile* SourceManager::add(std::string path, std::string display, std::string text) {
  std::lock_guard<std::mutex> lock(mutex_);
  uint64_t size = text.size() + 1;
  CHECK(next_base_ + size < 0xfffffff0u, "all source files together are smaller than 4 GB");
  files_.push_back(std::make_unique<SourceFile>(std::move(path), std::move(display), std::move(text), next_base_));
  next_base_ += static_cast<uint32_t>(size);
  return files_.back().get();
}

const SourceFile* SourceManager::file(Pos pos) const {
  if (!pos.valid()) return nullptr;
  std::lock_guard<std::mutex> lock(mutex_);
  auto it = std::upper_bound(files_.begin(), files_.end(), pos.value - 1,
                             [](uint32_t v, const std::unique_ptr<SourceFile>& f) { return v < f->base(); });
  return it == files_.begin() ? nullptr : it[-1].get();
}

Location SourceManager::physical_location(Pos pos) const {
  const SourceFile* f = file(pos);
  if (f == nullptr) return {};
  Location l;
  l.file = f->display();
  f->physical(f->offset(pos), &l.line, &l.column);
  return l;
}

Location SourceManager::location(Pos pos) const {
  const SourceFile* f = file(pos);
  return f == nullptr ? Location{} : f->location(pos);
}

Location SourceFile::location(Pos pos) const {
  Location l;
  l.file = display_;
  uint32_t at = offset(pos);
  physical(at, &l.line, &l.column);
  auto it = std::upper_bound(directives_.begin(), directives_.end(), at,
                             [](uint32_t v, const LineDirective& d) { return v < d.offset; });
  if (it == directives_.begin()) return l;
  const LineDirective& d = it[-1];
  uint32_t line = 0, column = 0;
  physical(d.offset, &line, &column);
  uint32_t lines_down = l.line - line;
  l.file = d.file.text();
  l.line = d.line + lines_down;
  if (d.column == 0) {
    l.column = 0;
  } else if (lines_down == 0) {
    l.column = d.column + (l.column - column);
  }
  return l;
}

}  // namespace gale
