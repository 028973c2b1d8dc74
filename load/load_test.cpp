#include "load/load.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "load/embed.h"
#include "load/file_system.h"
#include "load/go_mod.h"
#include "load/package_files.h"
#include "load/sha256.h"

namespace gale::load {
namespace {

namespace fs = std::filesystem;

// A folder of its own, removed at the end.
class LoadTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/gale_load_XXXXXX";
    root_ = mkdtemp(name);
    Goroot g;
    std::string error;
    have_go_ = find_goroot("", &g, &error);
    goroot_ = g.dir;
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& path, const std::string& text) {
    fs::path p = root_ + "/" + path;
    fs::create_directories(p.parent_path());
    std::ofstream(p) << text;
  }
  void module(const std::string& path = "example.com/m") { write("go.mod", "module " + path + "\n\ngo 1.26\n"); }

  // Loads and gives the messages, with the temporary folder written as ROOT.
  std::string run(std::vector<std::string> patterns, const std::string& overlay = "") {
    LoadRequest r;
    r.patterns = std::move(patterns);
    r.working_dir = root_ + subfolder_;
    r.with_runtime = with_runtime_;
    r.overlay_dir = overlay;
    r.explicit_packages = explicit_packages_;
    r.relative_root = "test";
    sources_ = std::make_unique<SourceManager>();
    DiagnosticSink sink;
    program_ = load(r, *sources_, sink);
    std::string out;
    for (const Diagnostic& d : sink.items()) {
      if (d.pos.valid()) {
        Location l = sources_->location(d.pos);
        out += fmt::format("{}:{}:{}: ", l.file, l.line, l.column);
      }
      out += d.message + "\n";
    }
    for (const std::string& w : program_ == nullptr ? std::vector<std::string>() : program_->warnings) out += w + "\n";
    for (size_t at; (at = out.find(root_)) != out.npos;) out.replace(at, root_.size(), "ROOT");
    return out;
  }
  std::string targets() const {
    std::string out;
    for (const Package* p : program_->targets) out += (out.empty() ? "" : " ") + std::string(p->path.text());
    return out;
  }
  std::string files_of(std::string_view path) const {
    std::string out;
    for (const syntax::File* f : program_->find(path)->files) {
      out += (out.empty() ? "" : " ") + f->source->path().substr(f->source->path().rfind('/') + 1);
    }
    return out;
  }

  std::string root_, goroot_, subfolder_;
  bool have_go_ = false, with_runtime_ = false;
  std::vector<ExplicitPackage> explicit_packages_;
  std::unique_ptr<SourceManager> sources_;
  std::unique_ptr<Program> program_;
};

#define NEEDS_GO() \
  if (!have_go_) GTEST_SKIP() << "no Go is installed"

TEST_F(LoadTest, LoadsAModule) {
  NEEDS_GO();
  module();
  write("main.go", "package main\nimport (\"example.com/m/a\"; \"unsafe\")\nfunc main() { a.F(unsafe.Pointer(nil)) }\n");
  write("a/a.go", "package a\nimport \"errors\"\nfunc F(any) { errors.New(\"\") }\n");
  write("a/a_windows.go", "package a\nimport \"nowhere\"\n");
  write("a/b.go", "//go:build linux && amd64 && unix && gc && go1.26 && !go1.27 && !cgo && !race\n\npackage a\n");
  write("a/c.go", "//go:build ignore\n\npackage c\n");
  write("a/a_test.go", "package a\nimport \"nowhere\"\n");
  write("a/_x.go", "junk");
  EXPECT_EQ(run({"."}), "");
  EXPECT_EQ(targets(), "example.com/m");
  EXPECT_EQ(files_of("example.com/m/a"), "a.go b.go");
  Package* m = program_->targets[0];
  EXPECT_TRUE(m->is_main());
  EXPECT_TRUE(m->is_main_module);
  EXPECT_EQ(m->go_version, "go1.26");
  ASSERT_EQ(m->imports.size(), 2u);
  EXPECT_EQ(m->imported(Symbol("example.com/m/a")), program_->find("example.com/m/a"));
  EXPECT_TRUE(m->imported(Symbol("unsafe"))->fake);
  EXPECT_EQ(m->imported(Symbol("errors")), nullptr);
  EXPECT_TRUE(program_->find("errors")->is_std);
  EXPECT_EQ(m->files[0]->source->display(), "./main.go");
  EXPECT_EQ(program_->find("example.com/m/a")->files[0]->source->display(), "a/a.go");
  for (const auto& p : program_->packages) {
    for (const Package* i : p->imports) EXPECT_LT(i->ordinal, p->ordinal);
  }
}

