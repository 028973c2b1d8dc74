// Questions about types (spec: Type identity, Comparison operators, Core types, Size and alignment guarantees).
#pragma once

#include <functional>
#include <string>

#include "types/type.h"

namespace gale::types {

bool identical(Type* x, Type* y);                 // spec: Type identity
bool identical_ignore_tags(Type* x, Type* y);
uint32_t identity_hash(Type* t);                  // equal for identical types; the same in every run

// By underlying type; type parameters do not match (use all_* for "each type of the type set").
bool is_boolean(Type* t);
bool is_integer(Type* t);
bool is_unsigned(Type* t);
bool is_float(Type* t);
bool is_complex(Type* t);
bool is_numeric(Type* t);
bool is_string(Type* t);
bool is_const_type(Type* t);
bool all_boolean(Type* t);
bool all_integer(Type* t);
bool all_unsigned(Type* t);
bool all_numeric(Type* t);
bool all_string(Type* t);
bool all_ordered(Type* t);
bool all_numeric_or_string(Type* t);
bool all_basic(Type* t, uint16_t flags);
bool is_untyped(Type* t);
bool is_typed(Type* t);
bool is_untyped_numeric(Type* t);
bool is_interface(Type* t);                       // underlying interface, not a type parameter
bool is_non_type_param_interface(Type* t);
bool is_type_param(Type* t);
bool is_generic(Type* t);                         // declared generic and not instantiated
bool has_name(Type* t);                           // predeclared, defined or type parameter
bool has_nil(Type* t);
bool is_valid(Type* t);
bool is_bytes_or_runes(Type* t);
bool is_unsafe_pointer(Type* t);
bool is_type_param_type(Type* t);
bool comparable(Type* t);                         // spec: Comparison operators; not strictly
bool strictly_comparable(Type* t);
Type* default_type(Type* t);                      // of an untyped type
Type* core_type(Type* t);                         // or null
Type* core_string(Type* t);                       // like core_type; []byte|string gives string
Type* deref(Type* t, bool* was_pointer);
bool mentions_type_param(Type* t);                // anywhere inside
// Calls f for each (type, underlying) of t's type set (t itself if it is no type parameter); stops when f returns false.
bool type_set_all(Type* t, const std::function<bool(Type* type, Type* under)>& f);

// How package names are printed: by path relation to a package (gc: own package unqualified... see typestring.cpp).
struct Qualifier;
std::string type_string(Type* t, const Package* relative_to);        // for messages
std::string reflect_string(Type* t);                                 // as reflect's Type.String: package *name* qualified
std::string link_string(Type* t);                                    // full package paths and type arguments; unique per canonical type

// amd64 sizes (spec and gc): valid for concrete types without errors.
int64_t size_of(Type* t);
int64_t align_of(Type* t);
int64_t field_offset(Struct* t, uint32_t index);
bool has_pointers(Type* t);

}  // namespace gale::types
