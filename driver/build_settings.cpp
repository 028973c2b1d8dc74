#include "driver/build_settings.h"

#include <fmt/core.h>
#include <time.h>

#include <charconv>
#include <map>
#include <set>

#include "driver/repository.h"
#include "load/file_system.h"
#include "syntax/unicode.h"

namespace gale::driver {
namespace {

// What follows `label` up to the next quote: `"panicnil"` for Name: in a row of the table below.
std::string_view quoted_after(std::string_view row, std::string_view label) {
  size_t at = row.find(label);
  if (at == row.npos) return {};
  row.remove_prefix(at + label.size());
  size_t open = row.find('"');
  return open == row.npos ? std::string_view{} : row.substr(open + 1, row.find('"', open + 1) - open - 1);
}

// The settings whose default changed after Go 1.MINOR, with their old values: GOROOT's own table says.
std::map<std::string, std::string> godebug_of_version(const std::string& goroot, int minor) {
  std::map<std::string, std::string> out;
  std::string text;
  if (!load::read_file(goroot + "/src/internal/godebugs/table.go", &text)) return out;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view row = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), row.size() + 1));
    size_t comment = row.find("//");
    row = row.substr(0, comment);
    constexpr std::string_view kChanged = "Changed: ";
    size_t at = row.find(kChanged);
    std::string_view name = quoted_after(row, "Name:");
    int changed = 0;
    if (name.empty() || at == row.npos) continue;
    std::from_chars(row.data() + at + kChanged.size(), row.data() + row.size(), changed);
    if (minor < changed) out[std::string(name)] = quoted_after(row, "Old:");
  }
  return out;
}

void add_setting(std::string& text, std::string_view key, std::string_view value) {
  const bool quote = value.find_first_of(" \t\r\n\"`") != value.npos;
  text += fmt::format("build\t{}={}\n", key, quote ? syntax::quote_string(value) : std::string(value));
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : ",") + w;
  return out;
}

// Calls take(setting, position) for the //go:debug lines, which stand before the package clause.
template <class Take>
void each_debug_line(const load::Package& main, const Take& take) {
  for (const syntax::File* f : main.files) {
    std::string_view text = f->source->text();
    text = text.substr(0, std::min<size_t>(text.size(), f->source->offset(f->package_name->pos)));
    constexpr std::string_view kDirective = "//go:debug ";
    for (size_t at = text.find(kDirective); at != text.npos; at = text.find(kDirective, at + 1)) {
      if (at != 0 && text[at - 1] != '\n') continue;
      std::string_view pair = text.substr(at + kDirective.size());
      pair = pair.substr(0, pair.find('\n'));
      while (!pair.empty() && (pair.back() == ' ' || pair.back() == '\r' || pair.back() == '\t')) pair.remove_suffix(1);
      take(pair, f->source->pos(static_cast<uint32_t>(at)));
    }
  }
}

}  // namespace

std::string check_debug_lines(const load::Program& program, const load::Package& main, const SourceManager& sources) {
  std::string table, wrong;
  each_debug_line(main, [&](std::string_view pair, Pos pos) {
    if (!wrong.empty()) return;
    if (table.empty() && !load::read_file(program.goroot.dir + "/src/internal/godebugs/table.go", &table)) return;
    std::string key(pair.substr(0, pair.find('=')));
    std::string reason;
    if (pair.find('=') == pair.npos) {
      reason = "missing key=value";
    } else if (key != "default" && table.find("{Name: \"" + key + "\"") == table.npos) {
      reason = "unknown //go:debug setting " + syntax::quote_string(key);
    }
    if (reason.empty()) return;
    Location at = sources.location(pos);
    std::string file(at.file.starts_with("./") ? at.file.substr(2) : at.file);
    wrong = fmt::format("{}:{}:{}: invalid //go:debug: {}", file, at.line, at.column, reason);
  });
  return wrong;
}

