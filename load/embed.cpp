#include "load/embed.h"

#include <sys/stat.h>

#include <algorithm>

#include "load/file_system.h"
#include "syntax/unicode.h"

namespace gale::load {
namespace {

using syntax::decode_rune;
using syntax::Rune;

// One character of a [class], perhaps escaped.
bool class_character(std::string_view p, size_t* at, uint32_t* code) {
  if (*at >= p.size() || p[*at] == '-' || p[*at] == ']') return false;
  if (p[*at] == '\\' && ++*at >= p.size()) return false;
  Rune r = decode_rune(p.data() + *at, p.data() + p.size());
  *code = r.code;
  *at += r.size;
  return *at < p.size();
}

// Matches the class at p[*at] == '[' against c and moves *at past it.
GlobMatch match_class(std::string_view p, size_t* at, uint32_t c) {
  ++*at;
  bool negated = *at < p.size() && p[*at] == '^';
  if (negated) ++*at;
  bool found = false;
  for (int ranges = 0;; ranges++) {
    if (*at < p.size() && p[*at] == ']' && ranges > 0) break;
    uint32_t low, high;
    if (!class_character(p, at, &low)) return GlobMatch::Malformed;
    high = low;
    if (p[*at] == '-') {
      ++*at;
      if (!class_character(p, at, &high)) return GlobMatch::Malformed;
    }
    found = found || (low <= c && c <= high);
  }
  ++*at;
  return found != negated ? GlobMatch::Yes : GlobMatch::No;
}

bool valid_path(std::string_view path) {
  if (path == ".") return false;  // valid as a path, but not here
  while (true) {
    size_t slash = path.find('/');
    std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

// Names that do not go into a module's archive.
bool is_bad_name(std::string_view name) {
  if (name == "" || name == ".bzr" || name == ".hg" || name == ".git" || name == ".svn") return true;
  return name.ends_with('.') || name.find_first_of("\"'*<>?`|/\\:") != name.npos;
}

FileKind kind_without_links(const std::string& path) {
  struct stat st;
  if (lstat(path.c_str(), &st) != 0) return FileKind::None;
  return S_ISREG(st.st_mode) ? FileKind::File : S_ISDIR(st.st_mode) ? FileKind::Folder : FileKind::Other;
}

class Resolver {
 public:
  Resolver(const std::string& package_dir, std::string_view pattern, EmbedPattern* out, std::string* error)
      : dir_(package_dir), out_(*out), error_(*error) {
    out_.pattern = pattern;
    all_ = pattern.starts_with("all:");
    glob_ = all_ ? pattern.substr(4) : pattern;
  }

  bool resolve() {
    if (!valid_path(glob_) || glob_match(glob_, "") == GlobMatch::Malformed) {
      error_ = "invalid pattern syntax";
      return false;
    }
    std::vector<std::string> matches = {""};
    for (std::string_view rest = glob_; !rest.empty();) {
      size_t slash = rest.find('/');
      matches = expand(matches, rest.substr(0, slash));
      rest.remove_prefix(slash == rest.npos ? rest.size() : slash + 1);
    }
    for (const std::string& m : matches) {
      if (!add_match(m)) return false;
    }
    if (out_.files.empty()) {
      error_ = "no matching files found";
      return false;
    }
    auto by_name = [](const EmbedFile& a, const EmbedFile& b) { return a.name < b.name; };
    std::sort(out_.files.begin(), out_.files.end(), by_name);
    auto same = [](const EmbedFile& a, const EmbedFile& b) { return a.name == b.name; };
    out_.files.erase(std::unique(out_.files.begin(), out_.files.end(), same), out_.files.end());
    return true;
  }

 private:
  std::string path_of(const std::string& name) const { return dir_ + "/" + name; }

  // The entries of the folders `in` whose names match one element of the pattern.
  std::vector<std::string> expand(const std::vector<std::string>& in, std::string_view element) const {
    std::vector<std::string> out;
    bool plain = element.find_first_of("*?[\\") == element.npos;
    for (const std::string& folder : in) {
      std::string prefix = folder.empty() ? "" : folder + "/";
      if (plain) {
        std::string name = prefix + std::string(element);
        if (kind_without_links(path_of(name)) != FileKind::None) out.push_back(name);
        continue;
      }
      for (const FolderEntry& e : list_folder(folder.empty() ? dir_ : path_of(folder))) {
        if (glob_match(element, e.name) == GlobMatch::Yes) out.push_back(prefix + e.name);
      }
    }
    return out;
  }

  // The path's folders must belong to the same module and have names that can be in one.
  bool check_folders(const std::string& name, const std::string& what) {
    for (std::string d = name;;) {
      if (kind_of(path_of(d) + "/go.mod") != FileKind::None) {
        error_ = "cannot embed " + what + " " + name + ": in different module";
        return false;
      }
      size_t slash = d.rfind('/');
      std::string element = slash == d.npos ? d : d.substr(slash + 1);
      if (is_bad_name(element)) {
        error_ = "cannot embed " + what + " " + name + ": " +
                 (d == name ? "invalid name " + element : "in invalid directory " + element);
        return false;
      }
      if (slash == d.npos) return true;
      d.resize(slash);
    }
  }

  bool add_match(const std::string& name) {
    FileKind kind = kind_without_links(path_of(name));
    if (!check_folders(name, kind == FileKind::Folder ? "directory" : "file")) return false;
    if (kind == FileKind::File) {
      out_.files.push_back({name, path_of(name)});
      return true;
    }
    if (kind != FileKind::Folder) {
      error_ = "cannot embed irregular file " + name;
      return false;
    }
    size_t before = out_.files.size();
    add_folder(name);
    if (out_.files.size() == before) {
      error_ = "cannot embed directory " + name + ": contains no embeddable files";
      return false;
    }
    return true;
  }

  void add_folder(const std::string& folder) {
    std::vector<std::string> pending = {folder};
    while (!pending.empty()) {
      std::string d = pending.back();
      pending.pop_back();
      for (const FolderEntry& e : list_folder(path_of(d))) {
        if (is_bad_name(e.name) || ((e.name[0] == '.' || e.name[0] == '_') && !all_)) continue;
        std::string name = d + "/" + e.name;
        FileKind kind = kind_without_links(path_of(name));
        if (kind == FileKind::File) out_.files.push_back({name, path_of(name)});
        if (kind == FileKind::Folder && kind_of(path_of(name) + "/go.mod") == FileKind::None) pending.push_back(name);
      }
    }
  }

  const std::string& dir_;
  EmbedPattern& out_;
  std::string& error_;
  std::string_view glob_;
  bool all_;
};

}  // namespace

// A '*' is retried one character further on when what follows fails; only the last '*' met ever needs that.
GlobMatch glob_match(std::string_view p, std::string_view name) {
  size_t at = 0, n = 0, star = std::string_view::npos, star_name = 0;
  GlobMatch result = GlobMatch::Yes;
  while (n < name.size() || at < p.size()) {
    if (at < p.size() && p[at] == '*') {
      star = at++;
      star_name = n;
      continue;
    }
    bool ok = false;
    if (at < p.size() && n < name.size()) {
      Rune c = decode_rune(name.data() + n, name.data() + name.size());
      size_t next = at + 1;
      if (p[at] == '?') {
        ok = name[n] != '/';
      } else if (p[at] == '[') {
        next = at;
        GlobMatch m = match_class(p, &next, c.code);
        if (m == GlobMatch::Malformed) return m;
        ok = m == GlobMatch::Yes;
      } else {
        size_t literal = p[at] == '\\' ? at + 1 : at;
        if (literal >= p.size()) return GlobMatch::Malformed;
        Rune want = decode_rune(p.data() + literal, p.data() + p.size());
        ok = want.code == c.code;
        next = literal + want.size;
      }
      if (ok) {
        at = next;
        n += c.size;
        continue;
      }
    }
    if (star != std::string_view::npos && star_name < name.size() && name[star_name] != '/') {
      n = ++star_name;
      at = star + 1;
      continue;
    }
    result = GlobMatch::No;
    break;
  }
  // The rest of the pattern must be well-formed all the same.
  for (; at < p.size(); at++) {
    if (p[at] == '\\' && ++at >= p.size()) return GlobMatch::Malformed;
    if (p[at] != '[') continue;
    size_t next = at;
    if (match_class(p, &next, 0) == GlobMatch::Malformed) return GlobMatch::Malformed;
    at = next - 1;
  }
  return result;
}

bool resolve_embed(const std::string& package_dir, std::string_view pattern, EmbedPattern* out, std::string* error) {
  return Resolver(package_dir, pattern, out, error).resolve();
}

}  // namespace gale::load
