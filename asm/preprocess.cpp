#include "asm/preprocess.h"

#include <fmt/core.h>

namespace gale::plan9 {

namespace {

constexpr size_t kMaxSources = 100, kMaxExpansions = 5'000'000;

std::string shown(const Token& t) { return t.kind == '\n' ? "\n" : std::string(t.text); }

}  // namespace

void Preprocessor::error(const Token& at, std::string message) {
  if (stopped_) return;
  stopped_ = true;  // as gc: the first error of the preprocessor ends the file
  report_(at, std::move(message));
}

void Preprocessor::define(std::string_view name, std::string_view value) {
  texts_.push_back(std::string(value));
  Scanner scanner(texts_.back(), 0, texts_);
  Macro m;
  for (Token t = scanner.next(); t.kind != kEof; t = scanner.next()) m.body.push_back(t);
  texts_.push_back(std::string(name));
  macros_[texts_.back()] = std::move(m);
}

void Preprocessor::push_file(std::string shown_name, std::string text) {
  texts_.push_back(std::move(text));
  file_names_.push_back(std::move(shown_name));
  Source s;
  s.file = std::make_unique<Scanner>(texts_.back(), static_cast<uint16_t>(file_names_.size() - 1), texts_);
  sources_.push_back(std::move(s));
}

Token Preprocessor::raw() {
  if (has_peek_) {
    has_peek_ = false;
    return peek_;
  }
  for (;;) {
    if (sources_.empty() || stopped_) return Token{};
    Source& s = sources_.back();
    if (s.file == nullptr) {
      if (s.at < s.tokens.size()) return s.tokens[s.at++];
      sources_.pop_back();
      continue;
    }
    Token t = s.file->next();
    if (!s.file->error.empty()) error(t, s.file->error);
    if (t.kind != kEof) return t;
    if (sources_.size() == 1) return t;
    sources_.pop_back();
    t.kind = '\n';  // an included file ends its last line
    return t;
  }
}

Token Preprocessor::peeked() {
  if (!has_peek_) {
    peek_ = raw();
    has_peek_ = true;
  }
  return peek_;
}

void Preprocessor::skip_line() {
  for (Token t = peeked(); t.kind != '\n' && t.kind != kEof; t = peeked()) {
    raw();
    if (t.kind == '\\' && peeked().kind == '\n') raw();
  }
}

std::string_view Preprocessor::macro_name(const Token& hash) {
  Token t = raw();
  if (t.kind != kIdent) {
    error(hash, "expected identifier after # directive");
    return {};
  }
  return t.text;
}

void Preprocessor::expect_newline(const Token& hash, std::string_view directive) {
  Token t = peeked();
  if (t.kind != '\n' && t.kind != kEof) error(hash, fmt::format("unexpected token at end of #{}: {}", directive, shown(t)));
}

void Preprocessor::define_macro(const Token& hash) {
  const std::string_view name = macro_name(hash);
  if (stopped_) return;
  if (macros_.contains(name)) return error(hash, fmt::format("redefinition of macro: {}", name));
  Macro m;
  Token t = peeked();
  if (t.kind == '(' && !t.after_space) {
    raw();
    m.has_args = true;
    bool first = true;
    for (;;) {
      t = raw();
      if (t.kind == ')' && first) break;
      if (t.kind != kIdent) return error(hash, fmt::format("bad definition for macro: {}", name));
      for (std::string_view a : m.args) {
        if (a == t.text) return error(hash, fmt::format("duplicate argument {} in definition for macro: {}", t.text, name));
      }
      m.args.push_back(t.text);
      first = false;
      t = raw();
      if (t.kind == ')') break;
      if (t.kind != ',') return error(hash, fmt::format("bad definition for macro: {}", name));
    }
  }
  for (;;) {
    t = peeked();
    if (t.kind == '\n' || t.kind == kEof) break;
    raw();
    if (t.kind == '\\') {
      t = raw();
      if (t.kind != '\n' && t.kind != '\\') {
        return error(hash, fmt::format("can only escape \\ or \\n in definition for macro: {}", name));
      }
    }
    m.body.push_back(t);
  }
  macros_[name] = std::move(m);
}

void Preprocessor::include_file(const Token& hash) {
  Token t = raw();
  if (t.kind != kString || t.text.size() < 2) return error(hash, "expected string after #include");
  const std::string name(t.text.substr(1, t.text.size() - 2));
  expect_newline(hash, "include");
  if (stopped_) return;
  if (sources_.size() > kMaxSources) return error(hash, fmt::format("#include: too deep at {}", name));
  std::string shown_name, text;
  if (!include_(name, &shown_name, &text)) {
    return error(hash, fmt::format("#include: open {}: no such file or directory", name));
  }
  if (has_peek_ && peek_.kind == '\n') has_peek_ = false;
  push_file(std::move(shown_name), std::move(text));
}

void Preprocessor::condition(const Token& hash, bool want) {
  const std::string_view name = macro_name(hash);
  expect_newline(hash, want ? "ifdef" : "ifndef");
  conditions_.push_back(enabled() && macros_.contains(name) == want);
}

void Preprocessor::directive(const Token& hash) {
  Token t = raw();
  if (t.kind != kIdent) return error(hash, "expected identifier after '#'");
  const std::string_view d = t.text;
  if (d == "ifdef") return condition(hash, true);
  if (d == "ifndef") return condition(hash, false);
  if (d == "else") {
    expect_newline(hash, "else");
    if (conditions_.empty()) return error(hash, "unmatched #else");
    const bool outer = conditions_.size() == 1 || conditions_[conditions_.size() - 2];
    conditions_.back() = outer && !conditions_.back();
    return;
  }
  if (d == "endif") {
    expect_newline(hash, "endif");
    if (conditions_.empty()) return error(hash, "unmatched #endif");
    conditions_.pop_back();
    return;
  }
  if (!enabled()) return skip_line();
  if (d == "define") return define_macro(hash);
  if (d == "include") return include_file(hash);
  if (d == "line") return skip_line();
  if (d == "undef") {
    const std::string_view name = macro_name(hash);
    expect_newline(hash, "undef");
    if (!stopped_ && macros_.erase(name) == 0) error(hash, fmt::format("#undef for undefined macro: {}", name));
    return;
  }
  error(hash, fmt::format("unexpected token after '#': {}", d));
}

void Preprocessor::invoke(const Macro& macro, const Token& name) {
  if (++expansions_ > kMaxExpansions || sources_.size() > kMaxSources) {
    return error(name, fmt::format("recursive macro invocation of {}", name.text));
  }
  std::vector<std::vector<Token>> values;
  if (macro.has_args) {
    Token t = raw();
    if (t.kind != '(') return error(name, fmt::format("missing arguments for invocation of macro: {}", name.text));
    std::vector<Token> value;
    int depth = 0;
    for (;;) {
      t = raw();
      if (t.kind == kEof) {
        return error(name, fmt::format("unterminated arg list invoking macro: {}", name.text));
      }
      if (t.kind == '\n' && sources_.back().file != nullptr) {
        return error(name, fmt::format("unterminated arg list invoking macro: {}", name.text));
      }
      if (t.kind == ')' && depth == 0) break;
      if (t.kind == ',' && depth == 0) {
        values.push_back(std::move(value));
        value.clear();
        continue;
      }
      if (t.kind == '(') depth++;
      if (t.kind == ')') depth--;
      value.push_back(t);
    }
    if (!(values.empty() && value.empty() && macro.args.empty())) values.push_back(std::move(value));
    if (values.size() != macro.args.size()) return error(name, fmt::format("wrong arg count for macro {}", name.text));
  }
  Source s;
  for (const Token& t : macro.body) {
    bool replaced = false;
    if (t.kind == kIdent) {
      for (size_t i = 0; i < macro.args.size(); i++) {
        if (macro.args[i] != t.text) continue;
        s.tokens.insert(s.tokens.end(), values[i].begin(), values[i].end());
        replaced = true;
        break;
      }
    }
    if (!replaced) s.tokens.push_back(t);
  }
  for (Token& t : s.tokens) {
    t.line = name.line;
    t.file = name.file;
  }
  if (has_peek_) {  // keeps what was looked at behind the macro's text
    s.tokens.push_back(peek_);
    has_peek_ = false;
  }
  while (!sources_.empty() && sources_.back().file == nullptr && sources_.back().at == sources_.back().tokens.size()) sources_.pop_back();
  sources_.push_back(std::move(s));
}

Token Preprocessor::next() {
  for (;;) {
    Token t = raw();
    if (stopped_) return Token{};
    if (t.kind == '#') {
      if (!line_start_) {
        error(t, "'#' must be first item on line");
        return Token{};
      }
      directive(t);
      continue;
    }
    if (t.kind == kEof) {
      if (!conditions_.empty()) error(t, "unclosed #ifdef or #ifndef");
      return t;
    }
    line_start_ = t.kind == '\n';
    if (!enabled()) continue;
    if (t.kind == kIdent) {
      auto it = macros_.find(t.text);
      if (it != macros_.end()) {
        invoke(it->second, t);
        continue;
      }
    }
    return t;
  }
}

}  // namespace gale::plan9
