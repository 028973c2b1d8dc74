// For the linker's tests: objects from machine code written by hand, running the result, looking into the image.
#pragma once

#include <elf.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "link/bytes.h"
#include "link/link.h"

namespace gale::link::test {

// Builds one Object, definition by definition.
class ObjectBuilder {
 public:
  Definition& add(std::string_view name, SymbolKind kind, std::initializer_list<int> bytes, std::vector<Reloc> relocs = {}) {
    Bytes copy;
    for (int b : bytes) copy.push_back(static_cast<uint8_t>(b));
    return add_bytes(name, kind, copy, std::move(relocs));
  }
  Definition& add_bytes(std::string_view name, SymbolKind kind, const Bytes& bytes, std::vector<Reloc> relocs = {}) {
    Definition d;
    d.name = Symbol(name);
    d.kind = kind;
    d.bytes = object.arena->copy(bytes);
    d.relocs = object.arena->copy(relocs);
    object.definitions.push_back(d);
    return object.definitions.back();
  }
  Definition& add_text(std::string_view name, std::string_view text) {
    return add_bytes(name, SymbolKind::GoString, Bytes(text.begin(), text.end()));
  }
  Definition& add_zero(std::string_view name, SymbolKind kind, uint64_t size) {
    Definition d;
    d.name = Symbol(name);
    d.kind = kind;
    d.size = size;
    object.definitions.push_back(d);
    return object.definitions.back();
  }
  template <class T>
  std::span<const T> list(std::initializer_list<T> items) {
    return object.arena->copy(std::vector<T>(items));
  }
  FuncInfo* func() { return funcs_.emplace_back(std::make_unique<FuncInfo>()).get(); }

  Object object;

 private:
  std::vector<std::unique_ptr<FuncInfo>> funcs_;
};

inline Reloc reloc(uint32_t offset, RelocKind kind, std::string_view target, int64_t addend = 0, bool weak = false) {
  return Reloc{.offset = offset, .kind = kind, .weak = weak, .optional = false, .target = Symbol(target), .addend = addend};
}

struct Linked {
  LinkResult result;
  bool ok() const { return result.ok(); }

  const Elf64_Ehdr& header() const { return *reinterpret_cast<const Elf64_Ehdr*>(result.image.data()); }
  const Elf64_Shdr* section(std::string_view name) const {
    const Elf64_Shdr* sections = reinterpret_cast<const Elf64_Shdr*>(result.image.data() + header().e_shoff);
    const char* names = reinterpret_cast<const char*>(result.image.data() + sections[header().e_shstrndx].sh_offset);
    for (int i = 0; i < header().e_shnum; i++) {
      if (name == names + sections[i].sh_name) return &sections[i];
    }
    return nullptr;
  }
  // Null if it is not in the symbol table.
  const Elf64_Sym* symbol(std::string_view name) const {
    const Elf64_Shdr* symtab = section(".symtab");
    const Elf64_Shdr* strtab = section(".strtab");
    if (symtab == nullptr || strtab == nullptr) return nullptr;
    const Elf64_Sym* rows = reinterpret_cast<const Elf64_Sym*>(result.image.data() + symtab->sh_offset);
    for (size_t i = 0; i < symtab->sh_size / sizeof(Elf64_Sym); i++) {
      if (name == reinterpret_cast<const char*>(result.image.data() + strtab->sh_offset + rows[i].st_name)) return &rows[i];
    }
    return nullptr;
  }
  uint64_t address(std::string_view name) const {
    const Elf64_Sym* s = symbol(name);
    return s == nullptr ? 0 : s->st_value;
  }
  // The bytes loaded at an address.
  const uint8_t* at(uint64_t address) const {
    const Elf64_Phdr* segments = reinterpret_cast<const Elf64_Phdr*>(result.image.data() + header().e_phoff);
    for (int i = 0; i < header().e_phnum; i++) {
      const Elf64_Phdr& s = segments[i];
      if (s.p_type == PT_LOAD && s.p_vaddr <= address && address < s.p_vaddr + s.p_filesz) {
        return result.image.data() + s.p_offset + (address - s.p_vaddr);
      }
    }
    return nullptr;
  }
  bool contains(std::string_view text) const {
    std::string_view all(reinterpret_cast<const char*>(result.image.data()), result.image.size());
    return all.find(text) != std::string_view::npos;
  }
};

inline Linked link_all(std::vector<const Object*> objects, std::vector<ElfInput> elf = {}, LinkOptions options = {},
                       std::string_view entry = "_start") {
  LinkInput input;
  input.objects = objects;
  input.elf_objects = elf;
  input.entry = Symbol(entry);
  input.options = std::move(options);
  return Linked{link(input)};
}

inline std::string temp_path(std::string_view name) {
  const char* dir = std::getenv("TMPDIR");
  return std::string(dir != nullptr ? dir : "/tmp") + "/gale_link_test_" + std::to_string(::getpid()) + "_" + std::string(name);
}

struct CommandResult {
  int exit_code = -1;  // 128 + n: killed by signal n
  std::string output;  // stdout and stderr
};

inline CommandResult run_command(const std::string& command) {
  CommandResult result;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.output.append(buffer, n);
  int status = ::pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

// Writes the image to a file, runs it, removes it.
inline CommandResult run_image(const Linked& linked, std::string_view name) {
  std::string path = temp_path(name);
  std::string error = write_executable(path, linked.result.image);
  if (!error.empty()) return {-1, error};
  CommandResult result = run_command(path);
  ::unlink(path.c_str());
  return result;
}

inline bool have_program(const char* name) { return run_command(std::string("command -v ") + name).exit_code == 0; }

inline Bytes read_file(const std::string& path) {
  Bytes bytes;
  FILE* f = std::fopen(path.c_str(), "rb");
  if (f == nullptr) return bytes;
  uint8_t buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, f)) > 0;) bytes.insert(bytes.end(), buffer, buffer + n);
  std::fclose(f);
  return bytes;
}

inline void write_file(const std::string& path, std::string_view text) {
  FILE* f = std::fopen(path.c_str(), "wb");
  std::fwrite(text.data(), 1, text.size(), f);
  std::fclose(f);
}

}  // namespace gale::link::test
