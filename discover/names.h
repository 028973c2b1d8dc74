// Link names, as gc gives them (they show in tracebacks, profiles and linkname pragmas), for every stage that names symbols.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/symbol.h"
#include "discover/references.h"

namespace gale::discover {

std::string escape_path(std::string_view import_path);  // dots after the last slash and odd bytes as %2e
std::string package_prefix(const types::Package* p);    // escaped path; "main" for a main package

Symbol object_symbol(const types::Object* o);           // "pkg.name" of a variable or plain function, linknames not regarded
Symbol function_symbol(const FunctionInstance& f);      // main.f, main.(*T).m, main.f[int], main.T.m-fm, type:.eq.main.T
// The method of `receiver`'s method set as a function whose first parameter is a receiver of exactly that type.
Symbol method_symbol(types::Type* receiver, Symbol method, const types::Package* method_package);
Symbol closure_symbol(Symbol function);                 // read-only closure object {code}: "main.f·f"
Symbol type_symbol(types::Type* t);                     // "type:" + link_string
uint32_t type_hash(Symbol type);                        // of a type_symbol: the descriptor's hash field, and that of its itabs
Symbol itab_symbol(types::Type* concrete, types::Type* interface);
Symbol string_symbol(std::string_view bytes);           // go:string."...": long ones by length and hash
Symbol init_unit_symbol(const types::Package* p, uint32_t unit);

}  // namespace gale::discover
