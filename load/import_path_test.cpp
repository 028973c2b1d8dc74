#include "load/import_path.h"

#include <gtest/gtest.h>

namespace gale::load {
namespace {

TEST(ImportPath, WellFormed) {
  for (const char* path : {"fmt", "unicode/utf8", "example.com/a-b/c_d/v2", "gopkg.in/yaml.v3", "a/b~c", "x/console"}) {
    EXPECT_EQ(malformed_import_path(path), "") << path;
  }
}

TEST(ImportPath, MalformedInTheGoCommandsWords) {
  EXPECT_EQ(malformed_import_path("unicode//utf8"), "malformed import path \"unicode//utf8\": double slash");
  EXPECT_EQ(malformed_import_path("fmt/"), "malformed import path \"fmt/\": trailing slash");
  EXPECT_EQ(malformed_import_path("-x/y"), "malformed import path \"-x/y\": leading dash");
  EXPECT_EQ(malformed_import_path("a/../b"), "malformed import path \"a/../b\": invalid path element \"..\"");
  EXPECT_EQ(malformed_import_path("a/b."), "malformed import path \"a/b.\": trailing dot in path element");
  EXPECT_EQ(malformed_import_path("a/con.x"), "malformed import path \"a/con.x\": \"con\" disallowed as path element component on Windows");
  EXPECT_EQ(malformed_import_path("a/x~12"), "malformed import path \"a/x~12\": trailing tilde and digits in path element");
  EXPECT_EQ(malformed_import_path("a b"), "invalid import path: a b");
}

}  // namespace
}  // namespace gale::load
