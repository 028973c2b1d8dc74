#include "driver/build_flags.h"

#include <fmt/core.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "driver/report.h"
#include "syntax/unicode.h"

namespace gale::driver {
namespace {

// -ldflags and -gcflags may begin with `pattern=`. The whole program is one compilation here: what is meant for all packages or
// for those named counts.
bool strip_pattern(std::string_view* value, std::string* error, std::string_view flag) {
  size_t begin = value->find_first_not_of(" \t");
  if (begin == value->npos || (*value)[begin] == '-') return true;
  size_t equals = value->find('=');
  if (equals == value->npos) {
    *error = fmt::format("invalid value {} for flag -{}: missing =<value> in <pattern>=<value>", syntax::quote_string(*value), flag);
    return false;
  }
  value->remove_prefix(equals + 1);
  return true;
}

// *code: the exit status of what is wrong, 2 for what the go command itself says, 1 for what its linker would.
bool apply_ldflags(std::string_view text, link::LinkOptions* link, std::string* error, int* code) {
  std::vector<std::string> words;
  std::string_view rest = text;
  if (!strip_pattern(&rest, error, "ldflags")) return false;
  if (!split_words(rest, &words)) {
    *error = fmt::format("invalid value {} for flag -ldflags: unterminated quoted string", syntax::quote_string(text));
    return false;
  }
  *code = 1;
  std::vector<std::string> assignments;
  std::string linkmode;
  bool ignored = false;
  const Flag flags[] = {{"s", "", "no symbols", &link->strip_symbols},
                        {"w", "", "no DWARF", &link->strip_dwarf},
                        {"X", "definition", "set a string", nullptr, nullptr, &assignments},
                        {"buildid", "id", "", nullptr, &link->build_id},
                        {"linkmode", "mode", "", nullptr, &linkmode},
                        {"compressdwarf", "", "", &ignored}};
  if (!parse_flags(flags, &words, error)) return false;
  if (!words.empty()) {
    *error = fmt::format("link: unexpected argument {}", words[0]);
    return false;
  }
  if (!linkmode.empty() && linkmode != "internal" && linkmode != "auto") {
    *error = fmt::format("gale: -linkmode={} is not supported: gale links by itself", linkmode);
    return false;
  }
  for (const std::string& a : assignments) {
    size_t equals = a.find('='), dot = a.substr(0, equals).rfind('.');
    if (equals == a.npos || dot == a.npos) {
      *error = "-X flag requires argument of the form importpath.name=value";
      return false;
    }
    link->set_strings.emplace_back(a.substr(0, equals), a.substr(equals + 1));
  }
  return true;
}

std::string check_level(std::string_view value) {
  const bool number = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  return number || value == "true" || value == "false" ? "" : "parse error";
}

bool apply_gcflags(std::string_view text, BuildOptions* options, std::string* error) {
  std::vector<std::string> words;
  std::string_view rest = text;
  if (!strip_pattern(&rest, error, "gcflags")) return false;
  if (!split_words(rest, &words)) {
    *error = fmt::format("invalid value {} for flag -gcflags: unterminated quoted string", syntax::quote_string(text));
    return false;
  }
  bool no_inlining = false, no_optimising = false, all_errors = false;
  std::string ignored, decisions;
  const Flag flags[] = {{"N", "", "do not optimise", &no_optimising},
                        {"l", "", "do not inline", &no_inlining},
                        {"e", "", "all errors", &all_errors},
                        {"m", "", "print optimisation decisions", nullptr, &decisions, nullptr, check_level},
                        {"c", "n", "", nullptr, &ignored},
                        {"dwarf", "", "", &all_errors}};
  if (!parse_flags(flags, &words, error) || !words.empty()) {
    *error = fmt::format("gale: -gcflags={}: of gc's own flags gale has only -N, -l, -m and -e", text);
    return false;
  }
  if (no_optimising) options->level = opt::Level::Debug;
  options->explain |= !decisions.empty() && decisions != "0" && decisions != "false";
  if (no_inlining) options->disabled_passes.push_back("inline");
  return true;
}

std::string check_compiler(std::string_view value) {
  return value == "gc" ? "" : value == "gccgo" ? "gale compiles as gc does" : fmt::format("unknown compiler \"{}\"", value);
}

std::string check_boolean_or_auto(std::string_view value) {
  constexpr std::string_view kKnown[] = {"auto", "true", "false", "1", "0", "t", "f", "T", "F", "True", "False", "TRUE", "FALSE"};
  return std::find(std::begin(kKnown), std::end(kKnown), value) != std::end(kKnown) ? "" : "value is neither 'auto' nor a valid bool";
}

std::string check_number(std::string_view value) {
  int n = 0;
  auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), n);
  return bad == std::errc() && end == value.data() + value.size() ? "" : "parse error";
}