TEST_F(LoadTest, LoadsNamedFiles) {
  NEEDS_GO();
  write("a.go", "package main\nfunc main() { f() }\n");
  write("b.go", "package main\nfunc f() {}\n");
  EXPECT_EQ(run({"a.go", "b.go"}), "");
  EXPECT_EQ(targets(), "command-line-arguments");
  EXPECT_EQ(program_->targets[0]->files.size(), 2u);
  EXPECT_EQ(run({"a.go", "x"}), "named files must be .go files: x\n");
  EXPECT_EQ(run({"a.go", "x.go"}), "stat x.go: no such file or directory\n");
  write("d/c.go", "package main\n");
  EXPECT_EQ(run({"a.go", "d/c.go"}), "named files must all be in one directory; have ./ and d\n");
}

TEST_F(LoadTest, ExpandsPatterns) {
  NEEDS_GO();
  module();
  write("a/a.go", "package a\n");
  write("a/b/b.go", "package b\n");
  write("a/testdata/t.go", "package t\n");
  write("a/_x/x.go", "package x\n");
  write("a/w/w.go", "//go:build windows\n\npackage w\n");
  write("other/go.mod", "module other\n");
  write("other/o.go", "package o\n");
  EXPECT_EQ(run({"./..."}), "");
  EXPECT_EQ(targets(), "example.com/m/a example.com/m/a/b");
  EXPECT_EQ(run({"example.com/m/a/..."}), "");
  EXPECT_EQ(targets(), "example.com/m/a example.com/m/a/b");
  EXPECT_EQ(run({"./.../b", "./a"}), "");
  EXPECT_EQ(targets(), "example.com/m/a/b example.com/m/a");
  EXPECT_EQ(run({"./nothing/..."}), "pattern ./nothing/...: lstat ./nothing/: no such file or directory\n");
  EXPECT_EQ(run({"unicode/..."}), "");
  EXPECT_EQ(targets(), "unicode unicode/utf16 unicode/utf8");
  EXPECT_EQ(run({"."}), "no Go files in ROOT\n");
  EXPECT_EQ(run({"./x"}), "stat ROOT/x: directory not found\n");
  EXPECT_EQ(run({"./a/w"}), "package example.com/m/a/w: build constraints exclude all Go files in ROOT/a/w\n");
  EXPECT_EQ(run({"nosuch"}), "package nosuch is not in std (" + goroot_ + "/src/nosuch)\n");
  EXPECT_EQ(run({"github.com/x/y"}),
            "no required module provides package github.com/x/y; to add it:\n\tgo get github.com/x/y\n");
}

TEST_F(LoadTest, SaysThatThereIsNoModule) {
  NEEDS_GO();
  write("a.go", "package a\n");
  EXPECT_EQ(run({"."}), "go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n");
  EXPECT_EQ(run({"./..."}),
            "pattern ./...: directory prefix . does not contain main module or its selected dependencies\n");
  EXPECT_EQ(run({"errors"}), "");
}

