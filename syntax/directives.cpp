// Comments that say something to the compiler: //line and /*line*/, //go:... directives, //go:build versions, //go:debug.
// Wording and order of complaints are gc's: some come while parsing, some (LateError) only after a clean type check.
#include <charconv>
#include <string>

#include "syntax/build_constraint.h"
#include "syntax/recursive_descent.h"
#include "syntax/unicode.h"
#include "syntax/unquote.h"

namespace gale::syntax {
namespace {

constexpr uint32_t kGoBuild = 0x80000000;  // //go:build after the package clause is misplaced
constexpr uint64_t kMaxLine = uint64_t{1} << 30;

// The flags of a directive by its verb, those that it implies included; 0: none, or unknown.
uint32_t directive_flags(std::string_view verb) {
  struct Row {
    std::string_view verb;
    uint32_t flags;
  };
  static constexpr Row kRows[] = {
      {"go:build", kGoBuild},
      {"go:noescape", Pragma::kNoescape},
      {"go:norace", Pragma::kNorace},
      {"go:nosplit", Pragma::kNosplit | Pragma::kNocheckptr},
      {"go:noinline", Pragma::kNoinline},
      {"go:nocheckptr", Pragma::kNocheckptr},
      {"go:systemstack", Pragma::kSystemstack},
      {"go:nowritebarrier", Pragma::kNowritebarrier},
      {"go:nowritebarrierrec", Pragma::kNowritebarrierrec | Pragma::kNowritebarrier},
      {"go:yeswritebarrierrec", Pragma::kYeswritebarrierrec},
      {"go:cgo_unsafe_args", Pragma::kCgoUnsafeArgs | Pragma::kNocheckptr},
      {"go:uintptrkeepalive", Pragma::kUintptrKeepalive},
      {"go:uintptrescapes", Pragma::kUintptrEscapes | Pragma::kUintptrKeepalive},
      {"go:registerparams", Pragma::kRegisterParams},
  };
  for (const Row& r : kRows) {
    if (r.verb == verb) return r.flags;
  }
  return 0;
}

constexpr uint32_t kRuntimeOnly = Pragma::kSystemstack | Pragma::kNowritebarrier | Pragma::kNowritebarrierrec |
                                  Pragma::kYeswritebarrierrec;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r'; }

std::string_view trim(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

std::vector<std::string_view> fields(std::string_view s) {
  std::vector<std::string_view> out;
  for (s = trim(s); !s.empty(); s = trim(s)) {
    size_t n = 0;
    while (n < s.size() && !is_space(s[n])) n++;
    out.push_back(s.substr(0, n));
    s.remove_prefix(n);
  }
  return out;
}

struct TrailingNumber {
  size_t at = 0;  // index just past the last ':'; 0: there is none
  uint64_t value = 0;
  bool ok = false;
};

TrailingNumber trailing_number(std::string_view text) {
  TrailingNumber n;
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return n;
  n.at = colon + 1;
  const char *first = text.data() + n.at, *last = text.data() + text.size();
  auto [end, error] = std::from_chars(first, last, n.value);
  n.ok = first < last && end == last && error == std::errc();
  return n;
}

}  // namespace

void Parser::scan_comment(uint32_t offset, std::string_view text) {
  if (text.substr(2).starts_with("line ")) {
    // A //line directive must start its line, a /*line*/ may stand anywhere.
    bool line_start = offset == 0 || source_->text()[offset - 1] == '\n';
    if (line_start || text[1] == '*') line_directive(offset, text);
    return;
  }
  // Mistakes in directives do not make the tree unusable, and are not counted as the parser's.
  uint32_t errors = error_count_;
  go_directive(offset, text);
  error_count_ = errors;
}

// ---- positions ----

// The file that the directive in force names; that of the source if there is none.
std::string_view Parser::previous_line_file() const {
  std::span<const LineDirective> before = source_->directives();
  return before.empty() ? std::string_view(source_->display()) : before.back().file.text();
}

// //line file:line, //line file:line:col, /*line ...*/. What has no number at its end is an ordinary comment.
void Parser::line_directive(uint32_t offset, std::string_view comment) {
  if (writable_ == nullptr) return;
  uint32_t text_offset = offset + 7;  // past "//line "
  uint32_t effect = offset + static_cast<uint32_t>(comment.size());
  std::string_view text = comment.substr(7);
  if (comment[1] == '*') {
    text.remove_suffix(2);
  } else {
    effect++;
    if (text.ends_with('\r')) text.remove_suffix(1);
  }
  auto wrong = [&](const char* what, size_t at) {
    error_at(source_->pos(text_offset + static_cast<uint32_t>(at)),
             std::string("invalid ") + what + " number: " + std::string(text.substr(at)));
  };
  TrailingNumber last = trailing_number(text);
  if (last.at == 0) return;
  if (!last.ok) return wrong("line", last.at);
  uint64_t column = 0;
  TrailingNumber line = last, before = trailing_number(text.substr(0, last.at - 1));
  if (before.ok) {
    line = before;
    column = last.value;
    if (column == 0 || column > kMaxLine) return wrong("column", last.at);
    text = text.substr(0, last.at - 1);
  }
  if (line.value == 0 || line.value > kMaxLine) return wrong("line", line.at);
  std::string_view file = text.substr(0, line.at - 1);
  if (file.empty() && before.ok) file = previous_line_file();
  writable_->add_directive({effect, Symbol(file), static_cast<uint32_t>(line.value), static_cast<uint32_t>(column)});
}

// ---- directives before declarations ----

void Parser::late_error(Pos pos, std::string_view message) {
  late_errors_.push_back({pos, arena_.copy_text(message)});
}

void Parser::drop_pragma() {
  if (!pending_.any) return;
  for (const PendingDirectives::Flagged& f : pending_.flagged) {
    if (f.flags != 0) error_at(f.pos, "misplaced compiler directive");
  }
  for (const PendingDirectives::EmbedLine& e : pending_.embeds) error_at(e.pos, "misplaced go:embed directive");
  pending_.clear();
}

uint32_t Parser::take_pragma(uint32_t allowed) {
  if (!pending_.any) return 0;
  for (const PendingDirectives::Flagged& f : pending_.flagged) {
    if ((f.flags & ~allowed) != 0) late_error(f.pos, "misplaced compiler directive");
  }
  for (const PendingDirectives::EmbedLine& e : pending_.embeds) late_error(e.pos, "misplaced go:embed directive");
  uint32_t flags = pending_.flags & allowed;
  pending_.clear();
  return flags;
}

void Parser::take_embeds(VarDecl* d) {
  if (!pending_.any) return;
  std::vector<std::string_view> patterns;
  for (const PendingDirectives::EmbedLine& e : pending_.embeds) {
    if (!d->embed_pos.valid()) d->embed_pos = e.pos;
    patterns.insert(patterns.end(), e.patterns.begin(), e.patterns.end());
  }
  d->embed_patterns = arena_.copy(patterns);
  pending_.embeds.clear();
  take_pragma(0);
}

void Parser::go_directive(uint32_t offset, std::string_view comment) {
  std::string_view text = comment.substr(2);
  if (comment[1] == '/' && text.ends_with('\r')) text.remove_suffix(1);
  if (top_) {
    if (text.starts_with("go:build")) {
      std::string version = build_expression_go_version(trim(text.substr(8)));
      if (!version.empty()) go_version_ = arena_.copy_text(version);
    }
    if (text.starts_with("go:debug ") || text.starts_with("go:debug\t")) {
      go_debug_.push_back(arena_.copy_text(trim(text.substr(8))));
    }
  }
  Pos pos = source_->pos(offset + 2);
  pending_.any = true;
  if (!scan_.blank_before(offset)) {
    error_at(pos, "misplaced compiler directive");
    return;
  }
  if (text.starts_with("go:linkname ")) return linkname_directive(pos, text);
  if (text == "go:embed" || text.starts_with("go:embed ")) return embed_directive(pos, text.substr(8));
  flag_directive(pos, text);
}

void Parser::linkname_directive(Pos pos, std::string_view text) {
  std::vector<std::string_view> f = fields(text);
  if (f.size() < 2 || f.size() > 3) return error_at(pos, "usage: //go:linkname localname [linkname]");
  linknames_.push_back({pos, Symbol(f[1]), f.size() == 3 ? Symbol(f[2]) : Symbol()});
}

void Parser::check_linknames(File* f) {
  if (linknames_.empty()) return;
  std::vector<Linkname> good;
  for (const Linkname& l : linknames_) {
    std::string_view target = l.target.text();
    if (!f->imports_unsafe) {
      late_error(l.pos, "//go:linkname only allowed in Go files that import \"unsafe\"");
    } else if (target.find('[') != target.npos && target.find(']') != target.npos) {
      late_error(l.pos, "//go:linkname reference of an instantiation is not allowed");
    } else {
      good.push_back(l);
    }
  }
  f->linknames = arena_.copy(good);
}

// Patterns are separated by space and may be quoted.
void Parser::embed_directive(Pos pos, std::string_view arguments) {
  PendingDirectives::EmbedLine line{pos, {}};
  auto wrong = [&](std::string_view what) {
    error_at(pos, "invalid quoted string in //go:embed: " + std::string(what));
    line.patterns.clear();
  };
  for (std::string_view a = trim(arguments); !a.empty(); a = trim(a)) {
    size_t size = 1;
    if (a[0] == '"' || a[0] == '`') {
      while (size < a.size() && a[size] != a[0]) size += a[size] == '\\' && a[0] == '"' ? 2 : 1;
      if (size >= a.size()) {
        wrong(a);
        break;
      }
      size++;
      std::string value;
      if (!unquote(a.substr(0, size), &value)) {
        wrong(a.substr(0, size));
        break;
      }
      line.patterns.push_back(arena_.copy_text(value));
      if (size < a.size() && !is_space(a[size])) {
        wrong(a.substr(size));
        break;
      }
    } else {
      while (size < a.size() && !is_space(a[size])) size++;
      line.patterns.push_back(arena_.copy_text(a.substr(0, size)));
    }
    a.remove_prefix(size);
  }
  if (line.patterns.empty()) return error_at(pos, "usage: //go:embed pattern...");
  pending_.embeds.push_back(std::move(line));
}

void Parser::flag_directive(Pos pos, std::string_view text) {
  std::string_view verb = text.substr(0, text.find(' '));
  if (text.starts_with("go:cgo_") && !options_.std) {
    std::string_view path = source_->path();
    bool generated = path.substr(path.rfind('/') + 1).starts_with("_cgo_");
    bool import_dynamic = verb == "go:cgo_import_dynamic" && fields(text).size() >= 4;
    if (!generated && !import_dynamic) {
      error_at(pos, "//" + std::string(text) + " only allowed in cgo-generated code");
    }
  }
  uint32_t flags = directive_flags(verb);
  if (!options_.std) {
    if ((flags & kRuntimeOnly) != 0) error_at(pos, "//" + std::string(verb) + " only allowed in runtime");
    if (flags == Pragma::kUintptrKeepalive) {
      error_at(pos, "//" + std::string(verb) + " is only allowed in the standard library");
    }
  }
  pending_.flags |= flags;
  pending_.flagged.push_back({flags, pos});
}

void Parser::check_function_directives(FuncDecl* f) {
  auto has = [f](uint32_t flag) { return (f->pragma.flags & flag) != 0; };
  if (f->pragma.flags == 0) return;
  if (has(Pragma::kSystemstack) && has(Pragma::kNosplit)) {
    late_error(f->pos, "go:nosplit and go:systemstack cannot be combined");
  }
  if (!f->has_body) return;
  if (has(Pragma::kNoescape)) {
    late_error(f->pos, "can only use //go:noescape with external func implementations");
  }
  if (has(Pragma::kUintptrKeepalive) && !has(Pragma::kUintptrEscapes) && !has(Pragma::kNosplit)) {
    late_error(f->pos, "go:uintptrkeepalive requires go:nosplit");
  }
}

}  // namespace gale::syntax