std::string check_first(std::string_view) { return "-C flag must be first flag on command line"; }

}  // namespace

std::vector<Flag> BuildFlags::table(Verb verb) {
  std::vector<Flag> flags;
  if (verb == Verb::Build) flags.push_back({"o", "output", "write the executable there; a folder: each program into it", nullptr, &output});
  if (verb == Verb::Run) flags.push_back({"exec", "xprog", "run the program by this command", nullptr, &exec});
  const Flag shared[] = {
      {"C", "dir", "go to this folder first; must be the first flag", nullptr, nullptr, nullptr, check_first},
      {"tags", "list", "comma-separated build tags that hold", nullptr, &tags},
      {"trimpath", "", "leave out folders of this machine from the executable", &trimpath},
      {"ldflags", "'flags'", "-s, -w, -X importpath.name=value: as for go tool link", nullptr, nullptr, &ldflags},
      {"gcflags", "'flags'", "-N, -l, -m: as for go tool compile; -m is -explain", nullptr, nullptr, &gcflags},
      {"buildvcs", "", "record the state of the repository in the executable: true (if no value is given), false or auto", nullptr, &buildvcs, nullptr,
       check_boolean_or_auto},
      {"mod", "mode", "readonly, vendor or mod", nullptr, &mod},
      {"p", "n", "work with as many threads", nullptr, &threads, nullptr, check_number},
      {"json", "", "what is said as JSON, a line each", &json},
      {"v", "", "print the names of packages as they are compiled", &verbose},
      {"x", "", "print commands (gale runs none: it compiles and links by itself)", &print_commands},
      {"n", "", "as -x, and stop before compiling", &only_print},
      {"a", "", "compile everything anew (gale always does)", &ignored_boolean},
      {"O", "", "optimise fully (default for build)", &full},
      {"N", "", "do not optimise", &debug},
      {"time", "", "print how long each stage took", &time},
      {"verify", "", "check the compiler's own work after each pass", &verify},
      {"dump", "stages", "print lower, before:PASS, after:PASS, select, regalloc, asm or all", nullptr, &dump},
      {"explain", "", "print what the optimiser did and would not do in the program's own files", &explain},
      {"func", "name", "dump only functions whose name contains this", nullptr, &func},
      {"html", "function", "write a page with all stages of this function", nullptr, &html},
      {"disable", "passes", "leave out optimiser passes by name (comma-separated)", nullptr, &disabled},
      // Known to the go command; without effect here.
      {"work", "", "", &ignored_boolean},
      {"modcacherw", "", "", &ignored_boolean},
      {"installsuffix", "suffix", "", nullptr, &ignored},
      {"gccgoflags", "flags", "", nullptr, &ignored},
      {"asmflags", "flags", "", nullptr, &ignored},
      {"pgo", "file", "", nullptr, &pgo},
      {"compiler", "name", "", nullptr, &ignored, nullptr, check_compiler},
      {"buildmode", "mode", "", nullptr, &buildmode},
      // And what gale does not do.
      {"race", "", "", nullptr, nullptr, nullptr, nullptr, "the race detector is not there yet"},
      {"msan", "", "", nullptr, nullptr, nullptr, nullptr, "gale's programs hold no C code"},
      {"asan", "", "", nullptr, nullptr, nullptr, nullptr, "gale's programs hold no C code"},
      {"cover", "", "", nullptr, nullptr, nullptr, nullptr, "coverage is not there yet"},
      {"covermode", "mode", "", nullptr, nullptr, nullptr, nullptr, "coverage is not there yet"},
      {"coverpkg", "pattern", "", nullptr, nullptr, nullptr, nullptr, "coverage is not there yet"},
      {"linkshared", "", "", nullptr, nullptr, nullptr, nullptr, "gale links whole programs only"},
      {"pkgdir", "dir", "", nullptr, nullptr, nullptr, nullptr, "gale keeps no compiled packages"},
      {"toolexec", "'cmd'", "", nullptr, nullptr, nullptr, nullptr, "gale runs no other programs"},
      {"modfile", "file", "", nullptr, nullptr, nullptr, nullptr, "another go.mod is not there yet"},
      {"overlay", "file", "", nullptr, nullptr, nullptr, nullptr, "overlays of the user are not there yet"},
  };
  flags.insert(flags.end(), std::begin(shared), std::end(shared));
  return flags;
}