TEST_F(LoadTest, ReportsBadImports) {
  NEEDS_GO();
  module();
  write("a/a.go", "package a\nimport \"foo\"\nimport \"github.com/x/y\"\nimport \"./b\"\nimport \"example.com/m/cmd\"\n"
                  "import \"example.com/m/two\"\nimport \"example.com/m/zz\"\n");
  write("cmd/main.go", "package main\nfunc main() {}\n");
  write("two/a.go", "package two\n");
  write("two/b.go", "package three\n");
  EXPECT_EQ(run({"./a"}),
            "a/a.go:6:8: found packages two (a.go) and three (b.go) in ROOT/two\n"
            "a/a.go:4:8: \"./b\" is relative, but relative import paths are not supported in module mode\n"
            "a/a.go:4:8: local import \"./b\" in non-local package\n"
            "a/a.go:7:8: no required module provides package example.com/m/zz; to add it:\n\tgo get example.com/m/zz\n"
            "a/a.go:2:8: package foo is not in std (" + goroot_ + "/src/foo)\n"
            "a/a.go:3:8: no required module provides package github.com/x/y; to add it:\n\tgo get github.com/x/y\n"
            "a/a.go:5:8: import \"example.com/m/cmd\" is a program, not an importable package\n");
}

TEST_F(LoadTest, ReportsImportCycles) {
  NEEDS_GO();
  module();
  write("a/a.go", "package a\nimport _ \"example.com/m/b\"\n");
  write("b/b.go", "package b\nimport _ \"example.com/m/a\"\n");
  EXPECT_EQ(run({"./a"}),
            "package example.com/m/a\n\timports example.com/m/b from a.go\n\timports example.com/m/a from b.go: import cycle "
            "not allowed\n");
}

TEST_F(LoadTest, KeepsInternalPackagesInternal) {
  NEEDS_GO();
  module();
  write("main.go", "package main\nimport _ \"example.com/m/internal/x\"\nimport _ \"internal/abi\"\n"
                   "import _ \"example.com/m/a/internal/y\"\nfunc main() {}\n");
  write("internal/x/x.go", "package x\n");
  write("a/internal/y/y.go", "package y\n");
  EXPECT_EQ(run({"."}),
            "package example.com/m\n\tmain.go:4:8: use of internal package example.com/m/a/internal/y not allowed\n"
            "package example.com/m\n\tmain.go:3:8: use of internal package internal/abi not allowed\n");
}

TEST_F(LoadTest, FollowsReplacedAndVendoredModules) {
  NEEDS_GO();
  write("m/go.mod", "module example.com/m\n\ngo 1.26\n\nrequire (\n\tother.org/o v1.2.3 // indirect\n)\n"
                    "replace other.org/o => ../o\n");
  write("m/main.go", "package main\nimport _ \"other.org/o/p\"\nfunc main() {}\n");
  write("o/go.mod", "module other.org/o\ngo 1.18\n");
  write("o/p/p.go", "package p\n");
  subfolder_ = "/m";
  EXPECT_EQ(run({"."}), "");
  ASSERT_NE(program_->find("other.org/o/p"), nullptr);
  EXPECT_EQ(program_->find("other.org/o/p")->go_version, "go1.18");
  EXPECT_FALSE(program_->find("other.org/o/p")->is_main_module);
  EXPECT_EQ(program_->find("other.org/o/p")->files[0]->source->display(), "../o/p/p.go");
}

TEST_F(LoadTest, ResolvesEmbedPatterns) {
  NEEDS_GO();
  module();
  write("a.go", "package a\nimport _ \"embed\"\n//go:embed d *.txt\nvar s string\n//go:embed all:d\nvar t string\n");
  write("x.txt", "x");
  write("d/1", "1");
  write("d/.hidden", "h");
  write("d/e/2", "2");
  EXPECT_EQ(run({"."}), "");
  const std::vector<EmbedPattern>& e = program_->targets[0]->embeds;
  ASSERT_EQ(e.size(), 3u);
  EXPECT_EQ(e[0].pattern, "*.txt");
  EXPECT_EQ(e[1].pattern, "all:d");
  EXPECT_EQ(e[1].files.size(), 3u);
  ASSERT_EQ(e[2].files.size(), 2u);
  EXPECT_EQ(e[2].files[1].name, "d/e/2");
  write("b.go", "package a\nimport _ \"embed\"\n//go:embed nope ../x\nvar u string\n");
  EXPECT_EQ(run({"."}), "./b.go:3:12: pattern nope: no matching files found\n./b.go:3:12: pattern ../x: invalid pattern syntax\n");
}

