#include "load/go_mod.h"

#include <charconv>

#include "syntax/unquote.h"

namespace gale::load {
namespace {

bool is_version(std::string_view v) { return v.size() > 1 && v[0] == 'v' && v[1] >= '0' && v[1] <= '9'; }
bool is_folder(std::string_view p) {
  return p.starts_with("./") || p.starts_with("../") || p.starts_with("/") || p == "." || p == "..";
}

class Parser {
 public:
  Parser(const std::string& file_name, const std::string& full_name, GoMod* out, std::vector<std::string>* errors)
      : file_name_(file_name), full_name_(full_name), out_(*out), errors_(*errors) {}

  void parse(std::string_view text) {
    while (!text.empty()) {
      size_t newline = text.find('\n');
      line_++;
      if (split(text.substr(0, newline)) && !words_.empty()) statement();
      text.remove_prefix(newline == text.npos ? text.size() : newline + 1);
    }
    if (!block_.empty()) {
      line_++;
      error("syntax error (unterminated block started at " + full_name_ + ":" + std::to_string(block_line_) + ":1)");
    }
    if (out_.module_path.empty() && errors_.empty()) {
      errors_.push_back("error reading " + file_name_ + ": missing module declaration. To specify the module path:\n\tgo mod edit "
                        "-module=example.com/mod");
    }
  }

 private:
  void error(std::string message) { errors_.push_back(file_name_ + ":" + std::to_string(line_) + ": " + std::move(message)); }

  // Into words; quoted strings are one, without their quotes. '(' and ')' and ',' '[' ']' are words of their own.
  bool split(std::string_view line) {
    words_.clear();
    for (size_t at = 0; at < line.size();) {
      char c = line[at];
      if (c == ' ' || c == '\t' || c == '\r') {
        at++;
      } else if (line.substr(at).starts_with("//")) {
        break;
      } else if (c == '"' || c == '`') {
        size_t end = at + 1;
        while (end < line.size() && line[end] != c) end += c == '"' && line[end] == '\\' ? 2 : 1;
        std::string value;
        if (end >= line.size() || !syntax::unquote(line.substr(at, end + 1 - at), &value)) {
          error("invalid quoted string: " + std::string(line.substr(at)));
          return false;
        }
        words_.push_back(std::move(value));
        at = end + 1;
      } else if (c == '(' || c == ')' || c == ',' || c == '[' || c == ']') {
        words_.push_back(std::string(1, c));
        at++;
      } else {
        size_t end = at;
        while (end < line.size() && std::string_view(" \t\r(),[]\"`").find(line[end]) == std::string_view::npos &&
               !line.substr(end).starts_with("//")) {
          end++;
        }
        words_.push_back(std::string(line.substr(at, end - at)));
        at = end;
      }
    }
    return true;
  }

  void statement() {
    if (!block_.empty()) {
      if (words_[0] == ")") {
        block_.clear();
        return;
      }
      return directive(block_, words_);
    }
    std::string verb = words_[0];
    if (words_.size() == 2 && words_[1] == "(") {
      block_ = verb;
      block_line_ = line_;
      return;
    }
    if (words_.size() == 3 && words_[1] == "(" && words_[2] == ")") return;
    directive(verb, {words_.begin() + 1, words_.end()});
  }

  void directive(const std::string& verb, const std::vector<std::string>& args) {
    if (verb == "module") {
      if (!out_.module_path.empty()) return error("repeated module statement");
      if (args.size() != 1) return error("usage: module module/path");
      out_.module_path = args[0];
    } else if (verb == "go") {
      if (!out_.go_version.empty()) return error("repeated go statement");
      if (args.size() != 1) return error("go directive expects exactly one argument");
      if (go_minor_version(args[0]) < 0) {
        return error("invalid go version '" + args[0] + "': must match format 1.23.0");
      }
      out_.go_version = args[0];
    } else if (verb == "toolchain") {
      if (args.size() != 1) return error("toolchain directive expects exactly one argument");
      out_.toolchain = args[0];
    } else if (verb == "require") {
      if (args.size() != 2) return error("usage: require module/path v1.2.3");
      if (!is_version(args[1])) return error("require " + args[0] + ": version \"" + args[1] + "\" invalid: must be of the form v1.2.3");
      out_.require.push_back({args[0], args[1]});
    } else if (verb == "replace") {
      replace(args);
    } else if (verb == "godebug") {
      if (args.size() != 1 || args[0].find('=') == std::string::npos) return error("usage: godebug key=value");
      out_.go_debug.push_back(args[0]);
    } else if (verb != "exclude" && verb != "retract" && verb != "tool" && verb != "ignore") {
      error("unknown directive: " + verb);
    }
  }

  void replace(const std::vector<std::string>& args) {
    size_t arrow = 0;
    while (arrow < args.size() && args[arrow] != "=>") arrow++;
    size_t before = arrow, after = args.size() - std::min(args.size(), arrow + 1);
    if (arrow == args.size() || before < 1 || before > 2 || after < 1 || after > 2) {
      return error("usage: replace module/path [v1.2.3] => other/module v1.4\n\t or replace module/path [v1.2.3] => "
                   "../local/directory");
    }
    ModuleReplacement r;
    r.path = args[0];
    if (before == 2) r.version = args[1];
    r.new_path = args[arrow + 1];
    if (after == 2) r.new_version = args[arrow + 2];
    if (after == 1 && !is_folder(r.new_path)) {
      return error("replacement module without version must be directory path (rooted or starting with . or ..)");
    }
    if (after == 2 && is_folder(r.new_path)) {
      return error("replacement module directory path \"" + r.new_path + "\" cannot have version");
    }
    out_.replace.push_back(std::move(r));
  }

  const std::string& file_name_;
  const std::string& full_name_;
  GoMod& out_;
  std::vector<std::string>& errors_;
  int line_ = 0, block_line_ = 0;
  std::string block_;
  std::vector<std::string> words_;
};

}  // namespace

bool parse_go_mod(std::string_view text, const std::string& file_name, GoMod* out, std::vector<std::string>* errors,
                  const std::string& full_name) {
  size_t before = errors->size();
  Parser(file_name, full_name.empty() ? file_name : full_name, out, errors).parse(text);
  return errors->size() == before;
}

int go_minor_version(std::string_view v) {
  if (!v.starts_with("1.")) return -1;
  int minor = -1;
  auto [end, error] = std::from_chars(v.data() + 2, v.data() + v.size(), minor);
  if (error != std::errc()) return -1;
  std::string_view rest(end, v.data() + v.size() - end);
  bool fine = rest.empty() || rest[0] == '.' || rest.starts_with("rc") || rest.starts_with("beta");
  return fine ? minor : -1;
}

std::string language_version(std::string_view go_line) {
  int minor = go_line.empty() ? 16 : go_minor_version(go_line);
  return "go1." + std::to_string(minor);
}

}  // namespace gale::load
