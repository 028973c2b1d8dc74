// The descriptor of one type: the common header, the part of its kind, UncommonType (named types and types with methods),
// the kind's trailing array, the method table. Offsets: base/abi/layout.def; rules: RUNTIME_CONTRACT 3.
#include "rtdata/describe.h"

#include <string>

#include "base/abi/layout.h"
#include "base/check.h"
#include "discover/layout.h"
#include "discover/names.h"
#include "rtdata/equality.h"
#include "rtdata/fingerprint.h"
#include "rtdata/map_type.h"
#include "rtdata/masks.h"
#include "rtdata/name_data.h"
#include "rtdata/record.h"
#include "types/object.h"
#include "types/predicates.h"

namespace gale::rtdata {
namespace {

using Method = types::CanonicalTypes::Method;
using types::TypeKind;

constexpr uint16_t kVariadic = 1 << 15;

bool is_exported_name(std::string_view name) {
  types::Object o = {};
  o.name = Symbol(name);
  return o.exported();
}

uint8_t kind_number(types::Type* t) {
  types::Type* u = types::underlying(t);
  switch (u->kind) {
    case TypeKind::Basic: {
      // types::BasicKind has the order of reflect's kinds from Bool to Complex128.
      types::BasicKind basic = static_cast<types::Basic*>(u)->basic;
      if (basic == types::BasicKind::String) return abi::kKindString;
      if (basic == types::BasicKind::UnsafePointer) return abi::kKindUnsafePointer;
      CHECK(basic >= types::BasicKind::Bool && basic <= types::BasicKind::Complex128, "a typed basic type");
      return static_cast<uint8_t>(basic);
    }
    case TypeKind::Array: return abi::kKindArray;
    case TypeKind::Slice: return abi::kKindSlice;
    case TypeKind::Struct: return abi::kKindStruct;
    case TypeKind::Pointer: return abi::kKindPointer;
    case TypeKind::Signature: return abi::kKindFunc;
    case TypeKind::Interface: return abi::kKindInterface;
    case TypeKind::Map: return abi::kKindMap;
    case TypeKind::Chan: return abi::kKindChan;
    default: break;
  }
  CHECK(false, "a concrete type has a descriptor");
}
static_assert(static_cast<int>(types::BasicKind::Bool) == abi::kKindBool);
static_assert(static_cast<int>(types::BasicKind::Uintptr) == abi::kKindUintptr);
static_assert(static_cast<int>(types::BasicKind::Complex128) == abi::kKindComplex128);

size_t kind_size(types::Type* t) {
  switch (types::underlying(t)->kind) {
    case TypeKind::Array: return abi::ArrayType::size;
    case TypeKind::Slice: return abi::SliceType::size;
    case TypeKind::Struct: return abi::StructType::size;
    case TypeKind::Pointer: return abi::PtrType::size;
    case TypeKind::Signature: return abi::FuncType::size;
    case TypeKind::Interface: return abi::InterfaceType::size;
    case TypeKind::Map: return abi::MapType::size;
    case TypeKind::Chan: return abi::ChanType::size;
    default: return abi::Type::size;
  }
}

// The declared or predeclared name's object; null for type literals.
const types::TypeName* type_name(types::Type* t) {
  auto* named = types::as<types::Named>(t);
  return named != nullptr ? named->object : nullptr;
}

bool is_named(types::Type* t) { return t->kind == TypeKind::Basic || t->kind == TypeKind::Named; }

// A value that never gets into an interface is seen by nobody who asks for methods. reflect can come to any descriptor of an
// unnamed type from its parts, but it finds methods there only of pointers, which are then reported as being in interfaces.
bool shows_methods(types::Type* t, bool in_interface) {
  if (in_interface) return true;
  if (auto* pointer = types::as<types::Pointer>(t)) return !is_named(pointer->elem);
  return !is_named(t);
}

// What else asks for a struct's fields: comparing and hashing, and making a pointer mask on demand.
bool shows_fields(types::Type* t, bool in_interface) {
  return in_interface || !is_named(t) || types::comparable(t) || discover::pointer_bytes(t) / 8 > abi::kGCMaskMaxWords;
}

class Descriptor {
 public:
  Descriptor(types::Type* t, bool in_interface, const DescribeContext& context, link::Object& out)
      : t_(t), u_(types::underlying(t)), context_(context), out_(out), symbol_(discover::type_symbol(t)) {
    has_fields_ = shows_fields(t, in_interface);
    if (u_->kind != TypeKind::Interface && shows_methods(t, in_interface)) methods_ = &context.types.method_set(t);
    uncommon_ = is_named(t) || (methods_ != nullptr && !methods_->empty());
    trailing_ = kind_size(t) + (uncommon_ ? abi::UncommonType::size : 0);
  }

