// GOROOT/src/internal/types/testdata (CONFORMANCE.md section 4): 357 packages whose comments say which errors are expected.
// A comment ERROR "text" (or ERRORx "regexp") after a token expects a message on that token's line. Packages that do not
// pass are listed in test/conformance/types_known_failures.txt with a reason; a listed one that passes fails the test.
// GALE_TEST_FILTER=part-of-a-name runs only those and prints all differences.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "base/test_goroot.h"
#include "load/load.h"
#include "syntax/parser.h"
#include "syntax/scanner.h"
#include "syntax/unquote.h"
#include "types/checker.h"
#include "types/universe.h"

namespace gale::types {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

struct Expectation {
  bool is_regexp;
  std::string text;
};
using Place = std::pair<const SourceFile*, uint32_t>;  // file and line

// Reads the expectations of a file: each belongs to the line of the token before its comment.
class ExpectationReader final : public syntax::ScanHandler {
 public:
  ExpectationReader(const SourceFile* file, std::multimap<Place, Expectation>* out)
      : file_(file), scanner_(file->text(), this, true), out_(out) {}

  void run() {
    do {
      scanner_.next();
      bool automatic = scanner_.token == syntax::Token::Semicolon && scanner_.lit != "semicolon";
      if (!automatic) {
        uint32_t column;
        file_->physical(scanner_.offset(), &line_, &column);
      }
    } while (scanner_.token != syntax::Token::EndOfFile);
  }
  void scan_error(uint32_t, std::string) override {}
  void scan_comment(uint32_t, std::string_view text) override {
    bool block = text.substr(0, 2) == "/*";
    text.remove_prefix(2);
    if (block) text.remove_suffix(2);
    bool is_regexp = text.substr(0, 8) == " ERRORx ";
    if (!is_regexp && text.substr(0, 7) != " ERROR ") return;
    text.remove_prefix(is_regexp ? 8 : 7);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    std::string value;
    if (!syntax::unquote(text, &value)) ADD_FAILURE() << file_->path() << ":" << line_ << ": malformed expectation " << text;
    out_->insert({{file_, line_}, {is_regexp, value}});
  }

 private:
  const SourceFile* file_;
  syntax::Scanner scanner_;
  std::multimap<Place, Expectation>* out_;
  uint32_t line_ = 1;
};

struct TestPackage {
  std::string name;  // check/expr0.go
  std::unique_ptr<load::Package> package;
  std::vector<SourceFile*> sources;
  std::multimap<Place, Expectation> expected;
  DiagnosticSink syntax_errors;
};

class Suite {
 public:
  explicit Suite(std::string root) : root_(std::move(root)) {}
  void run();

 private:
  void add_packages();
  void add_package(const std::string& name, const std::vector<fs::path>& files);
  void load_imports();
  void check(TestPackage& t);
  size_t compare(TestPackage& t, const std::vector<Diagnostic>& got);
  void read_known_failures();

