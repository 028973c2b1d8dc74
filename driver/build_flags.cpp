#include "driver/build_flags.h"

#include <fmt/core.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/report.h"

namespace gale::driver {
namespace {

// Splits at spaces, with quotes as the go command's -ldflags has them.
bool split_words(std::string_view text, std::vector<std::string>* words) {
  size_t i = 0;
  while (i < text.size()) {
    if (text[i] == ' ' || text[i] == '\t' || text[i] == '\n') {
      i++;
      continue;
    }
    std::string word;
    if (text[i] == '\'' || text[i] == '"') {
      char quote = text[i++];
      size_t end = text.find(quote, i);
      if (end == text.npos) return false;
      word = std::string(text.substr(i, end - i));
      i = end + 1;
    } else {
      while (i < text.size() && text[i] != ' ' && text[i] != '\t' && text[i] != '\n') word += text[i++];
    }
    words->push_back(word);
  }
  return true;
}

bool apply_ldflags(std::string_view text, link::LinkOptions* link, std::string* error) {
  std::vector<std::string> words;
  if (!split_words(text, &words)) {
    *error = fmt::format("invalid value \"{}\" for flag -ldflags: unterminated quoted string", text);
    return false;
  }
  std::string assignment;
  for (;;) {
    assignment.clear();
    const Flag flags[] = {{"s", "", "", &link->strip_symbols}, {"w", "", "", &link->strip_dwarf},
                          {"X", "definition", "", nullptr, &assignment}, {"buildid", "id", "", nullptr, &link->build_id}};
    // One flag at a time, since -X may come again and again.
    if (words.empty()) return true;
    size_t take = words[0] == "-X" || words[0] == "--X" || words[0] == "-buildid" ? 2 : 1;
    std::vector<std::string> one(words.begin(), words.begin() + static_cast<ptrdiff_t>(std::min(take, words.size())));
    if (!parse_flags(flags, &one, error)) return false;
    if (!one.empty()) {
      *error = fmt::format("link: unexpected argument {}", one[0]);
      return false;
    }
    words.erase(words.begin(), words.begin() + static_cast<ptrdiff_t>(std::min(take, words.size())));
    if (assignment.empty()) continue;
    size_t equals = assignment.find('=');
    if (equals == assignment.npos || assignment.find('.') == assignment.npos) {
      *error = "-X flag requires argument of the form importpath.name=value";
      return false;
    }
    link->set_strings.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
}

}  // namespace

std::vector<Flag> BuildFlags::table(bool is_build) {
  std::vector<Flag> flags = {
      {"tags", "list", "comma-separated build tags that hold", nullptr, &tags},
      {"trimpath", "", "leave out folders of this machine from the executable", &trimpath},
      {"ldflags", "'flags'", "-s -w -X importpath.name=value, as for go tool link", nullptr, &ldflags},
      {"O", "", "optimise fully (default for build)", &full},
      {"N", "", "do not optimise", &debug},
      {"json", "", "diagnostics as JSON, a line each", &json},
      {"v", "", "print the names of packages as they are compiled", &verbose},
      {"time", "", "print how long each stage took", &time},
      {"verify", "", "check the compiler's own work after each pass", &verify},
      {"dump", "stages", "print lower, before:PASS, after:PASS, select, regalloc, asm or all", nullptr, &dump},
      {"disable", "passes", "leave out optimiser passes by name (comma-separated)", nullptr, &disabled},
      {"func", "name", "dump only functions whose name contains this", nullptr, &func},
  };
  if (is_build) flags.insert(flags.begin(), {"o", "file", "write the executable there", nullptr, &output});
  return flags;
}

bool BuildFlags::apply(BuildOptions* options, std::string* error) const {
  std::string_view list = tags;
  while (!list.empty()) {
    size_t end = list.find_first_of(", ");
    if (end != 0) options->tags.emplace_back(list.substr(0, end));
    list = end == list.npos ? std::string_view{} : list.substr(end + 1);
  }
  for (std::string_view rest = disabled; !rest.empty();) {
    const size_t end = rest.find(',');
    options->disabled_passes.emplace_back(rest.substr(0, end));
    rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
  }
  options->trimpath = trimpath;
  options->time = time;
  options->verify = verify || ::getenv("GALE_VERIFY") != nullptr;
  options->dump = dump;
  options->dump_func = func;
  if (full) options->level = opt::Level::Full;
  if (debug) options->level = opt::Level::Debug;
  if (const char* threads = ::getenv("GALE_THREADS")) options->threads = std::max(1, ::atoi(threads));
  options->working_dir = current_folder();
  return apply_ldflags(ldflags, &options->link, error);
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
  report(build.sources, build.sink, build.program.get(), options);
  if (!build.errors.empty() && !build.package_path.empty()) fmt::print(stderr, "# {}\n", build.package_path);
  for (const std::string& e : build.errors) fmt::print(stderr, "{}\n", e);
  return 1;
}

}  // namespace gale::driver