  void define() {
    header();
    size_t trailing_size = kind_part();
    if (uncommon_) uncommon(trailing_size);
    link::Definition& def = record_.define(out_, symbol_, link::SymbolKind::Types, 8);
    bool typelink = !is_named(t_) && u_->kind != TypeKind::Interface;
    def.order = type_order(symbol_, types::reflect_string(t_), typelink, *out_.arena);
  }

 private:
  void header() {
    namespace f = abi::Type;
    uint64_t pointer_bytes = discover::pointer_bytes(t_);
    uint8_t flags = 0;
    if (uncommon_) flags |= abi::kTFlagUncommon;
    if (is_named(t_)) flags |= abi::kTFlagNamed;
    if (discover::is_plain_memory(t_) && types::comparable(t_)) flags |= abi::kTFlagRegularMemory;
    if (discover::is_direct_iface(t_)) flags |= abi::kTFlagDirectIface;
    bool on_demand = pointer_bytes / 8 > abi::kGCMaskMaxWords;
    if (on_demand) flags |= abi::kTFlagGCMaskOnDemand;

    record_.put<uint64_t>(f::size_, static_cast<uint64_t>(types::size_of(t_)));
    record_.put<uint64_t>(f::ptr_bytes, pointer_bytes);
    record_.put<uint32_t>(f::hash, discover::type_hash(symbol_));
    record_.put<uint8_t>(f::align, static_cast<uint8_t>(types::align_of(t_)));
    record_.put<uint8_t>(f::field_align, static_cast<uint8_t>(types::align_of(t_)));
    record_.put<uint8_t>(f::kind, kind_number(t_));
    address_or_nil(f::equal, define_equal_closure(t_, context_.types, out_));
    Symbol mask = on_demand ? define_mask_on_demand(symbol_, out_)
                            : define_mask(discover::pointer_mask(t_), pointer_bytes, out_);
    record_.put_address(f::gc_data, mask);
    record_.put_types_offset(f::str, type_string(&flags));
    record_.put<uint8_t>(f::tflag, flags);
    // A pointer type with methods lives as long as its base, if it was reported at all: reflect gets at it by this field only.
    types::Type* pointer = context_.types.pointer_to(t_);
    const bool has_methods = types::as<types::Named>(t_) != nullptr && !context_.types.method_set(pointer).empty();
    if (has_methods) {
      record_.put_optional_types_offset(f::ptr_to_this, discover::type_symbol(pointer));
    } else {
      record_.put_types_offset(f::ptr_to_this, discover::type_symbol(pointer), /*weak=*/true);
    }
  }

  void address_or_nil(size_t offset, Symbol target) {
    if (target.empty()) {
      record_.put<uint64_t>(offset, 0);
    } else {
      record_.put_address(offset, target);
    }
  }

