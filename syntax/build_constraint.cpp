#include "syntax/build_constraint.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <vector>

#include "syntax/unicode.h"

namespace gale::syntax {
namespace {

constexpr int kMaxTerms = 1000;  // also bounds the recursion

// or = and { "||" and } . and = not { "&&" not } . not = [ "!" ] atom . atom = tag | "(" or ")" .
class Expression {
 public:
  explicit Expression(std::string_view text) : text_(text) {
    root_ = parse_or();
    if (error_.empty() && !token_.empty()) fail("unexpected token " + std::string(token_));
  }
  const std::string& error() const { return error_; }
  bool eval(const TagPredicate& tag) const { return eval(root_, tag); }
  // The minor version N implied by the expression (sign > 0) or by its negation; -1: none.
  int min_version() const { return min_version(root_, 1); }

 private:
  enum class Kind : uint8_t { Tag, Not, And, Or };
  struct Term {
    Kind kind;
    std::string_view tag;
    int x = 0, y = 0;
  };

  int add(Term t) {
    terms_.push_back(t);
    return static_cast<int>(terms_.size()) - 1;
  }
  void fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    token_ = {};
    at_ = text_.size();
  }

  void lex() {
    is_tag_ = false;
    token_ = {};
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) at_++;
    if (at_ >= text_.size()) return;
    char c = text_[at_];
    size_t size = 0;
    if (c == '(' || c == ')' || c == '!') {
      size = 1;
    } else if (c == '&' || c == '|') {
      if (at_ + 1 >= text_.size() || text_[at_ + 1] != c) return fail(std::string("invalid syntax at ") + c);
      size = 2;
    } else {
      const char *start = text_.data() + at_, *end = text_.data() + text_.size(), *p = start;
      Rune r = decode_rune(p, end);
      for (; p < end; p += r.size) {
        r = decode_rune(p, end);
        if (!is_letter(r.code) && !is_digit(r.code) && r.code != '.') break;
      }
      if (p == start) return fail("invalid syntax at " + std::string(start, r.size));
      size = p - start;
      is_tag_ = true;
    }
    token_ = text_.substr(at_, size);
    at_ += size;
  }

  int parse_or() {
    int x = parse_and();
    while (token_ == "||") {
      int y = parse_and();
      x = add({Kind::Or, {}, x, y});
    }
    return x;
  }
  int parse_and() {
    int x = parse_not();
    while (token_ == "&&") {
      int y = parse_not();
      x = add({Kind::And, {}, x, y});
    }
    return x;
  }
  int parse_not() {
    if (++terms_read_ > kMaxTerms) {
      fail("build expression too large");
      return 0;
    }
    lex();
    if (token_ != "!") return atom();
    lex();
    if (token_ == "!") fail("double negation not allowed");
    int x = atom();
    return add({Kind::Not, {}, x});
  }
  int atom() {
    if (token_ == "(") {
      int x = parse_or();
      if (error_ == "unexpected end of expression") error_ = "missing close paren";
      if (token_ != ")") {
        fail("missing close paren");
        return x;
      }
      lex();
      return x;
    }
    if (!is_tag_) fail(token_.empty() ? "unexpected end of expression" : "unexpected token " + std::string(token_));
    int x = add({Kind::Tag, token_});
    if (error_.empty()) lex();
    return x;
  }

  bool eval(int at, const TagPredicate& tag) const {
    const Term& t = terms_[at];
    switch (t.kind) {
      case Kind::Tag:
        return tag(t.tag);
      case Kind::Not:
        return !eval(t.x, tag);
      case Kind::And: {  // both sides are looked at: the predicate may want to see every tag
        bool x = eval(t.x, tag), y = eval(t.y, tag);
        return x && y;
      }
      case Kind::Or: {
        bool x = eval(t.x, tag), y = eval(t.y, tag);
        return x || y;
      }
    }
    return false;
  }

  int min_version(int at, int sign) const {
    const Term& t = terms_[at];
    switch (t.kind) {
      case Kind::Not:
        return min_version(t.x, -sign);
      case Kind::And:
      case Kind::Or: {
        int x = min_version(t.x, sign), y = min_version(t.y, sign);
        return (t.kind == Kind::And) == (sign > 0) ? std::max(x, y) : std::min(x, y);
      }
      case Kind::Tag:
        break;
    }
    if (sign < 0) return -1;
    if (t.tag == "go1") return 0;
    size_t dot = t.tag.find("go1.");
    if (dot == std::string_view::npos) return -1;
    std::string_view digits = t.tag.substr(dot + 4);
    int n = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    return error == std::errc() && end == digits.data() + digits.size() ? n : -1;
  }