TEST_F(LoadTest, AppliesTheOverlay) {
  NEEDS_GO();
  std::string original;
  ASSERT_TRUE(read_file(goroot_ + "/src/errors/join.go", &original));
  write("o/errors/overlay.txt", "# test\nreplace join.go " + sha256_hex(original) + "\n");
  write("o/errors/join.go", "package errors\nfunc Join(errs ...error) error { return nil }\n");
  write("o/errors/extra.go", "package errors\n");
  write("o/runtime/overlay.txt", "whole\n");
  write("o/runtime/r.go", "package runtime\n");
  with_runtime_ = true;
  EXPECT_EQ(run({"errors"}, root_ + "/o"), "");
  EXPECT_EQ(files_of("runtime"), "r.go");
  EXPECT_TRUE(program_->find("runtime")->is_overlay);
  EXPECT_EQ(files_of("errors"), "errors.go extra.go join.go wrap.go");
  write("o/errors/overlay.txt", "replace join.go " + std::string(64, '0') + "\nreplace nope.go " + std::string(64, '0') + "\n");
  std::string out = run({"errors"}, root_ + "/o");
  EXPECT_NE(out.find("errors/join.go is not the file that gale's overlay was written for"), out.npos) << out;
  EXPECT_NE(out.find("has no " + goroot_ + "/src/errors/nope.go"), out.npos) << out;
  write("o/errors/overlay.txt", "remove wrap.go\n");
  EXPECT_NE(run({"errors"}, root_ + "/o").find("overlay.txt:1: expected"), std::string::npos);
  write("o/errors/overlay.txt", "");
  EXPECT_NE(run({"errors"}, root_ + "/o").find("no `replace` line names it"), std::string::npos);
}

TEST_F(LoadTest, ChoosesAssemblyButForTheNoarchPackages) {
  NEEDS_GO();
  EXPECT_EQ(run({"math", "internal/bytealg", "math/big", "hash/crc32", "crypto/internal/fips140/nistec"}), "");
  for (const Package* p : program_->targets) EXPECT_EQ(p->s_files.empty(), p->path.text() == "internal/bytealg") << p->path.text();
  EXPECT_NE(files_of("math").find("floor_asm.go"), std::string::npos);
  EXPECT_NE(files_of("math/big").find("arith_decl.go"), std::string::npos);
  EXPECT_NE(files_of("internal/bytealg").find("index_generic.go"), std::string::npos);
}

TEST_F(LoadTest, LoadsPackagesGivenByHand) {
  NEEDS_GO();
  write("a.go", "package a\n");
  write("b.go", "package main\nimport \"./a\"\nfunc main() { a.X() }\n");
  explicit_packages_ = {{"test/a", {"a.go"}}, {"main", {"b.go"}}};
  EXPECT_EQ(run({}), "");
  EXPECT_EQ(targets(), "test/a main");
  EXPECT_EQ(program_->find("main")->imported(Symbol("./a")), program_->find("test/a"));
}

TEST_F(LoadTest, ReportsSyntaxErrorsInOrder) {
  NEEDS_GO();
  module();
  write("a.go", "package a\nvar x = )\nimport _ \"example.com/m/b\"\n");
  write("b/b.go", "package b\nfunc {\n");
  EXPECT_EQ(run({"."}),
            "b/b.go:2:6: syntax error: unexpected {, expected name or (\n"
            "./a.go:2:9: syntax error: unexpected ), expected expression\n"
            "./a.go:3:1: syntax error: imports must appear before other declarations\n");
  EXPECT_TRUE(program_->targets[0]->failed);
}