  // Type strings are stored as "*T": T's descriptor, with the flag ExtraStar, and *T's share the bytes.
  Symbol type_string(uint8_t* flags) {
    std::string text = types::reflect_string(t_);
    const types::TypeName* name = type_name(t_);
    if (!text.starts_with('*')) {
      text.insert(0, "*");
      *flags |= abi::kTFlagExtraStar;
    } else if (auto* pointer = types::as<types::Pointer>(t_)) {
      name = type_name(pointer->elem);
    }
    return define_name(text, "", nullptr, name != nullptr && name->exported(), false, out_);
  }

  // Fills in what follows the header; returns the size of the trailing array.
  size_t kind_part() {
    switch (u_->kind) {
      case TypeKind::Array: return array(static_cast<types::Array*>(u_));
      case TypeKind::Slice: return element(abi::SliceType::elem, static_cast<types::Slice*>(u_)->elem);
      case TypeKind::Pointer: return element(abi::PtrType::elem, static_cast<types::Pointer*>(u_)->elem);
      case TypeKind::Chan: return chan(static_cast<types::Chan*>(u_));
      case TypeKind::Signature: return func(static_cast<types::Signature*>(u_));
      case TypeKind::Interface: return interface();
      case TypeKind::Struct: return structure(static_cast<types::Struct*>(u_));
      case TypeKind::Map: return map(static_cast<types::Map*>(u_));
      default: return 0;
    }
  }

  size_t element(size_t offset, types::Type* elem) {
    record_.put_address(offset, discover::type_symbol(elem));
    return 0;
  }

  size_t array(types::Array* a) {
    record_.put_address(abi::ArrayType::elem, discover::type_symbol(a->elem));
    record_.put_address(abi::ArrayType::slice, discover::type_symbol(context_.types.slice_of(a->elem)));
    record_.put<uint64_t>(abi::ArrayType::len, static_cast<uint64_t>(a->length));
    return 0;
  }

  size_t chan(types::Chan* c) {
    record_.put_address(abi::ChanType::elem, discover::type_symbol(c->elem));
    uint64_t direction = c->dir == types::ChanDir::RecvOnly ? 1 : c->dir == types::ChanDir::SendOnly ? 2 : 3;
    record_.put<uint64_t>(abi::ChanType::dir, direction);
    return 0;
  }

  size_t func(types::Signature* s) {
    size_t in = s->params->vars.size(), out = s->results->vars.size();
    record_.put<uint16_t>(abi::FuncType::in_count, static_cast<uint16_t>(in));
    record_.put<uint16_t>(abi::FuncType::out_count, static_cast<uint16_t>(out | (s->variadic ? kVariadic : 0)));
    record_.put<uint32_t>(abi::FuncType::out_count + 2, 0);
    size_t at = trailing_;
    for (types::Tuple* list : {s->params, s->results}) {
      for (types::Var* v : list->vars) {
        record_.put_address(at, discover::type_symbol(v->type));
        at += 8;
      }
    }
    return at - trailing_;
  }

  // {pointer to the trailing array, count, count}
  void slice_of_trailing(size_t offset, size_t count) {
    record_.put_address(offset, symbol_, static_cast<int64_t>(trailing_));
    record_.put<uint64_t>(offset + 8, count);
    record_.put<uint64_t>(offset + 16, count);
  }

  size_t interface() {
    const types::TypeName* name = type_name(t_);
    const types::Package* own = name != nullptr ? name->package : nullptr;
    address_or_nil(abi::InterfaceType::pkg_path, own != nullptr ? define_package_path(*own, out_) : Symbol());
    const std::vector<Method>& methods = context_.types.interface_methods(t_);
    slice_of_trailing(abi::InterfaceType::methods, methods.size());
    size_t at = trailing_;
    for (const Method& m : methods) {
      record_.put_types_offset(at + abi::Imethod::name, method_name(m, own));
      record_.put_types_offset(at + abi::Imethod::typ, discover::type_symbol(m.signature));
      at += abi::Imethod::size;
    }
    return at - trailing_;
  }

