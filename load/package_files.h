// Which files of a folder belong to the package in it, as the go command chooses them: by name, then by the constraints in
// their headers; for std also by the overlay. Tests (_test.go) are left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "load/build_tags.h"

namespace gale::load {

struct GoFile {
  std::string name;     // without folder
  std::string path;     // absolute
  std::string text;
  bool from_overlay = false;
};

struct PackageFiles {
  std::vector<GoFile> go;            // sorted by name
  std::vector<std::string> s_files;  // absolute paths, sorted
  bool excluded = false;             // there are Go files, but constraints or names exclude all of them
  bool overlay_whole = false;
  std::vector<std::string> errors;   // malformed constraints, overlay that does not fit GOROOT
};

struct PackageFilesRequest {
  std::string dir;           // may not exist for packages that only the overlay has
  std::string_view path;     // import path
  bool is_std = false;       // noarch rules and the overlay apply
  std::string overlay_dir;
  std::string goroot_version;  // for messages
};

PackageFiles choose_package_files(const PackageFilesRequest& request, const BuildTags& tags);
// Files named on the command line: their names are not judged, their constraints are.
PackageFiles read_named_files(const std::vector<std::string>& paths, const BuildTags& tags);

// Does a folder hold Go files that are no tests (whatever their constraints)?
bool has_go_files(const std::string& dir);
// Tests count too: such a folder is a package, if an empty one.
bool has_go_files_or_tests(const std::string& dir);

}  // namespace gale::load
