#include "load/package_files.h"

#include <algorithm>

#include "load/file_system.h"
#include "load/overlay.h"
#include "load/sha256.h"
#include "syntax/build_constraint.h"

namespace gale::load {
namespace {

bool is_go_name(std::string_view name) {
  return name.ends_with(".go") && !name.ends_with("_test.go") && name[0] != '_' && name[0] != '.';
}

bool is_asm_name(std::string_view name) { return name.ends_with(".s") && name[0] != '_' && name[0] != '.'; }

class Chooser {
 public:
  Chooser(const PackageFilesRequest& request, const BuildTags& tags)
      : request_(request), tag_([&request, &tags](std::string_view t) {
          return request.is_std ? tags.holds_in_std(request.path, t) : tags.holds(t);
        }) {}

  PackageFiles choose() {
    if (request_.is_std) {
      std::string error;
      has_overlay_ = read_overlay_package(request_.overlay_dir, request_.path, &overlay_, &error);
      if (!error.empty()) out_.errors.push_back(error);
    }
    out_.overlay_whole = has_overlay_ && overlay_.whole;
    if (!out_.overlay_whole) {
      for (const FolderEntry& e : list_folder(request_.dir)) {
        if (e.kind == FileKind::File) original(e.name);
      }
    }
    if (has_overlay_) add_overlay_files();
    std::sort(out_.go.begin(), out_.go.end(), [](const GoFile& a, const GoFile& b) { return a.name < b.name; });
    std::sort(out_.s_files.begin(), out_.s_files.end());
    out_.excluded = out_.go.empty() && saw_go_;
    return std::move(out_);
  }

 private:
  // Do the constraints in the file's header hold?
  bool header_holds(const std::string& path, std::string_view text) {
    syntax::Header h = syntax::read_header(text, tag_);
    if (!h.error.empty()) {
      out_.errors.push_back(path + ": " + h.error);
      return false;
    }
    return h.matches;
  }

  void original(const std::string& name) {
    bool go = is_go_name(name);
    if (!go && !is_asm_name(name)) return;
    saw_go_ = saw_go_ || go;
    const OverlayRule* rule = has_overlay_ ? overlay_.rule(name) : nullptr;
    bool overlaid = has_overlay_ && std::binary_search(overlay_.files.begin(), overlay_.files.end(), name);
    if (rule == nullptr && !syntax::file_name_matches(name, tag_)) return;
    std::string path = request_.dir + "/" + name, text;
    if (rule == nullptr && overlaid) {
      out_.errors.push_back(overlay_.dir + "/overlay.txt: " + name + " is in GOROOT too, but no `replace` line names it");
      return;
    }
    if (!read_file(path, &text)) {
      out_.errors.push_back("open " + path + ": cannot be read");
      return;
    }
    if (rule != nullptr) {
      seen_rules_.push_back(rule);
      if (std::string hash = sha256_hex(text); hash != rule->sha256) {
        out_.errors.push_back(path + " is not the file that gale's overlay was written for (" + request_.goroot_version +
                              " differs: sha256 " + hash + "); this Go release is not supported yet");
      }
      return;
    }
    if (!header_holds(path, text)) return;
    if (go) {
      out_.go.push_back({name, path, std::move(text)});
    } else {
      out_.s_files.push_back(path);
    }
  }

  void add_overlay_files() {
    for (const std::string& name : overlay_.files) {
      GoFile f{name, overlay_.dir + "/" + name, {}, true};
      saw_go_ = true;
      if (!read_file(f.path, &f.text)) {
        out_.errors.push_back("open " + f.path + ": cannot be read");
      } else if (header_holds(f.path, f.text)) {
        out_.go.push_back(std::move(f));
      }
    }
    if (overlay_.whole) return;
    for (const OverlayRule& r : overlay_.rules) {
      if (std::find(seen_rules_.begin(), seen_rules_.end(), &r) == seen_rules_.end()) {
        out_.errors.push_back(overlay_.dir + "/overlay.txt: GOROOT (" + request_.goroot_version + ") has no " +
                              request_.dir + "/" + r.name + "; this Go release is not supported yet");
      }
    }
  }

  const PackageFilesRequest& request_;
  syntax::TagPredicate tag_;
  PackageFiles out_;
  OverlayPackage overlay_;
  bool has_overlay_ = false, saw_go_ = false;
  std::vector<const OverlayRule*> seen_rules_;
};

}  // namespace

PackageFiles choose_package_files(const PackageFilesRequest& request, const BuildTags& tags) {
  return Chooser(request, tags).choose();
}

PackageFiles read_named_files(const std::vector<std::string>& paths, const BuildTags& tags) {
  PackageFiles out;
  for (const std::string& path : paths) {
    GoFile f{path.substr(path.rfind('/') + 1), path, {}};
    if (!read_file(path, &f.text)) {
      out.errors.push_back("open " + path + ": no such file or directory");
      continue;
    }
    syntax::Header h = syntax::read_header(f.text, [&tags](std::string_view t) { return tags.holds(t); });
    if (!h.error.empty()) out.errors.push_back(path + ": " + h.error);
    if (h.matches) {
      out.go.push_back(std::move(f));
    } else {
      out.excluded = true;
    }
  }
  out.excluded = out.excluded && out.go.empty();
  return out;
}

bool has_go_files(const std::string& dir) {
  for (const FolderEntry& e : list_folder(dir)) {
    if (e.kind == FileKind::File && is_go_name(e.name)) return true;
  }
  return false;
}

bool has_go_files_or_tests(const std::string& dir) {
  for (const FolderEntry& e : list_folder(dir)) {
    if (e.kind == FileKind::File && e.name.ends_with(".go") && e.name[0] != '_' && e.name[0] != '.') return true;
  }
  return false;
}

}  // namespace gale::load
