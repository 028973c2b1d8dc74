// asm_listing [-p package] [-I folder]... [-D name[=value]]... file.s: the code of each function, for comparison and debugging.
//
//   TEXT name            then a line for each instruction: pc line hex text
//   FIELD name offset    of each relocation
//   DATA name hex        of each data symbol, FIELDs after it
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "asm/assemble.h"

namespace {

bool read(const std::string& path, std::string* text) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return false;
  std::ostringstream all;
  all << in.rdbuf();
  *text = all.str();
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  gale::plan9::AssembleOptions options;
  std::vector<std::string> folders;
  bool quiet = false;
  std::string file;
  for (int i = 1; i < argc; i++) {
    const std::string a = argv[i];
    if (a == "-q") quiet = true;
    else if (a == "-runtime") options.abi_selectors = true;
    else if (a == "-p" && i + 1 < argc) options.package = argv[++i];
    else if (a == "-I" && i + 1 < argc) folders.push_back(argv[++i]);
    else if (a == "-D" && i + 1 < argc) {
      const std::string d = argv[++i];
      const size_t eq = d.find('=');
      options.defines.push_back({d.substr(0, eq), eq == d.npos ? "1" : d.substr(eq + 1)});
    } else {
      file = a;
    }
  }
  options.file_name = file;
  std::string text;
  if (!read(file, &text)) {
    fmt::print(stderr, "open {}: no such file or directory\n", file);
    return 2;
  }
  options.include = [&](const std::string& name, std::string* shown, std::string* out) {
    if (read(name, out)) return *shown = name, true;
    for (const std::string& f : folders) {
      if (read(f + "/" + name, out)) return *shown = f + "/" + name, true;
    }
    return false;
  };
  std::string last;
  if (!quiet) {
    options.listing = [&](std::string_view function, uint32_t line, uint32_t pc, std::span<const uint8_t> bytes, const std::string& shown) {
      if (last != function || pc == 0) {
        if (last != function) fmt::print("TEXT {}\n", function);
        last = function;
      }
      std::string hex;
      for (uint8_t b : bytes) hex += fmt::format("{:02x}", b);
      fmt::print("{:05x} {} {} {}\n", pc, line, hex.empty() ? "-" : hex, shown);
    };
  }
  gale::plan9::Assembled result = gale::plan9::assemble(std::move(text), options);
  for (const auto& e : result.errors) {
    if (e.line != 0) fmt::print(stderr, "{}:{}: {}\n", e.file, e.line, e.text);
    else fmt::print(stderr, "asm: {}\n", e.text);
  }
  if (!result.errors.empty()) return 1;
  if (quiet) return 0;
  for (const auto& d : result.object.definitions) {
    if (d.func == nullptr) {
      std::string hex;
      for (uint8_t b : d.bytes) hex += fmt::format("{:02x}", b);
      fmt::print("DATA {} {} {}\n", d.name.text(), d.bytes.empty() ? d.size : d.bytes.size(), hex.empty() ? "-" : hex);
    } else {
      fmt::print("SYMBOL {}\n", d.name.text());
    }
    for (const auto& r : d.relocs) fmt::print("FIELD {} {} {}\n", r.offset, r.target.text(), r.addend);
  }
  return 0;
}