  // Unexported names carry their package's path if it is not that of the type.
  Symbol method_name(const Method& m, const types::Package* own) {
    bool exported = is_exported_name(m.name.text());
    const types::Package* package = !exported && m.package != own ? m.package : nullptr;
    return define_name(m.name.text(), "", package, exported, false, out_);
  }

  size_t structure(types::Struct* s) {
    if (!has_fields_) {
      address_or_nil(abi::StructType::pkg_path, Symbol());
      slice_of_trailing(abi::StructType::fields, 0);
      return 0;
    }
    const types::Package* package = nullptr;
    for (types::Var* f : s->fields) {
      if (!f->exported()) {
        package = f->package;
        break;
      }
    }
    address_or_nil(abi::StructType::pkg_path, package != nullptr ? define_package_path(*package, out_) : Symbol());
    slice_of_trailing(abi::StructType::fields, s->fields.size());
    size_t at = trailing_;
    for (uint32_t i = 0; i < s->fields.size(); i++) {
      types::Var* f = s->fields[i];
      std::string_view tag = s->tags.empty() ? std::string_view() : s->tags[i].text();
      record_.put_address(at + abi::StructField::name,
                          define_name(f->name.text(), tag, nullptr, f->exported(), f->embedded, out_));
      record_.put_address(at + abi::StructField::typ, discover::type_symbol(f->type));
      record_.put<uint64_t>(at + abi::StructField::offset, static_cast<uint64_t>(types::field_offset(s, i)));
      at += abi::StructField::size;
    }
    return at - trailing_;
  }

  size_t map(types::Map* m) {
    MapLayout layout = map_layout(*m, context_.types);
    record_.put_address(abi::MapType::key, discover::type_symbol(m->key));
    record_.put_address(abi::MapType::elem, discover::type_symbol(m->elem));
    record_.put_address(abi::MapType::bucket, define_bucket_type(*m, layout, context_.types, out_));
    record_.put_address(abi::MapType::hasher, define_hash_closure(m->key, context_.types, out_));
    record_.put<uint64_t>(abi::MapType::bucket_size, layout.bucket_size);
    record_.put<uint64_t>(abi::MapType::key_slot, layout.key_slot);
    record_.put<uint64_t>(abi::MapType::elem_off, layout.elem_offset);
    record_.put<uint32_t>(abi::MapType::flags, layout.flags);
    record_.put<uint32_t>(abi::MapType::elem_slot, static_cast<uint32_t>(layout.elem_slot));
    return 0;
  }

  // The package that an unnamed type's UncommonType names: its element's.
  const types::Package* own_package() const {
    if (const types::TypeName* name = type_name(t_)) return name->package;
    types::Type* elem = nullptr;
    if (auto* p = types::as<types::Pointer>(t_)) elem = p->elem;
    if (auto* a = types::as<types::Array>(t_)) elem = a->elem;
    if (auto* s = types::as<types::Slice>(t_)) elem = s->elem;
    if (auto* c = types::as<types::Chan>(t_)) elem = c->elem;
    const types::TypeName* name = elem != nullptr ? type_name(elem) : nullptr;
    return name != nullptr ? name->package : nullptr;
  }

  void uncommon(size_t trailing_size) {
    namespace f = abi::UncommonType;
    size_t start = kind_size(t_);
    const types::Package* package = own_package();
    if (t_->kind == types::TypeKind::Basic && static_cast<const types::Basic*>(t_)->basic == types::BasicKind::UnsafePointer) {
      record_.put_types_offset(start + f::pkg_path, define_path("unsafe", out_));
    } else if (package != nullptr) {
      record_.put_types_offset(start + f::pkg_path, define_package_path(*package, out_));
    } else {
      record_.put<uint32_t>(start + f::pkg_path, 0);
    }
    size_t all = methods_ != nullptr ? methods_->size() : 0, exported = 0;
    while (exported < all && is_exported_name((*methods_)[exported].name.text())) exported++;
    std::vector<const Method*> found;
    for (size_t i = 0; i < all; i++) {
      if (!context_.is_looked_for || context_.is_looked_for((*methods_)[i].name)) found.push_back(&(*methods_)[i]);
    }
    record_.put<uint16_t>(start + f::mcount, static_cast<uint16_t>(found.size()));
    // What NumMethod says. Nobody who goes by it looks at the table if not all of them are there.
    record_.put<uint16_t>(start + f::xcount, static_cast<uint16_t>(exported));
    record_.put<uint32_t>(start + f::moff, static_cast<uint32_t>(f::size + trailing_size));
    record_.put<uint32_t>(start + f::moff + 4, 0);
    size_t at = trailing_ + trailing_size;
    for (const Method* m : found) {
      method(*m, package, at);
      at += abi::Method::size;
    }
  }

