// Settings as the go command has them: of the process, else of the user's file (`go env -w`), else of GOROOT/go.env, else none.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gale::load {

// The value of a setting, "" if nobody set it. GOROOT/go.env counts once use_goroot_settings was called.
std::string go_env(std::string_view name);
// Of the process or the user's file, "" if not there.
std::string user_env(std::string_view name);
void use_goroot_settings(const std::string& goroot);

// The user's file: $GOENV, or go/env in the folder for configuration; "" if there is none or GOENV is "off".
std::string user_env_file();
using EnvLines = std::vector<std::pair<std::string, std::string>>;
EnvLines read_env_file(const std::string& path);
// Forgets what was read of the files (after one was written).
void reread_env_files();

std::string module_cache();  // $GOMODCACHE, or pkg/mod in the first folder of $GOPATH

}  // namespace gale::load