  std::string root_;
  SourceManager sources_;
  std::vector<std::unique_ptr<TestPackage>> tests_;
  std::set<std::string> imports_;
  std::unique_ptr<load::Program> std_;
  DiagnosticSink sink_;
  std::unique_ptr<Checker> checker_;
  std::set<std::string> known_;
  std::string log_;
  size_t expectations_ = 0, matched_ = 0, unexpected_ = 0;
  std::map<std::string, std::pair<int, int>> directories_;  // passed, failed
  bool verbose_ = false;
};

void Suite::add_packages() {
  std::vector<std::pair<std::string, std::vector<fs::path>>> found;
  for (const char* folder : {"check", "examples", "fixedbugs", "spec"}) {
    for (const fs::directory_entry& e : fs::directory_iterator(root_ + "/src/internal/types/testdata/" + folder)) {
      std::vector<fs::path> files;
      if (e.is_directory()) {
        for (const fs::directory_entry& f : fs::directory_iterator(e.path())) files.push_back(f.path());
        std::sort(files.begin(), files.end());
      } else {
        files.push_back(e.path());
      }
      found.push_back({std::string(folder) + "/" + e.path().filename().string(), files});
    }
  }
  std::sort(found.begin(), found.end());
  const char* filter = std::getenv("GALE_TEST_FILTER");
  verbose_ = filter != nullptr;
  for (auto& [name, files] : found) {
    if (filter == nullptr || name.find(filter) != std::string::npos) add_package(name, files);
  }
}

void Suite::add_package(const std::string& name, const std::vector<fs::path>& files) {
  auto t = std::make_unique<TestPackage>();
  t->name = name;
  t->package = std::make_unique<load::Package>();
  load::Package& p = *t->package;
  p.is_main_module = p.is_target = true;
  for (const fs::path& path : files) {
    SourceFile* source = sources_.add(path, path.filename(), read(path));
    t->sources.push_back(source);
    ExpectationReader(source, &t->expected).run();
    syntax::ParseOptions options;
    options.all_errors = true;
    options.check_branches = false;
    syntax::File* file = syntax::parse_file(source, p.arena, t->syntax_errors, options);
    if (p.name.empty()) p.name = file->package_name != nullptr ? file->package_name->name : Symbol("p");
    p.files.push_back(file);
    for (syntax::Decl* d : file->decls) {
      auto* import = syntax::as<syntax::ImportDecl>(d);
      std::string import_path;
      if (import != nullptr && import->path != nullptr && syntax::unquote(import->path->text, &import_path)) {
        if (fs::exists(root_ + "/src/" + import_path) && !import_path.empty() && import_path[0] != '.' && import_path[0] != '/') {
          imports_.insert(import_path);
        }
      }
    }
  }
  p.path = p.name;
  std::string_view first = t->sources[0]->text();
  first = first.substr(0, first.find('\n'));
  size_t lang = first.find("-lang=");
  if (first.substr(0, 4) == "// -" && lang != std::string_view::npos) {
    std::string_view version = first.substr(lang + 6);
    p.go_version = std::string(version.substr(0, version.find(' ')));
  }
  tests_.push_back(std::move(t));
}

void Suite::load_imports() {
  load::LoadRequest request;
  request.patterns.assign(imports_.begin(), imports_.end());
  request.goroot = root_;
  request.working_dir = root_ + "/src";
  request.with_runtime = false;
  if (!imports_.empty()) std_ = load::load(request, sources_, sink_);
  for (const Diagnostic& d : sink_.items()) ADD_FAILURE() << "loading std: " << d.message;
  for (auto& t : tests_) {
    for (syntax::File* file : t->package->files) {
      for (syntax::Decl* d : file->decls) {
        auto* import = syntax::as<syntax::ImportDecl>(d);
        std::string path;
        if (import == nullptr || import->path == nullptr || !syntax::unquote(import->path->text, &path)) continue;
        load::Package* found = std_ == nullptr ? nullptr : std_->find(path);
        if (found == nullptr || t->package->imported(Symbol(path)) != nullptr) continue;
        t->package->imports.push_back(found);
        t->package->import_map.push_back({Symbol(path), found});
      }
    }
  }
}

void Suite::check(TestPackage& t) {
  size_t before = sink_.count();
  Package* p = checker_->add_package(t.package.get());
  checker_->check_package(p);
  std::vector<Diagnostic> got = t.syntax_errors.items();
  got.insert(got.end(), sink_.items().begin() + static_cast<ptrdiff_t>(before), sink_.items().end());
  bool passed = compare(t, got) == 0;
  auto& counts = directories_[t.name.substr(0, t.name.find('/'))];
  (passed ? counts.first : counts.second)++;
  bool known = known_.contains(t.name);
  if (passed && known) ADD_FAILURE() << t.name << " passes: take it off the list of known failures";
  if (!passed && !known) ADD_FAILURE() << t.name << " does not pass";
}

// Number of differences.
size_t Suite::compare(TestPackage& t, const std::vector<Diagnostic>& got) {
  size_t differences = 0;
  std::multimap<Place, Expectation> expected = t.expected;
  expectations_ += expected.size();
  auto note = [&](const Place& at, std::string_view what, std::string_view text) {
    differences++;
    std::string line = fmt::format("{}:{}: {}: {}\n", t.name, at.second, what, text);
    log_ += line;
    if (verbose_) fmt::print("{}", line);
  };
  for (const Diagnostic& d : got) {
    const SourceFile* file = sources_.file(d.pos);
    Place at{file, sources_.physical_location(d.pos).line};
    auto [first, last] = expected.equal_range(at);
    auto match = std::find_if(first, last, [&](const auto& e) {
      if (!e.second.is_regexp) return d.message.find(e.second.text) != std::string::npos;
      return RE2::PartialMatch(d.message, RE2(e.second.text));
    });
    if (match == last) {
      unexpected_++;
      note(at, "no error expected", d.message);
    } else {
      matched_++;
      expected.erase(match);
    }
  }
  for (const auto& [at, e] : expected) note(at, "missing error", e.text);
  return differences;
}

void Suite::read_known_failures() {
  std::ifstream list("test/conformance/types_known_failures.txt");
  for (std::string line; std::getline(list, line);) {
    if (!line.empty() && line[0] != '#') known_.insert(line.substr(0, line.find(' ')));
  }
}

void Suite::run() {
  read_known_failures();
  declare_test_builtins();
  add_packages();
  load_imports();
  CheckOptions options;
  options.show_unexported = true;
  options.check_branches = true;
  checker_ = std::make_unique<Checker>(sources_, sink_, options);
  for (auto& t : tests_) {
    if (verbose_) fmt::print("-- {}\n", t->name);
    check(*t);
  }
  std::ofstream("/tmp/gale_types_conformance.log") << log_;
  for (const auto& [name, counts] : directories_) {
    fmt::print("{}: {} passed, {} failed\n", name, counts.first, counts.second);
  }
  fmt::print("{} of {} expectations met, {} unexpected errors\n", matched_, expectations_, unexpected_);
}

TEST(Conformance, TypeErrorsAreThoseOfGc) {
  std::string root = test_goroot();
  if (root.empty()) GTEST_SKIP() << "no Go is installed";
  Suite(root).run();
}

}  // namespace
}  // namespace gale::types
