#include "driver/driver.h"

#include <ctype.h>
#include <errno.h>
#include <fmt/core.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "driver/flags.h"
#include "driver/verbs.h"

namespace gale::driver {
namespace {

constexpr Verb kVerbs[] = {
    {"build", "[-o output] [build flags] [packages]", "compile packages and dependencies", build_verb},
    {"check", "[-e] [-json] [-tags list] [files or packages]", "report errors without compiling", check_verb},
    {"env", "[-json] [-changed] [-u] [-w] [var ...]", "print gale's surroundings", env_verb},
    {"help", "[command or topic]", "explain a command", help_verb},
    {"run", "[build flags] [-exec xprog] package [arguments...]", "compile and run a program", run_verb},
    {"version", "[-m] [-v] [file ...]", "print gale's version, or how executables were built", version_verb},
};

// Commands that the go command has.
constexpr std::string_view kOfGo[] = {"bug",  "clean", "doc", "fix",  "fmt",       "generate", "get",
                                      "install", "list",  "mod", "work", "telemetry", "test",     "tool", "vet"};

struct Call {
  const Verb* verb;
  Arguments args;
  int code = 0;
};

// Syntax trees may be thousands of levels deep, and their readers recurse: the work gets a stack of 512 MB (only what is
// touched is ever backed by memory).
int run_on_large_stack(Call& call) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, size_t{512} << 20);
  pthread_t thread;
  auto body = [](void* p) -> void* {
    auto* c = static_cast<Call*>(p);
    c->code = c->verb->run(std::move(c->args));
    return nullptr;
  };
  if (pthread_create(&thread, &attributes, body, &call) != 0) {
    body(&call);
  } else {
    pthread_join(thread, nullptr);
  }
  pthread_attr_destroy(&attributes);
  return call.code;
}

// -C DIR, which must come first. False: the message was printed.
bool change_folder(Arguments* args) {
  if (args->empty()) return true;
  std::string_view first = (*args)[0];
  if (first.starts_with("--")) first.remove_prefix(1);
  if (!first.starts_with("-C") || (first.size() > 2 && first[2] != '=')) return true;
  std::string folder;
  size_t used = 1;
  if (first.size() > 2) {
    folder = first.substr(3);
  } else {
    if (args->size() < 2) return true;  // the verb says so
    folder = (*args)[1];
    used = 2;
  }
  if (::chdir(folder.c_str()) != 0) {
    std::string why = ::strerror(errno);
    why[0] = static_cast<char>(::tolower(why[0]));
    fmt::print(stderr, "go: chdir {}: {}\n", folder, why);
    return false;
  }
  char here[4096];
  if (::getcwd(here, sizeof here) != nullptr) ::setenv("PWD", here, 1);
  args->erase(args->begin(), args->begin() + static_cast<ptrdiff_t>(used));
  return true;
}

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

int run(int argc, char** argv) {
  set_crash_command(argc, argv);
  if (argc < 2) {
    help_verb({});
    return 2;
  }
  std::string_view name = argv[1];
  Arguments args(argv + 2, argv + argc);
  if (name == "-h" || name == "-help" || name == "--help") name = "help";
  for (const Verb& v : kVerbs) {
    if (v.name != name) continue;
    if (v.run != help_verb && !change_folder(&args)) return 1;
    if (args.size() == 1 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help")) {
      fmt::print(stderr, "usage: gale {} {}\nRun 'gale help {}' for details.\n", v.name, v.usage, v.name);
      return 2;
    }
    Call call{&v, std::move(args)};
    return run_on_large_stack(call);
  }
  if (std::find(std::begin(kOfGo), std::end(kOfGo), name) != std::end(kOfGo)) {
    fmt::print(stderr, "gale {}: unknown command: of the go command's commands gale has build, run, env, version and help\n", name);
  } else {
    fmt::print(stderr, "gale {}: unknown command\n", name);
    std::vector<std::string_view> known;
    for (const Verb& v : kVerbs) known.push_back(v.name);
    if (std::string near = nearest(name, known); !near.empty()) fmt::print(stderr, "\tdid you mean {}?\n", near);
  }
  fmt::print(stderr, "Run 'gale help' for usage.\n");
  return 2;
}

}  // namespace gale::driver