  std::string_view text_, token_;
  size_t at_ = 0;
  bool is_tag_ = false;
  int terms_read_ = 0;
  int root_ = 0;
  std::vector<Term> terms_;
  std::string error_;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r'; }

std::string_view trim(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

// The rest of a trimmed line that starts with the word `prefix`; false if it does not.
bool after_word(std::string_view line, std::string_view prefix, std::string_view* rest) {
  if (!line.starts_with(prefix)) return false;
  line.remove_prefix(prefix.size());
  if (!line.empty() && !is_space(line[0])) return false;
  *rest = trim(line);
  return true;
}

// The text of a `// +build` line.
bool plus_build(std::string_view line, std::string_view* rest) {
  return line.starts_with("//") && after_word(trim(line.substr(2)), "+build", rest);
}

// Old syntax: space is or, comma is and.
bool eval_plus_build(std::string_view text, const TagPredicate& tag) {
  bool any = false;
  for (text = trim(text); !text.empty(); text = trim(text)) {
    size_t n = 0;
    while (n < text.size() && !is_space(text[n])) n++;
    std::string_view clause = text.substr(0, n);
    text.remove_prefix(n);
    bool all = true;
    for (;;) {
      size_t comma = clause.find(',');
      std::string_view word = clause.substr(0, comma);
      bool negated = word.starts_with('!');
      if (negated) word.remove_prefix(1);
      bool valid = !word.empty() && word[0] != '!';
      bool holds = valid && tag(word) != negated;
      all = all && holds;
      if (comma == clause.npos) break;
      clause.remove_prefix(comma + 1);
    }
    any = any || all;
  }
  return any;
}

constexpr std::string_view kKnownSystems[] = {"aix",    "android", "darwin",  "dragonfly", "freebsd", "hurd",
                                              "illumos", "ios",     "js",      "linux",     "nacl",    "netbsd",
                                              "openbsd", "plan9",   "solaris", "wasip1",    "windows", "zos"};
constexpr std::string_view kKnownArchitectures[] = {
    "386",      "amd64",     "amd64p32",    "arm", "armbe", "arm64",   "arm64be", "loong64", "mips",  "mipsle", "mips64",
    "mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv",   "riscv64", "s390",  "s390x",  "sparc",
    "sparc64",  "wasm"};

template <size_t N>
bool contains(const std::string_view (&list)[N], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

}  // namespace

bool eval_build_expression(std::string_view expression, const TagPredicate& tag, std::string* error) {
  Expression e(expression);
  if (!e.error().empty()) {
    *error = e.error();
    return false;
  }
  return e.eval(tag);
}

std::string build_expression_go_version(std::string_view expression) {
  Expression e(expression);
  if (!e.error().empty()) return {};
  int n = e.min_version();
  if (n < 0) return {};
  return n == 0 ? "go1" : "go1." + std::to_string(n);
}

// The header is what comes before the first text that is no comment. A //go:build line counts until the first line that is
// neither blank nor a // comment; +build lines count only if a blank line follows them, and only without //go:build.
Header read_header(std::string_view text, const TagPredicate& tag) {
  Header h;
  bool ended = false, in_comment = false, has_build = false;
  std::string_view build;
  std::vector<std::string_view> plus, plus_pending;
  while (!text.empty()) {
    size_t newline = text.find('\n');
    std::string_view line = trim(text.substr(0, newline));
    text.remove_prefix(newline == text.npos ? text.size() : newline + 1);
    if (line.empty() && !ended) {
      plus.insert(plus.end(), plus_pending.begin(), plus_pending.end());
      plus_pending.clear();
      continue;
    }
    if (!line.starts_with("//")) ended = true;
    std::string_view rest;
    if (!in_comment && after_word(line, "//go:build", &rest)) {
      if (has_build) {
        h.error = "multiple //go:build comments";
        h.matches = false;
        return h;
      }
      has_build = true;
      build = rest;
    }
    if (!ended && plus_build(line, &rest)) plus_pending.push_back(rest);
    if (!in_comment && line == "//go:binary-only-package") h.binary_only = true;
    bool code = false;
    while (!line.empty()) {
      if (in_comment) {
        size_t close = line.find("*/");
        if (close == line.npos) break;
        in_comment = false;
        line = trim(line.substr(close + 2));
      } else if (line.starts_with("//")) {
        break;
      } else if (line.starts_with("/*")) {
        in_comment = true;
        line = trim(line.substr(2));
      } else {
        code = true;
        break;
      }
    }
    if (code) break;
  }
  if (has_build) {
    std::string error;
    h.matches = eval_build_expression(build, tag, &error);
    if (!error.empty()) h.error = "parsing //go:build line: " + error;
    h.go_version = build_expression_go_version(build);
  } else {
    for (std::string_view p : plus) {
      if (!eval_plus_build(p, tag)) h.matches = false;
    }
  }
  return h;
}

bool file_name_matches(std::string_view name, const TagPredicate& tag) {
  name = name.substr(0, name.find('.'));
  size_t underscore = name.find('_');  // what stands before the first one never counts
  if (underscore == name.npos) return true;
  name.remove_prefix(underscore);
  std::vector<std::string_view> parts;
  for (;;) {
    size_t next = name.find('_');
    parts.push_back(name.substr(0, next));
    if (next == name.npos) break;
    name.remove_prefix(next + 1);
  }
  if (parts.back() == "test") parts.pop_back();
  size_t n = parts.size();
  if (n >= 2 && contains(kKnownSystems, parts[n - 2]) && contains(kKnownArchitectures, parts[n - 1])) {
    return tag(parts[n - 1]) && tag(parts[n - 2]);
  }
  if (n >= 1 && (contains(kKnownSystems, parts[n - 1]) || contains(kKnownArchitectures, parts[n - 1]))) {
    return tag(parts[n - 1]);
  }
  return true;
}

}  // namespace gale::syntax
