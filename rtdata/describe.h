// Types to link symbols: descriptors in the layout of RUNTIME_CONTRACT section 3, their names, method tables, pointer masks
// and equality closures; itabs. One definition per canonical type, named "type:" + link string; all are repeatable (kDupOk),
// so that several threads may describe what they meet.
//
// Used in two steps. While discovery runs, `report_references` tells what a descriptor will point to, so that it gets
// described, and compiled, in its turn. When discovery is complete (it is known which methods are kept), `describe` and
// `describe_itab` make the definitions.
#pragma once

#include <functional>

#include "base/symbol.h"
#include "discover/references.h"
#include "link/object.h"
#include "types/canonical.h"

namespace gale::rtdata {

struct DescribeContext {
  types::CanonicalTypes& types;
  // May this method of t's method set be called through an interface or by reflection? Asked of final knowledge. Methods that
  // are not kept stay in the table (assertions compare names and types) but their code does not stay alive for it.
  std::function<bool(types::Type* t, const types::CanonicalTypes::Method& method)> keeps_method;
  // May anybody come across a method of this name in a method table? That is: has an interface with a descriptor a method of
  // this name, or does the program list methods by reflection? Empty: yes.
  std::function<bool(Symbol name)> is_looked_for = {};
};

// Descriptors and functions that t's descriptor points to. The method tables are left to keeper of the work list: when it
// decides to keep a method, it reports method_code and method_code_in_interface of it, and the method's signature as a type.
void report_references(types::Type* t, bool in_interface, types::CanonicalTypes& types, discover::References& references);

// `in_interface` as reported: if not, reflection and assertions never see t, and its descriptor has neither methods nor (unless it
// is compared or hashed) fields.
void describe(types::Type* t, bool in_interface, const DescribeContext& context, link::Object& out);

// go:itab.concrete,interface. concrete implements interface (statically known).
void describe_itab(types::Type* concrete, types::Type* interface, const DescribeContext& context, link::Object& out);

// The function that is method `m` of t's method set, with a receiver of type t exactly.
discover::FunctionInstance method_code(types::Type* t, const types::CanonicalTypes::Method& m);
// The same method as an itab calls it: the receiver is an interface's data word (t itself if pointer-shaped, else *t).
discover::FunctionInstance method_code_in_interface(types::Type* t, const types::CanonicalTypes::Method& m,
                                                    types::CanonicalTypes& types);

}  // namespace gale::rtdata
