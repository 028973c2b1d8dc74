// Names are repeatable definitions in the types section, called as gc's: "type:.namedata.Len." (exported),
// "type:.namedata.len-" (not), tags and other distinctions after it.
#include "rtdata/name_data.h"

#include <string>

#include "base/abi/layout.h"
#include "rtdata/record.h"
#include "types/object.h"

namespace gale::rtdata {
namespace {

void append_length(std::string& out, size_t length) {
  while (length >= 0x80) {
    out += static_cast<char>(length | 0x80);
    length >>= 7;
  }
  out += static_cast<char>(length);
}

}  // namespace

Symbol define_name(std::string_view name, std::string_view tag, const types::Package* package, bool exported, bool embedded,
                   link::Object& out) {
  std::string symbol = "type:.namedata.";
  symbol += name.empty() ? std::string_view("-noname") : name;
  symbol += exported ? '.' : '-';
  if (!tag.empty()) {
    symbol += '"';
    symbol += tag;
    symbol += '"';
  }
  if (embedded) symbol += ".embedded";
  if (package != nullptr) {
    symbol += ".in.";
    symbol += package->path.text();
  }

  uint8_t flags = 0;
  if (exported) flags |= abi::kNameExported;
  if (!tag.empty()) flags |= abi::kNameHasTag;
  if (package != nullptr) flags |= abi::kNameHasPkgPath;
  if (embedded) flags |= abi::kNameEmbedded;
  std::string bytes(1, static_cast<char>(flags));
  append_length(bytes, name.size());
  bytes += name;
  if (!tag.empty()) {
    append_length(bytes, tag.size());
    bytes += tag;
  }
  Record record;
  record.put_text(0, bytes);
  if (package != nullptr) record.put_types_offset(bytes.size(), define_package_path(*package, out));
  Symbol result(symbol);
  record.define(out, result, link::SymbolKind::Types, 1);
  return result;
}

Symbol define_package_path(const types::Package& package, link::Object& out) {
  // A main package is "main" here whatever its import path, as everywhere in link names.
  std::string_view path = package.name.text() == "main" ? std::string_view("main") : package.path.text();
  return define_path(path, out);
}

Symbol define_path(std::string_view path, link::Object& out) {
  std::string bytes(1, '\0');
  append_length(bytes, path.size());
  bytes += path;
  Record record;
  record.put_text(0, bytes);
  Symbol symbol("type:.importpath." + std::string(path) + ".");
  record.define(out, symbol, link::SymbolKind::Types, 1);
  return symbol;
}

}  // namespace gale::rtdata
