// Package patterns of the command line (`go help packages`): import paths, folders, "...", std, cmd, all, .go files.
#pragma once

#include <string>
#include <vector>

#include "load/modules.h"

namespace gale::load {

// A package to load: one that a pattern matched, or an ad-hoc one made of .go files.
struct Target {
  PackagePlace place;
  std::vector<std::string> named_files;  // absolute paths; not empty: the ad-hoc package "command-line-arguments"
  bool by_wildcard = false;              // without buildable files it is no error, then
};

// Messages are ready to print. Targets are in the order of the patterns, then by path, without repetition.
std::vector<Target> expand_patterns(const std::vector<std::string>& patterns, const std::string& working_dir,
                                    const Modules& modules, std::vector<std::string>* errors,
                                    std::vector<std::string>* warnings);

}  // namespace gale::load
