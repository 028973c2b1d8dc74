// Modules: the main module and those it requires that are there without a network (replaced by folders, vendored, or in the
// module cache), and which folder an import path denotes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "load/go_mod.h"
#include "load/goroot.h"

namespace gale::load {

struct Module {
  std::string path, version, dir;
  std::string go_version;  // language version, "go1.22"
  bool is_main = false;
  std::string replaced_by, replaced_version;  // by a replace line: as written there; version empty: a folder
};

// Where a package is.
struct PackagePlace {
  std::string path;                // its import path, "vendor/" included for std's vendored ones
  std::string dir;
  const Module* module = nullptr;  // null: std
  bool is_std = false;
};

class Modules {
 public:
  // Finds and reads the go.mod of `working_dir` or a folder above it. No go.mod is no error here. The messages are ready to
  // print.
  // `mode` is -mod's value: "vendor", "mod", "readonly", or "": vendor if the main module has such a folder.
  bool open(const std::string& working_dir, const Goroot& goroot, const std::string& overlay_dir, const std::string& mode,
            std::vector<std::string>* errors);

  const Module* main() const { return main_ < 0 ? nullptr : &modules_[main_]; }
  const Module* find(std::string_view module_path) const;
  // The hash in go.sum; "" if it has none.
  std::string sum_of(const std::string& module_path, const std::string& version) const;
  const GoMod& go_mod() const { return go_mod_; }
  const std::string& goroot() const { return goroot_; }

  // The package that `path` denotes when imported from `importer` (null: named on the command line).
  bool resolve(std::string_view path, const PackagePlace* importer, PackagePlace* out, std::string* error) const;
  // The package in a folder of a known module or of GOROOT/src.
  bool package_in(const std::string& dir, PackagePlace* out) const;

 private:
  bool std_package(std::string_view path, const PackagePlace* importer, PackagePlace* out) const;
  void add_required(const std::string& root);
  bool add_vendored(const std::string& root, std::vector<std::string>* errors);
  std::string missing_in_modules(std::string_view path) const;
  bool find_in_modules(std::string_view path, PackagePlace* out) const;

  std::string goroot_, overlay_dir_;
  GoMod go_mod_;
  std::vector<Module> modules_;  // longest path first
  int main_ = -1;
  std::string vendor_dir_;       // of the main module, if it is used
  bool vendor_by_flag_ = false;
};

}  // namespace gale::load
