// Itabs and the functions that stand in method tables.
#include "base/abi/layout.h"
#include "base/check.h"
#include "discover/layout.h"
#include "discover/names.h"
#include "rtdata/describe.h"
#include "rtdata/fingerprint.h"
#include "rtdata/record.h"
#include "types/object.h"
#include "types/predicates.h"

namespace gale::rtdata {

discover::FunctionInstance method_code(types::Type* t, const types::CanonicalTypes::Method& m) {
  discover::FunctionInstance f;
  auto* pointer = types::as<types::Pointer>(t);
  bool is_pointer = pointer != nullptr;
  bool own = m.path.empty() && m.func != nullptr && m.func->receiver_interface == nullptr;
  if (own && m.pointer_receiver == is_pointer) {
    f.kind = discover::FunctionKind::Declared;
    f.func = m.func;
    auto* base = types::as<types::Named>(is_pointer ? pointer->elem : t);
    CHECK(base != nullptr, "a declared method has a defined receiver type");
    f.type_args.assign(base->type_args.begin(), base->type_args.end());
    return f;
  }
  f.kind = discover::FunctionKind::MethodWrapper;
  f.type = t;
  f.method = m.name;
  f.method_package = m.package;
  return f;
}

discover::FunctionInstance method_code_in_interface(types::Type* t, const types::CanonicalTypes::Method& m,
                                                    types::CanonicalTypes& types) {
  if (discover::is_direct_iface(t)) return method_code(t, m);
  types::Type* pointer = types.pointer_to(t);
  const types::CanonicalTypes::Method* of_pointer = types.find_method(pointer, m.name, m.package);
  CHECK(of_pointer != nullptr, "the method set of *T contains that of T");
  return method_code(pointer, *of_pointer);
}

void describe_itab(types::Type* concrete, types::Type* interface, const DescribeContext& context, link::Object& out) {
  Record record;
  Symbol type = discover::type_symbol(concrete);
  record.put_address(abi::ITab::inter, discover::type_symbol(interface));
  record.put_address(abi::ITab::type, type);
  record.put<uint32_t>(abi::ITab::hash, discover::type_hash(type));
  record.put<uint32_t>(abi::ITab::hash + 4, 0);
  size_t at = abi::ITab::fun;
  for (const types::CanonicalTypes::Method& wanted : context.types.interface_methods(interface)) {
    const types::CanonicalTypes::Method* m = context.types.find_method(concrete, wanted.name, wanted.package);
    CHECK(m != nullptr, "the type implements the interface");
    if (context.keeps_method(concrete, *m)) {
      record.put_address(at, discover::function_symbol(method_code_in_interface(concrete, *m, context.types)));
    } else {
      record.put_address(at, Symbol("runtime.unreachableMethod"));  // never called
    }
    at += 8;
  }
  link::Definition& def = record.define(out, discover::itab_symbol(concrete, interface), link::SymbolKind::Itab, 8);
  def.flags &= static_cast<uint16_t>(~link::kLocal);
}

}  // namespace gale::rtdata
