#include "driver/driver.h"

#include <fmt/core.h>
#include <pthread.h>

#include <string_view>

#include "base/check.h"
#include "driver/verbs.h"

namespace gale::driver {
namespace {

struct Verb {
  std::string_view name, usage, summary;
  int (*run)(Arguments args);
};

int help_verb(Arguments args);

constexpr Verb kVerbs[] = {
    {"build", "gale build [-o file] [-tags list] [-trimpath] [-ldflags flags] [packages]", "compile packages to an executable", build_verb},
    {"check", "gale check [-e] [-json] [files or packages]", "report errors without compiling", check_verb},
    {"env", "gale env [names]", "print what gale knows of its surroundings", env_verb},
    {"help", "gale help [command]", "explain a command", help_verb},
    {"run", "gale run [flags] package [arguments...]", "compile and run a program", run_verb},
    {"version", "gale version [-m] [files]", "print gale's version", version_verb},
};

int help_verb(Arguments args) {
  if (args.empty()) {
    fmt::print("gale is a Go toolchain.\n\nUsage:\n\n\tgale <command> [arguments]\n\nThe commands are:\n\n");
    for (const Verb& v : kVerbs) fmt::print("\t{:<11} {}\n", v.name, v.summary);
    fmt::print("\nUse \"gale help <command>\" for more information about a command.\n");
    return 0;
  }
  for (const Verb& v : kVerbs) {
    if (v.name == args[0]) {
      fmt::print("usage: {}\n\n{}.\n", v.usage, v.summary);
      return 0;
    }
  }
  fmt::print(stderr, "gale help {}: unknown help topic. Run 'gale help'.\n", args[0]);
  return 2;
}

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

}  // namespace

int run(int argc, char** argv) {
  set_crash_command(argc, argv);
  if (argc < 2) {
    help_verb({});
    return 2;
  }
  std::string_view name = argv[1];
  if (name == "-h" || name == "-help" || name == "--help") name = "help";
  for (const Verb& v : kVerbs) {
    if (v.name != name) continue;
    Call call{&v, Arguments(argv + 2, argv + argc)};
    return run_on_large_stack(call);
  }
  fmt::print(stderr, "gale {}: unknown command\nRun 'gale help' for usage.\n", name);
  return 2;
}

}  // namespace gale::driver