bool BuildFlags::parse(Verb verb, std::vector<std::string>* args, BuildOptions* options, std::string* error, int* code) {
  std::vector<Flag> flags = table(verb);
  *code = 1;
  if (!add_goflags(flags, args, error)) return false;
  *code = 2;
  return parse_flags(flags, args, error) && apply(options, error, code);
}

bool BuildFlags::apply(BuildOptions* options, std::string* error, int* code) const {
  options->tags = split_list(tags);
  options->disabled_passes = split_list(disabled);
  options->trimpath = trimpath;
  options->time = time;
  options->verbose = verbose;
  options->verify = verify || ::getenv("GALE_VERIFY") != nullptr;
  options->dump = dump;
  options->dump_func = func;
  options->html_func = html;
  options->buildvcs = buildvcs;
  options->mod_mode = mod;
  options->explain = explain;
  // For the test suites: the same commands under another list of passes.
  if (const char* list = ::getenv("GALE_OPT")) {
    const std::string_view name = list;
    options->level = name == "full" ? opt::Level::Full : name == "debug" ? opt::Level::Debug : opt::Level::Quick;
  }
  if (full) options->level = opt::Level::Full;
  if (debug) options->level = opt::Level::Debug;
  if (const char* count = ::getenv("GALE_THREADS")) options->threads = std::max(1, ::atoi(count));
  options->working_dir = current_folder();
  for (const std::string& value : gcflags) {
    options->gcflags = value;
    if (!apply_gcflags(value, options, error)) return false;
  }
  for (const std::string& value : ldflags) {
    options->ldflags = value;
    options->link.set_strings.clear();  // the last one counts, as for the go command
    options->link.strip_symbols = options->link.strip_dwarf = false;
    if (!apply_ldflags(value, &options->link, error, code)) return false;
  }
  *code = 1;
  if (!threads.empty()) {
    options->threads = ::atoi(threads.c_str());
    if (options->threads <= 0) {
      *error = fmt::format("go: -p must be a positive integer: {}", options->threads);
      return false;
    }
    options->threads = std::min(options->threads, 64);
  }
  if (!mod.empty() && mod != "mod" && mod != "readonly" && mod != "vendor") {
    *error = fmt::format("-mod={} not supported (can be '', 'mod', 'readonly', or 'vendor')", mod);
    return false;
  }
  if (!buildmode.empty() && buildmode != "default" && buildmode != "exe") {
    constexpr std::string_view kKnown[] = {"archive", "c-archive", "c-shared", "shared", "pie", "plugin"};
    bool known = std::find(std::begin(kKnown), std::end(kKnown), buildmode) != std::end(kKnown);
    *error = known ? fmt::format("gale: -buildmode={} is not supported: gale makes static executables", buildmode)
                   : fmt::format("buildmode={} not supported", buildmode);
    return false;
  }
  if (!pgo.empty() && pgo != "auto" && pgo != "off") {
    *error = "gale: -pgo is not supported: profiles are not used yet";
    return false;
  }
  if (print_commands || only_print) fmt::print(stderr, "# gale compiles and links by itself: there are no commands\n");
  return true;
}

std::string current_folder() {
  char buffer[4096];
  std::string real = ::getcwd(buffer, sizeof buffer) == nullptr ? "." : buffer;
  const char* pwd = ::getenv("PWD");
  struct stat a {}, b {};
  if (pwd != nullptr && pwd[0] == '/' && ::stat(pwd, &a) == 0 && ::stat(".", &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev) {
    return pwd;
  }
  return real;
}

int report_failure(Build& build, const BuildFlags& flags) {
  ReportOptions options;
  options.json = flags.json;
  options.working_dir = current_folder();
  options.import_path = build.package_path.empty() ? build.first_pattern : build.package_path;
  options.errors = build.errors;
  options.errors_need_header = !build.package_path.empty();
  report(build.sources, build.sink, build.program.get(), options);
  return 1;
}

void print_warnings(const Build& build) {
  if (build.program == nullptr) return;
  for (const std::string& w : build.program->warnings) fmt::print(stderr, "{}\n", w);
}

}  // namespace gale::driver
