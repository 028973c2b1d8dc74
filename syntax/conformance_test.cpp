// The public suites of an installed Go that concern syntax (CONFORMANCE.md): its parser's own error tests, and every file
// of its library and its tests. Skipped where there is no Go.
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include "base/test_goroot.h"
#include "syntax/fuzz_entry.h"
#include "syntax/parser.h"
#include "syntax/scanner.h"

namespace gale::syntax {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream s;
  s << in.rdbuf();
  return s.str();
}

std::vector<fs::path> go_files(const std::string& folder) {
  std::vector<fs::path> out;
  for (const fs::directory_entry& e : fs::recursive_directory_iterator(folder)) {
    if (e.is_regular_file() && e.path().extension() == ".go") out.push_back(e.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// ---- the 104 expectations of cmd/compile/internal/syntax/testdata ----

using Place = std::pair<uint32_t, uint32_t>;  // line, column; column 0: anywhere on the line

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
  return s;
}

// ERROR comments stand before the token where the error is to be; line comments expect it anywhere on their line.
struct ExpectationReader final : ScanHandler {
  explicit ExpectationReader(SourceFile* file) : source(file), scanner(file->text(), this, true) {}
  SourceFile* source;
  Scanner scanner;
  std::string pattern;
  std::map<Place, std::string> wanted;
  int comments = 0;

  Place place(uint32_t offset) const {
    Place p;
    source->physical(offset, &p.first, &p.second);
    return p;
  }
  void scan_error(uint32_t, std::string) override {}
  void scan_comment(uint32_t offset, std::string_view text) override {
    comments += text.substr(2).starts_with(" ERROR ");
    if (text.starts_with("// ERROR ")) {
      wanted[{place(offset).first, 0}] = trim(text.substr(9));
    } else if (text.starts_with("/* ERROR ")) {
      pattern = trim(text.substr(9, text.size() - 11));
    }
  }
  void read() {
    do {
      scanner.next();
      if (!pattern.empty()) wanted[place(scanner.offset())] = pattern;
      pattern.clear();
    } while (scanner.token != Token::EndOfFile);
  }
};

TEST(Conformance, SyntaxErrorsAreThoseOfGc) {
  std::string root = test_goroot();
  if (root.empty()) GTEST_SKIP() << "no Go is installed";
  int files = 0, expectations = 0;
  for (const fs::path& path : go_files(root + "/src/cmd/compile/internal/syntax/testdata")) {
    files++;
    SourceManager sources;
    SourceFile* source = sources.add(path, path, read(path));
    ExpectationReader expected(source);
    expected.read();
    expectations += expected.comments;  // one of them is overruled by a second before the same token, as it says
    Arena arena;
    DiagnosticSink sink;
    ParseOptions options;
    options.all_errors = true;
    parse_file(source, arena, sink, options);
    for (const Diagnostic& d : sink.items()) {
      Place at = expected.place(source->offset(d.pos));
      auto it = expected.wanted.find(at);
      if (it == expected.wanted.end()) it = expected.wanted.find({at.first, 0});
      if (it == expected.wanted.end()) {
        ADD_FAILURE() << path << ":" << at.first << ":" << at.second << ": unexpected error: " << d.message;
        continue;
      }
      EXPECT_TRUE(RE2::PartialMatch(d.message, RE2(it->second)))
          << path << ":" << at.first << ":" << at.second << ": " << d.message << " does not match " << it->second;
      expected.wanted.erase(it);
    }
    for (const auto& [place, pattern] : expected.wanted) {
      ADD_FAILURE() << path << ":" << place.first << ":" << place.second << ": missing error: " << pattern;
    }
  }
  EXPECT_EQ(files, 31);
  EXPECT_EQ(expectations, 104);
}

// ---- the whole of GOROOT ----

TEST(Conformance, ParsesEveryFileOfGoroot) {
  std::string root = test_goroot();
  if (root.empty()) GTEST_SKIP() << "no Go is installed";
  std::set<std::string> rejected;  // as gc's own parser finds them
  std::ifstream list("test/conformance/syntax_rejected.txt");
  for (std::string line; std::getline(list, line);) {
    if (!line.empty() && line[0] != '#') rejected.insert(line);
  }
  int files = 0, refused = 0;
  size_t bytes = 0;
  for (const char* folder : {"/src", "/test"}) {
    for (const fs::path& path : go_files(root + folder)) {
      std::string name = path.string().substr(root.size() + 1);
      files++;
      SourceManager sources;
      SourceFile* source = sources.add(path, name, read(path));
      bytes += source->text().size();
      Arena arena;
      DiagnosticSink sink;
      ParseOptions options;
      options.std = true;
      parse_file(source, arena, sink, options);
      refused += !sink.empty();
      bool expected = rejected.count(name) != 0;
      if (sink.empty() == expected) {
        ADD_FAILURE() << name << ": "
                      << (sink.empty() ? "accepted, but gc rejects it" : sink.items()[0].message + " (gc accepts it)");
      }
    }
  }
  fmt::print("parsed {} files, {} MB, {} refused as they must be\n", files, bytes >> 20, refused);
}

// ---- mutated files ----

TEST(Robustness, SurvivesMutatedFiles) {
  std::string root = test_goroot();
  if (root.empty()) GTEST_SKIP() << "no Go is installed";
  std::vector<fs::path> files = go_files(root + "/test");
  uint64_t state = 0x9e3779b97f4a7c15;
  auto random = [&state](size_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<size_t>(state % n);
  };
  constexpr std::string_view kPieces[] = {"{", "}", "(", ")", "[", "]", ";", "\n", "\"", "`", "'", "/*", "*/", "//", "//line x:1\n",
                                          "func ", "type ", "if ", "for ", "switch ", "case ", ":=", "=", ",", "...", "~", "|", "<-",
                                          "chan ", "interface{", "struct{", "\xff", "0x", "1e", "goto L", "L:", "//go:embed \""};
  size_t sum = 0;
  for (int round = 0; round < 1500; round++) {
    std::string text = read(files[random(files.size())]);
    if (text.empty() || text.size() > 20000) continue;
    for (size_t edits = 1 + random(8); edits > 0; edits--) {
      size_t at = random(text.size());
      switch (random(4)) {
        case 0:
          text.erase(at, 1 + random(10));
          break;
        case 1:
          text[at] = static_cast<char>(random(256));
          break;
        case 2:
          text.insert(at, kPieces[random(std::size(kPieces))]);
          break;
        default:
          text.insert(at, text.substr(random(text.size()), random(60)));
      }
      if (text.empty()) text = "x";
    }
    sum += fuzz_parse(text);
  }
  EXPECT_NE(sum, 0u);
}

}  // namespace
}  // namespace gale::syntax