TEST_F(LoadTest, LoadsAllOfStdAsGoListDoes) {
  NEEDS_GO();
  EXPECT_EQ(run({"std"}), "");
  // `go list std` gives 360 on linux/amd64 with cgo off, or a few more or less in another patch release.
  EXPECT_NEAR(static_cast<double>(program_->targets.size()), 360, 5);
  EXPECT_NE(program_->find("vendor/golang.org/x/net/idna"), nullptr);
  EXPECT_EQ(program_->find("net/http")->imported(Symbol("golang.org/x/net/http/httpguts"))->path.text(),
            "vendor/golang.org/x/net/http/httpguts");
}

TEST_F(LoadTest, IsQuick) {
  NEEDS_GO();
  write("a.go", "package main\nimport \"fmt\"\nfunc main() { fmt.Println(\"hello\") }\n");
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(run({"a.go"}), "");
  std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  fmt::print("closure of fmt: {} packages in {:.1f} ms\n", program_->packages.size(), took.count());
}

TEST(GoMod, Parses) {
  GoMod m;
  std::vector<std::string> errors;
  EXPECT_TRUE(parse_go_mod("module \"a.b/c\" // x\ngo 1.22.3\ntoolchain go1.26.0\nrequire a.b/d v1.0.0\nrequire (\n\ta.b/e v2.0.0\n)\n"
                           "replace a.b/d v1.0.0 => ../d\nreplace a.b/e => x.y/e v1.5.0\nexclude a v1\nretract [v1, v2]\n",
                           "go.mod", &m, &errors))
      << errors[0];
  EXPECT_EQ(m.module_path, "a.b/c");
  EXPECT_EQ(language_version(m.go_version), "go1.22");
  ASSERT_EQ(m.require.size(), 2u);
  EXPECT_EQ(m.require[1].version, "v2.0.0");
  ASSERT_EQ(m.replace.size(), 2u);
  EXPECT_EQ(m.replace[0].new_path, "../d");
  EXPECT_EQ(m.replace[1].new_version, "v1.5.0");
  EXPECT_FALSE(parse_go_mod("module a\nfoo bar\ngo x\n", "go.mod", &m, &errors));
  ASSERT_EQ(errors.size(), 3u);
  EXPECT_EQ(errors[1], "go.mod:2: unknown directive: foo");
}

TEST(Sha256, HashesKnownValues) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Glob, MatchesAsPathMatchDoes) {
  EXPECT_EQ(glob_match("*.txt", "a.txt"), GlobMatch::Yes);
  EXPECT_EQ(glob_match("a*b*c", "axxbyyc"), GlobMatch::Yes);
  EXPECT_EQ(glob_match("a?c", "abc"), GlobMatch::Yes);
  EXPECT_EQ(glob_match("*", "a/b"), GlobMatch::No);
  EXPECT_EQ(glob_match("[a-c]x", "bx"), GlobMatch::Yes);
  EXPECT_EQ(glob_match("[^a-c]x", "bx"), GlobMatch::No);
  EXPECT_EQ(glob_match("[", "a"), GlobMatch::Malformed);
  EXPECT_EQ(glob_match("\\*", "*"), GlobMatch::Yes);
}

TEST(Paths, AreCleanedAndShown) {
  EXPECT_EQ(clean_path("/a/./b//../c/"), "/a/c");
  EXPECT_EQ(clean_path("../x/.."), "..");
  EXPECT_EQ(relative_path("/a/b/c", "/a/d"), "../b/c");
  EXPECT_EQ(display_path("/a/b/x.go", "/a/b"), "./x.go");
  EXPECT_EQ(display_path("/a/b/c/x.go", "/a/b"), "c/x.go");
}

}  // namespace
}  // namespace gale::load
