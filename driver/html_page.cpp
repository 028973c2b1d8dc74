#include "driver/html_page.h"

#include <errno.h>
#include <fmt/core.h>
#include <stdio.h>
#include <string.h>

namespace gale::driver {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>)";
constexpr std::string_view kStyle = R"(</title><style>
body { font: 13px sans-serif; margin: 8px; background: #fff; color: #222; }
.columns { display: flex; align-items: flex-start; overflow-x: auto; }
.column { flex: none; border: 1px solid #ccc; margin-right: 6px; max-width: 60em; }
.column h3 { margin: 0; padding: 4px 8px; background: #eee; cursor: pointer; white-space: nowrap; font-size: 13px; }
.column.same h3 { color: #888; }
.column.closed pre { display: none; }
.column.closed h3 { writing-mode: vertical-rl; }
pre { margin: 0; padding: 4px 8px; font: 12px monospace; overflow-x: auto; }
.n { cursor: pointer; border-radius: 2px; }
.n.hover { outline: 1px solid #06c; background: #def; }
</style></head><body>
<p>Point at a value (v7) or block (b2) to see it everywhere; click to colour it, click again to stop. Click a heading to fold its column;
columns in which nothing changed are folded.</p>
)";
constexpr std::string_view kScript = R"(<script>
const colours = ["#ffd54f", "#aed581", "#4fc3f7", "#ff8a65", "#ba68c8", "#4db6ac", "#f06292", "#9fa8da", "#dce775", "#bcaaa4"];
const kept = new Map();
const same = e => e.closest("section").querySelectorAll('.n[data-n="' + e.dataset.n + '"]');
document.addEventListener("mouseover", e => {
  if (e.target.classList.contains("n")) same(e.target).forEach(x => x.classList.add("hover"));
});
document.addEventListener("mouseout", e => {
  if (e.target.classList.contains("n")) same(e.target).forEach(x => x.classList.remove("hover"));
});
document.addEventListener("click", e => {
  if (e.target.tagName === "H3") e.target.parentNode.classList.toggle("closed");
  if (!e.target.classList.contains("n")) return;
  const key = e.target.closest("section").id + " " + e.target.dataset.n;
  let colour = "";
  if (kept.has(key)) {
    kept.delete(key);
  } else {
    const used = new Set(kept.values());
    colour = colours.find(c => !used.has(c)) || colours[0];
    kept.set(key, colour);
  }
  same(e.target).forEach(x => x.style.background = colour);
});
</script></body></html>
)";

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '&': out += "&amp;"; break;
    case '"': out += "&quot;"; break;
    default: out += c;
  }
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; }

// v7 and b2, standing alone and outside of strings, are marked.
void append_marked(std::string& out, std::string_view text) {
  bool in_string = false;
  for (size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    if (c == '\n') in_string = false;
    if (c == '"' && (i == 0 || text[i - 1] != '\\')) in_string = !in_string;
    size_t end = i + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') end++;
    const bool name = !in_string && (c == 'v' || c == 'b') && end > i + 1 && (i == 0 || !is_word(text[i - 1])) &&
                      (end == text.size() || !is_word(text[end]) || text[end] == '.');
    if (!name) {
      append_escaped(out, c);
      continue;
    }
    std::string_view word = text.substr(i, end - i);
    out += fmt::format("<span class=\"n\" data-n=\"{}\">{}</span>", word, word);
    i = end - 1;
  }
}

}  // namespace

bool HtmlPage::matches(std::string_view func) const {
  if (func == function_) return true;
  return func.size() > function_.size() && func.ends_with(function_) && func[func.size() - function_.size() - 1] == '.';
}

bool HtmlPage::wants(std::string_view stage, std::string_view func) const {
  return wanted() && !stage.starts_with("before:") && matches(func);
}

void HtmlPage::add_source(const SourceManager& sources, const std::vector<std::unique_ptr<ir::Func>>& funcs) {
  for (const std::unique_ptr<ir::Func>& f : funcs) {
    if (!matches(f->name.text())) continue;
    const SourceFile* file = sources.file(f->pos);
    if (file == nullptr || !f->end_pos.valid() || !file->contains(f->end_pos) || f->end_pos < f->pos) continue;
    std::string_view text = file->text();
    size_t begin = text.rfind('\n', file->offset(f->pos)), end = text.find('\n', file->offset(f->end_pos));
    begin = begin == text.npos ? 0 : begin + 1;
    const uint32_t line = sources.physical_location(f->pos).line;
    std::string shown;
    std::string_view rest = text.substr(begin, end == text.npos ? end : end - begin);
    for (uint32_t n = line; !rest.empty(); n++) {
      std::string_view one = rest.substr(0, rest.find('\n'));
      shown += fmt::format("{:>5}  {}\n", n, one);
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    functions_[std::string(f->name.text())].push_back({"source", std::move(shown)});
  }
}

void HtmlPage::add(std::string_view stage, std::string_view func, std::string_view text) {
  if (stage.starts_with("after:")) stage.remove_prefix(6);
  std::lock_guard<std::mutex> lock(mutex_);
  functions_[std::string(func)].push_back({std::string(stage), std::string(text)});
}

std::string HtmlPage::text() const {
  std::string out(kHead);
  for (char c : function_) append_escaped(out, c);
  out += kStyle;
  int number = 0;
  for (const auto& [name, columns] : functions_) {
    out += fmt::format("<section id=\"f{}\"><h2>", number++);
    for (char c : name) append_escaped(out, c);
    out += "</h2>\n<div class=\"columns\">\n";
    std::string_view previous;
    for (const Column& c : columns) {
      const bool same = c.text == previous;
      out += fmt::format("<div class=\"column{}\"><h3>", same ? " same closed" : "");
      for (char letter : c.stage) append_escaped(out, letter);
      out += "</h3><pre>";
      if (c.stage == "source") {
        for (char letter : c.text) append_escaped(out, letter);
      } else {
        append_marked(out, c.text);
      }
      out += "</pre></div>\n";
      previous = c.text;
    }
    out += "</div></section>\n";
  }
  out += kScript;
  return out;
}

bool HtmlPage::write(std::string* error) const {
  if (functions_.empty()) {
    *error = fmt::format("gale: -html={}: the program has no such function, or does not reach it", function_);
    return false;
  }
  std::string name;
  for (char c : function_) name += is_word(c) ? c : '_';
  if (name.find_first_not_of('.') == name.npos) name = "function";
  name += ".html";
  FILE* file = ::fopen(name.c_str(), "w");
  const std::string page = text();
  bool ok = file != nullptr && ::fwrite(page.data(), 1, page.size(), file) == page.size();
  if (file != nullptr) ok = ::fclose(file) == 0 && ok;
  if (!ok) {
    *error = fmt::format("gale: write {}: {}", name, ::strerror(errno));
    return false;
  }
  fmt::print(stderr, "wrote {}\n", name);
  return true;
}

}  // namespace gale::driver