std::string default_godebug(const load::Program& program, const load::Package& main) {
  int minor = load::go_minor_version(std::string_view(main.go_version).substr(2));
  std::map<std::string, std::string> set;
  auto take = [&](std::string_view pair) {
    size_t equals = pair.find('=');
    if (equals != pair.npos) set[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
  };
  for (const std::string& pair : program.modules.go_mod().go_debug) take(pair);
  each_debug_line(main, [&](std::string_view pair, Pos) { take(pair); });
  if (auto it = set.find("default"); it != set.end()) {
    std::string_view version = it->second;
    if (version.starts_with("go")) version.remove_prefix(2);
    if (int n = load::go_minor_version(version); n >= 0) minor = n;
    set.erase(it);
  }
  // Versions before 1.20, which had no such settings, count as it.
  std::map<std::string, std::string> all = godebug_of_version(program.goroot.dir, std::max(minor, 20));
  for (const auto& [key, value] : set) all[key] = value;
  std::string out;
  for (const auto& [key, value] : all) out += fmt::format("{}{}={}", out.empty() ? "" : ",", key, value);
  return out;
}

bool build_settings(const load::Program& program, const load::Package& main, const BuildOptions& options, std::string* text,
                    std::string* error) {
  RepositoryState state;
  bool stamped = false;
  const load::Module* main_module = program.modules.main();
  const bool in_module = !main.module_path.empty() && main_module != nullptr && main.module_path == main_module->path;
  const bool wanted = options.buildvcs != "false" && options.buildvcs != "0" && !options.buildvcs.empty();
  if (wanted && in_module && main.path.text() != "command-line-arguments") {
    std::string repository = repository_above(main_module->dir);
    if (!repository.empty()) {
      stamped = read_repository(repository, main_module->dir, main_module->path, &state, error);
      if (!error->empty()) return false;
    }
  }
  *text = fmt::format("path\t{}\n", main.path.text());
  if (in_module) {
    *text += fmt::format("mod\t{}\t{}\t\n", main.module_path, state.version.empty() ? "(devel)" : state.version);
  }
  std::set<std::string> used;
  for (const std::unique_ptr<load::Package>& p : program.packages) {
    if (!p->is_std && !p->module_path.empty() && p->module_path != main.module_path) used.insert(p->module_path);
  }
  for (const std::string& path : used) {
    const load::Module* m = program.modules.find(path);
    if (m == nullptr) continue;
    *text += fmt::format("dep\t{}\t{}", m->path, m->version);
    if (m->replaced_by.empty()) {
      *text += fmt::format("\t{}\n", program.modules.sum_of(m->path, m->version));
    } else {
      const bool folder = m->replaced_version.empty();
      *text += fmt::format("\n=>\t{}\t{}\t{}\n", m->replaced_by, folder ? "(devel)" : m->replaced_version,
                           folder ? "" : program.modules.sum_of(m->replaced_by, m->replaced_version));
    }
  }
  add_setting(*text, "-buildmode", "exe");
  add_setting(*text, "-compiler", "gc");  // what runtime.Compiler says too
  if (!options.gcflags.empty()) add_setting(*text, "-gcflags", options.gcflags);
  if (!options.ldflags.empty() && !options.trimpath) add_setting(*text, "-ldflags", options.ldflags);
  if (!options.tags.empty()) add_setting(*text, "-tags", joined(options.tags));
  if (options.trimpath) add_setting(*text, "-trimpath", "true");
  if (std::string godebug = default_godebug(program, main); !godebug.empty()) add_setting(*text, "DefaultGODEBUG", godebug);
  add_setting(*text, "CGO_ENABLED", "0");
  add_setting(*text, "GOARCH", "amd64");
  add_setting(*text, "GOOS", "linux");
  add_setting(*text, "GOAMD64", "v1");
  if (!stamped) return true;
  add_setting(*text, "vcs", "git");
  if (!state.revision.empty()) {
    char stamp[32];
    struct tm utc {};
    const time_t seconds = state.time;
    ::gmtime_r(&seconds, &utc);
    ::strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    add_setting(*text, "vcs.revision", state.revision);
    add_setting(*text, "vcs.time", stamp);
  }
  add_setting(*text, "vcs.modified", state.modified ? "true" : "false");
  return true;
}

}  // namespace gale::driver