  void method(const Method& m, const types::Package* own, size_t at) {
    bool kept = context_.keeps_method(t_, m);
    record_.put_types_offset(at + abi::Method::name, method_name(m, own));
    // Weak: if no other method or interface has this signature, nobody can ask for it.
    record_.put_types_offset(at + abi::Method::mtyp, discover::type_symbol(m.signature), !kept);
    Symbol ifn = discover::function_symbol(method_code_in_interface(t_, m, context_.types));
    Symbol tfn = discover::function_symbol(method_code(t_, m));
    record_.put_text_offset(at + abi::Method::ifn, ifn, !kept);
    record_.put_text_offset(at + abi::Method::tfn, tfn, !kept);
  }

  types::Type* t_;
  types::Type* u_;
  const DescribeContext& context_;
  link::Object& out_;
  Symbol symbol_;
  const std::vector<Method>* methods_ = nullptr;  // those in the table
  bool has_fields_;  // of a struct
  bool uncommon_;
  size_t trailing_;  // offset of the array that follows kind part and UncommonType
  Record record_;
};

}  // namespace

void describe(types::Type* t, bool in_interface, const DescribeContext& context, link::Object& out) {
  Descriptor(t, in_interface, context, out).define();
}

void report_references(types::Type* t, bool in_interface, types::CanonicalTypes& types, discover::References& references) {
  report_equal(t, types, references);
  // reflect takes addresses (Value.Addr) and finds *T by PtrToThis: its methods can be called then.
  if (in_interface && types::as<types::Named>(t) != nullptr && !types::is_interface(t)) {
    types::Type* pointer = types.pointer_to(t);
    if (!types.method_set(pointer).empty()) references.type(pointer, true);
  }
  auto child = [&](types::Type* c) { references.type(c, in_interface); };
  types::Type* u = types::underlying(t);
  switch (u->kind) {
    case TypeKind::Array:
      child(static_cast<types::Array*>(u)->elem);
      child(types.slice_of(static_cast<types::Array*>(u)->elem));
      return;
    case TypeKind::Slice: return child(static_cast<types::Slice*>(u)->elem);
    case TypeKind::Pointer: return child(static_cast<types::Pointer*>(u)->elem);
    case TypeKind::Chan: return child(static_cast<types::Chan*>(u)->elem);
    case TypeKind::Map:
      report_hash(static_cast<types::Map*>(u)->key, types, references);
      child(static_cast<types::Map*>(u)->key);
      return child(static_cast<types::Map*>(u)->elem);
    case TypeKind::Struct:
      if (!shows_fields(t, in_interface)) return;
      for (types::Var* f : static_cast<types::Struct*>(u)->fields) child(f->type);
      return;
    case TypeKind::Signature:
      for (types::Tuple* list : {static_cast<types::Signature*>(u)->params, static_cast<types::Signature*>(u)->results}) {
        for (types::Var* v : list->vars) child(v->type);
      }
      return;
    case TypeKind::Interface:
      for (const Method& m : types.interface_methods(t)) child(m.signature);
      return;
    default: return;
  }
}

}  // namespace gale::rtdata
