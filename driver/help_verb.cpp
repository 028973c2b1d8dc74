// gale help [command or topic]
#include <fmt/core.h>

#include <algorithm>

#include "driver/build_flags.h"
#include "driver/verbs.h"

namespace gale::driver {
namespace {

struct Topic {
  std::string_view name, summary, text;
};

constexpr Topic kTopics[] = {
    {"packages", "how packages are named",
     R"(Many commands take packages: a list of any of

	.  ./cmd/tool  ../x  /abs/path    folders of the main module
	./...  example.com/m/...           all packages whose folder or path fits; ... stands for anything
	fmt  example.com/m/x               import paths
	std  cmd  all                      the standard library, Go's own tools, all of the main module
	a.go b.go                          files, which are then one package

Without any it is the package in the current folder. The main module is the one whose go.mod is in the current folder or the nearest
one above it. Modules that it requires are used if they are there without a network: replaced by a folder, in the vendor
folder, or in the module cache. Fetching modules is not there yet.
)"},
    {"environment", "variables that gale knows",
     R"(gale reads these from its environment, else from the file that 'go env -w' and 'gale env -w' write ($GOENV), else from go.env in GOROOT:

	GOROOT         the Go distribution whose standard library is compiled. Without it: that of the go command in PATH, the
	               usual places, gale's own copy; and if there is none, gale fetches one.
	GOTOOLCHAIN    local: never fetch. go1.26.8: this release and no other, fetched if need be.
	GOPROXY        where to fetch it from: URLs with commas (the next is asked if a file is not there) or bars (at any error)
	               between them; off, direct; file:///folder too.
	GOFLAGS        flags for every command that knows them, as -name=value with spaces between them.
	GOMODCACHE     the module cache; GOPATH/pkg/mod if not set.
	GALECACHE      the folder for gale's own copy of a distribution; $XDG_CACHE_HOME/gale or ~/.cache/gale if not set.
	NO_COLOR       if set, messages have no colours.
	GALE_THREADS   how many threads compile.
	GALE_VERIFY    if set, as -verify: the compiler checks its own work after every pass.

Programs that gale makes read GODEBUG, GOGC, GOMAXPROCS, GOMEMLIMIT and GOTRACEBACK as Go programs do, and GALEDEBUG: see docs/debugging.md.
)"},
    {"buildconstraint", "which files belong to a package",
     R"(A file belongs to its package if the line '//go:build EXPRESSION' before its package clause holds, and what its name says holds:
NAME_GOOS.go, NAME_GOARCH.go, NAME_GOOS_GOARCH.go. Expressions are made of tags, ||, &&, ! and parentheses. For gale these tags
hold: linux, unix, amd64, amd64.v1, gc, go1.1 to go1.26, and those of -tags. cgo does not.
)"},
};

constexpr std::string_view kBuildText =
    R"(Build compiles the packages named and all that they import. One main package becomes an executable, in the current folder, called
as the last element of its import path (the one before it if that is a version such as v2), or as the first file if files are named.
Several packages, or packages that are no programs, are only checked. With -o and a folder (an existing one, or a name that ends
in a slash) all programs among them are written there.

Nothing but the executable is written, and that only when it is complete.

The build flags are:

)";

constexpr std::string_view kRunText =
    R"(Run compiles a program in memory, as quickly as it can, and runs it. The package is a folder, an import path, or a list of .go files;
what follows it are the program's arguments. If the program ends with another exit code than 0, run says 'exit status N' and ends with 1.

The flags are those of 'gale build' but -o, and -exec:

)";

constexpr std::string_view kCheckText =
    R"(Check reads packages and reports the errors that compiling them would find, with all function bodies. At most ten errors a package are
reported unless -e is given. -json prints what is said as JSON, a line each, as 'go build -json' does.

	-e
		all errors
	-json
		what is said as JSON
	-tags list
		comma-separated build tags that hold
	-lang go1.N
		language version of the packages named
	-complete=false
		functions without bodies are no errors
)";

constexpr std::string_view kEnvText =
    R"(Env prints what gale knows of its surroundings, as shell assignments; with names, only the values of these, a line each.

	-json
		print them as JSON
	-changed
		only those that differ from their defaults
	-w NAME=VALUE...
		set defaults for these, in the file that $GOENV names (the go command reads it too)
	-u NAME...
		take back what -w set

See also: gale help environment.
)";

constexpr std::string_view kVersionText =
    R"(Version prints the version of gale and of the Go release that it compiles. With files, it prints the Go version that executables were
built with, whether by gale or by the go command; folders are searched.

	-m
		also the modules and build settings in them
	-v
		also say which files of a folder are no Go executables
)";

std::string build_flags_help(BuildFlags::Verb verb) {
  BuildFlags flags;
  return flags_help(flags.table(verb));
}

int print_topic(const Topic& t) {
  fmt::print("{}", t.text);
  return 0;
}

}  // namespace

int help_verb(Arguments args) {
  if (args.empty()) {
    fmt::print("gale is a Go toolchain.\n\nUsage:\n\n\tgale <command> [arguments]\n\nThe commands are:\n\n");
    for (const Verb& v : verbs()) fmt::print("\t{:<15} {}\n", v.name, v.summary);
    fmt::print("\nUse \"gale help <command>\" for more information about a command.\n\nAdditional help topics:\n\n");
    for (const Topic& t : kTopics) fmt::print("\t{:<15} {}\n", t.name, t.summary);
    fmt::print("\nUse \"gale help <topic>\" for more information about that topic.\n");
    return 0;
  }
  for (const Topic& t : kTopics) {
    if (t.name == args[0]) return print_topic(t);
  }
  for (const Verb& v : verbs()) {
    if (v.name != args[0]) continue;
    fmt::print("usage: gale {} {}\n\n", v.name, v.usage);
    if (v.run == build_verb) fmt::print("{}{}", kBuildText, build_flags_help(BuildFlags::Verb::Build));
    if (v.run == run_verb) fmt::print("{}{}", kRunText, build_flags_help(BuildFlags::Verb::Run));
    if (v.run == check_verb) fmt::print("{}", kCheckText);
    if (v.run == env_verb) fmt::print("{}", kEnvText);
    if (v.run == version_verb) fmt::print("{}", kVersionText);
    if (v.run == help_verb) fmt::print("Help explains a command or a topic; without one it lists them.\n");
    return 0;
  }
  fmt::print(stderr, "gale help {}: unknown help topic. Run 'gale help'.\n", args[0]);
  return 2;
}

}  // namespace gale::driver
