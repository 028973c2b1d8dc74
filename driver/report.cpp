#include "driver/report.h"

#include <fmt/core.h>

#include <algorithm>

#include "driver/hints.h"
#include "driver/progress.h"
#include "load/file_system.h"
#include "load/package.h"

namespace gale::driver {
namespace {

struct Line {
  uint32_t package = 0;  // 0: no package known
  Location place;
  std::string text;      // "file:line:col: message"
  const Diagnostic* diagnostic = nullptr;
};

// The package whose file holds pos; null: none.
const load::Package* package_of(const SourceManager& sources, const load::Program* program, const Diagnostic& d) {
  if (program == nullptr) return nullptr;
  const SourceFile* file = sources.file(d.pos);
  if (file == nullptr) return nullptr;
  for (const std::unique_ptr<load::Package>& p : program->packages) {
    for (const syntax::File* f : p->files) {
      if (f->source == file) return p.get();
    }
  }
  return nullptr;
}

void append_json_string(std::string& out, std::string_view s) {
  out += '"';
  for (char c : s) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<int>(c));
        else out += c;
    }
  }
  out += '"';
}

// Writes what is said, a line at a time, to stderr or as JSON.
class Writer {
 public:
  Writer(bool json, std::string import_path) : json_(json), import_path_(std::move(import_path)) {}
  ~Writer() { fail_package(); }

  // What follows is said of this package; "": of what was to be built.
  void package(std::string_view path) {
    fail_package();
    current_ = path.empty() ? import_path_ : std::string(path);
  }
  void line(std::string_view text) {
    if (!json_) {
      fmt::print(stderr, "{}\n", text);
      return;
    }
    said_ = true;
    while (true) {
      size_t newline = text.find('\n');
      event("build-output", std::string(text.substr(0, newline)) + "\n");
      if (newline == text.npos) break;
      text.remove_prefix(newline + 1);
    }
  }

 private:
  void fail_package() {
    if (said_) event("build-fail", "");
    said_ = false;
  }
  void event(std::string_view action, std::string_view output) {
    std::string out = "{\"ImportPath\":";
    append_json_string(out, current_);
    out += fmt::format(",\"Action\":\"{}\"", action);
    if (!output.empty()) {
      out += ",\"Output\":";
      append_json_string(out, output);
    }
    fmt::print("{}}}\n", out);
  }

  bool json_, said_ = false;
  std::string import_path_, current_ = import_path_;
};

// On a terminal: the source line and a caret range below the message.
void print_source_line(const SourceManager& sources, const Diagnostic& d) {
  const SourceFile* file = sources.file(d.pos);
  if (file == nullptr) return;
  Location at = sources.physical_location(d.pos);
  std::string_view line = file->line_text(at.line);
  size_t width = 1;
  if (d.end.valid() && d.end > d.pos && sources.physical_location(d.end).line == at.line) {
    width = d.end.value - d.pos.value;
  } else {  // the name that begins there
    auto in_name = [](char c) { return c == '_' || (c | 0x20) >= 'a' || (c >= '0' && c <= '9'); };
    while (at.column - 1 + width < line.size() && in_name(line[at.column - 1]) && in_name(line[at.column - 1 + width])) width++;
  }
  std::string indent;
  for (size_t i = 0; i + 1 < at.column && i < line.size(); i++) indent += line[i] == '\t' ? '\t' : ' ';
  const std::string_view green = wants_colours() ? "\033[1;32m" : "", plain = wants_colours() ? "\033[0m" : "";
  const std::string caret = "^" + std::string(std::max<size_t>(width, 1) - 1, '~');
  fmt::print(stderr, "    {}\n    {}{}{}{}\n", line, indent, green, caret, plain);
  const std::string_view hint = d.hint.empty() ? hint_for(d.code) : std::string_view(d.hint);
  if (!hint.empty()) fmt::print(stderr, "    hint: {}\n", hint);
}

}  // namespace

std::string shown_path(std::string_view path, std::string_view working_dir) {
  std::string absolute(path);
  if (!path.starts_with('/') || working_dir.empty()) return absolute;
  return load::display_path(absolute, std::string(working_dir));
}

// What gc keeps of the errors of a package, in the order in which it finds them: an error that repeats the one before on its
// line is dropped, and after ten it stops (then the tenth is returned, else null).
static const Diagnostic* select_as_gc(const SourceManager& sources, bool all, std::vector<const Diagnostic*>& list) {
  constexpr size_t kMaxErrors = 10;
  std::vector<const Diagnostic*> kept;
  const Diagnostic* stopped_at = nullptr;
  const Diagnostic* previous = nullptr;
  for (const Diagnostic* d : list) {
    bool repeats = previous != nullptr && previous->message == d->message;
    if (repeats) {
      Location a = sources.location(previous->pos), b = sources.location(d->pos);
      repeats = a.file == b.file && a.line == b.line;
    }
    if (repeats) continue;
    previous = d;
    kept.push_back(d);
    if (!all && kept.size() == kMaxErrors) {
      stopped_at = d;
      break;
    }
  }
  list = std::move(kept);
  return stopped_at;
}

size_t report(const SourceManager& sources, DiagnosticSink& sink, const load::Program* program, const ReportOptions& options) {
  std::vector<Diagnostic>& items = sink.items();
  std::stable_sort(items.begin(), items.end(), [](const Diagnostic& a, const Diagnostic& b) { return a.key < b.key; });
  std::vector<std::pair<const load::Package*, std::vector<const Diagnostic*>>> groups;
  for (const Diagnostic& d : items) {
    const load::Package* p = d.code == "load" ? nullptr : package_of(sources, program, d);
    auto it = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == p; });
    if (it == groups.end()) it = groups.insert(groups.end(), {p, {}});
    it->second.push_back(&d);
  }
  const bool fancy = stderr_is_terminal() && !options.json;
  Writer writer(options.json, options.import_path);
  for (auto& [package, list] : groups) {
    const Diagnostic* last = package == nullptr ? nullptr : select_as_gc(sources, options.all, list);
    std::vector<Line> lines;
    for (const Diagnostic* d : list) {
      Line l;
      l.place = sources.location(d->pos);
      l.diagnostic = d;
      std::string prefix;
      if (l.place.line != 0) {
        std::string path = shown_path(l.place.file, options.working_dir);
        if (d->code == "load" && path.starts_with("./")) path = path.substr(2);
        prefix = l.place.column != 0 ? fmt::format("{}:{}:{}: ", path, l.place.line, l.place.column) : fmt::format("{}:{}: ", path, l.place.line);
      }
      l.text = prefix + d->message;
      lines.push_back(std::move(l));
    }
    if (package != nullptr) {
      std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.diagnostic->pos < b.diagnostic->pos; });
      lines.erase(std::unique(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.text == b.text; }), lines.end());
      writer.package(package->path.text());
      writer.line(fmt::format("# {}", package->path.text()));
    } else {
      writer.package("");
    }
    for (const Line& l : lines) {
      writer.line(l.text);
      if (fancy) print_source_line(sources, *l.diagnostic);
    }
    if (last != nullptr) {
      Location at = sources.location(last->pos);
      writer.line(fmt::format("{}:{}:{}: too many errors", shown_path(at.file, options.working_dir), at.line, at.column));
    }
  }
  writer.package("");
  if (!options.errors.empty() && options.errors_need_header) writer.line(fmt::format("# {}", options.import_path));
  for (const std::string& e : options.errors) writer.line(e);
  return sink.count();
}

}  // namespace gale::driver
