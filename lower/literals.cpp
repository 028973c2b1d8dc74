// Composite literals (spec: Composite literals). Values that do not split are built in place.
#include <cstring>

#include "base/check.h"
#include "lower/body.h"
#include "lower/static_value.h"
#include "types/constant.h"

namespace gale::lower {

using namespace syntax;

namespace {

struct Element {
  int64_t index;  // field or array index
  Expr* value;
};

int64_t constant_index(Expr* key) {
  int64_t k = 0;
  if (key->constant != nullptr) types::int64_value(types::to_int(key->constant), &k);
  return k;
}

std::vector<Element> struct_elements(CompositeLit* e, types::Struct* s) {
  std::vector<Element> out;
  for (size_t i = 0; i < e->elems.size(); i++) {
    if (auto* kv = as<KeyValueExpr>(e->elems[i])) {
      auto* name = as<Name>(kv->key);
      CHECK(name != nullptr, "a field name");
      for (uint32_t k = 0; k < s->fields.size(); k++) {
        if (s->fields[k]->name == name->name) {
          out.push_back({k, kv->value});
          break;
        }
      }
    } else {
      out.push_back({static_cast<int64_t>(i), e->elems[i]});
    }
  }
  return out;
}

std::vector<Element> indexed_elements(CompositeLit* e, int64_t* length) {
  std::vector<Element> out;
  int64_t next = 0, max = 0;
  for (Expr* x : e->elems) {
    if (auto* kv = as<KeyValueExpr>(x)) {
      next = constant_index(unparen(kv->key));
      x = kv->value;
    }
    out.push_back({next++, x});
    max = std::max(max, next);
  }
  *length = max;
  return out;
}

// An inner literal whose type was left out takes the type of its place.
CompositeLit* inner_literal(Expr* x, Type* t) {
  auto* lit = as<CompositeLit>(unparen(x));
  return lit != nullptr && types::under_as<types::Pointer>(t) == nullptr && !types::is_interface(t) ? lit : nullptr;
}

// What is given for a blank field is evaluated and dropped: the field stays zero.
bool is_blank(const types::Var* field) { return field->name.text() == "_"; }

}  // namespace

bool Body::constant_literal(Expr* x, Type* t, ir::Data* d, uint64_t at) {
  x = unparen(x);
  if (x->constant != nullptr && x->mode == Mode::Constant) {
    auto* b = types::under_as<types::Basic>(t);
    if (b == nullptr) return false;
    if ((b->flags & types::kIsString) != 0) {
      const std::string_view s = types::string_value(x->constant);
      if (s.empty()) return true;
      const auto n = static_cast<int64_t>(s.size());
      d->relocs.push_back({at, program.string_data(s), 0});
      std::memcpy(d->bytes.data() + at + 8, &n, 8);
      return true;
    }
    if (b->basic == types::BasicKind::UnsafePointer) return false;
    uint8_t* to = d->bytes.data() + at;
    if ((b->flags & types::kIsBoolean) != 0) {
      *to = types::bool_value(x->constant);
    } else if ((b->flags & types::kIsInteger) != 0) {
      const uint64_t v = types::wrapped_uint64(types::to_int(x->constant));
      std::memcpy(to, &v, shape(t).size);
    } else {
      auto put = [&](types::Const c, size_t n) {
        if (n == 4) {
          const float f = types::float32_value(c);
          std::memcpy(to, &f, 4);
        } else {
          const double f = types::float64_value(c);
          std::memcpy(to, &f, 8);
        }
        to += n;
      };
      if ((b->flags & types::kIsComplex) != 0) {
        types::Const z = types::to_complex(x->constant);
        const size_t n = shape(t).size / 2;
        put(types::real_part(z), n);
        put(types::imag_part(z), n);
      } else {
        put(types::constant_kind(x->constant) == types::ConstantKind::Complex ? types::real_part(x->constant) : x->constant,
            shape(t).size);
      }
    }
    return true;
  }
  if (x->mode == Mode::NilValue) return true;
  if (auto* o = as<Operation>(x); o != nullptr && o->y == nullptr && o->op == syntax::Op::And) {
    Symbol variable;
    int64_t offset = 0;
    if (!StaticWriter(program, package, "", /*dry=*/false).global_place(unparen(o->x), &variable, &offset)) return false;
    d->relocs.push_back({at, variable, offset});
    return true;
  }
  CompositeLit* lit = inner_literal(x, t);
  if (lit == nullptr) return false;
  if (auto* s = types::under_as<types::Struct>(t)) {
    for (const Element& el : struct_elements(lit, s)) {
      const auto i = static_cast<uint32_t>(el.index);
      if (is_blank(s->fields[i])) {
        if (unparen(el.value)->mode != Mode::Constant) return false;
        continue;
      }
      if (!constant_literal(el.value, s->fields[i]->type, d, at + static_cast<uint64_t>(types::field_offset(s, i)))) return false;
    }
    return true;
  }
  if (auto* a = types::under_as<types::Array>(t)) {
    int64_t n;
    const uint64_t size = shape(a->elem).size;
    for (const Element& el : indexed_elements(lit, &n)) {
      if (!constant_literal(el.value, a->elem, d, at + static_cast<uint64_t>(el.index) * size)) return false;
    }
    return true;
  }
  return false;
}

namespace {

// Reads a constant literal from read-only data, if it is one and worth it.
bool from_read_only(Body& b, ValueId addr, int64_t at, CompositeLit* e, Type* t) {
  const Shape& s = b.shape(t);
  if (s.split || s.size < 32 || s.size > (1 << 26) || e->elems.size() < 2) return false;
  ir::Data d;
  d.bytes.resize(s.size);
  if (!b.constant_literal(e, t, &d, 0)) return false;
  std::sort(d.relocs.begin(), d.relocs.end(), [](const auto& x, const auto& y) { return x.offset < y.offset; });
  d.size = s.size;
  d.align = std::max(8u, s.align);
  // One name per place of use; the linker folds nothing by content here.
  d.name = Symbol(std::string(b.func.name.text()) + "..stmp_" + std::to_string(b.func.values.size()));
  const Symbol name = d.name;
  b.program.add_data(std::move(d));
  b.store(addr, at, b.memory(t, b.sym_addr(name)));
  return true;
}

}  // namespace

void Body::composite_into(ValueId addr, int64_t at, CompositeLit* e, Type* t, bool zeroed) {
  if (from_read_only(*this, addr, at, e, t)) return;
  auto put = [&](Expr* x, Type* elem, int64_t where) {
    if (CompositeLit* lit = inner_literal(x, elem); lit != nullptr && !shape(elem).split && types::under_as<types::Map>(elem) == nullptr) {
      return composite_into(addr, where, lit, elem, true);
    }
    const Val v = expr_as(x, elem);
    store(addr, where, v);
  };
  if (auto* s = types::under_as<types::Struct>(t)) {
    if (!zeroed) store_zero(addr, at, t);
    for (const Element& el : struct_elements(e, s)) {
      const auto i = static_cast<uint32_t>(el.index);
      if (is_blank(s->fields[i])) {
        expr_as(el.value, s->fields[i]->type);
        continue;
      }
      put(el.value, s->fields[i]->type, at + types::field_offset(s, i));
    }
    return;
  }
  auto* a = types::under_as<types::Array>(t);
  CHECK(a != nullptr, "a struct or array literal");
  if (!zeroed) store_zero(addr, at, t);
  int64_t n;
  const auto size = static_cast<int64_t>(shape(a->elem).size);
  for (const Element& el : indexed_elements(e, &n)) put(el.value, a->elem, at + el.index * size);
}

Val Body::composite(CompositeLit* e, Type* t) {
  pos = e->pos;
  if (auto* p = types::under_as<types::Pointer>(t)) return with_type(address_of_composite(e, p->elem, e->pos), t);
  if (types::under_as<types::Map>(t) != nullptr) return map_literal(e, t);
  if (auto* s = types::under_as<types::Slice>(t)) {
    int64_t n = 0;
    indexed_elements(e, &n);
    Type* array = program.types.array_of(s->elem, n);
    const ValueId to = new_object(array);
    if (n > 0) composite_into(to, 0, e, array, true);
    return slice_of_array(to, n, t);
  }
  if (!shape(t).split) {
    const ValueId to = room(t);
    composite_into(to, 0, e, t, false);
    return memory(t, to, true);
  }
  if (auto* s = types::under_as<types::Struct>(t)) {
    std::vector<Val> fields(s->fields.size());
    for (const Element& el : struct_elements(e, s)) {
      const types::Var* field = s->fields[static_cast<size_t>(el.index)];
      const Val v = expr_as(el.value, field->type);
      if (!is_blank(field)) fields[static_cast<size_t>(el.index)] = v;
    }
    Val v;
    v.type = t;
    for (size_t i = 0; i < fields.size(); i++) {
      if (fields[i].type == nullptr) fields[i] = zero(s->fields[i]->type);
      if (fields[i].in_memory()) fields[i] = memory(fields[i].type, fields[i].addr);  // of size 0 only
      for (ValueId p : fields[i].parts) v.parts.push_back(p);
    }
    return v;
  }
  auto* a = types::under_as<types::Array>(t);
  CHECK(a != nullptr, "a composite literal's type");
  if (e->elems.empty() || a->length == 0) return zero(t);
  Expr* x = e->elems[0];
  if (auto* kv = as<KeyValueExpr>(x)) x = kv->value;
  return with_type(expr_as(x, a->elem), t);
}

Val Body::map_literal(CompositeLit* e, Type* t) {
  auto* m = types::under_as<types::Map>(t);
  Val size = scalar(default_int(), i64(static_cast<int64_t>(e->elems.size())));
  const Val map = make(t, std::span<const Val>(&size, 1));
  for (Expr* x : e->elems) {
    auto* kv = as<KeyValueExpr>(x);
    CHECK(kv != nullptr, "a key of a map literal");
    const Val key = stabilize(expr_as(kv->key, m->key));
    const Val value = stabilize(expr_as(kv->value, m->elem));
    pos = kv->pos;
    store(map_assign(map, key), 0, value);
  }
  return map;
}

Val Body::address_of_composite(CompositeLit* e, Type* t, Pos at) {
  pos = at;
  Type* pointer = program.types.pointer_to(t);
  const ValueId p = new_object(t);
  pos = e->pos;
  if (!e->elems.empty()) {
    if (types::under_as<types::Struct>(t) != nullptr || types::under_as<types::Array>(t) != nullptr) {
      composite_into(p, 0, e, t, true);
    } else {
      store(p, 0, composite(e, t));
    }
  } else if (types::under_as<types::Map>(t) != nullptr || types::under_as<types::Slice>(t) != nullptr) {
    store(p, 0, composite(e, t));
  }
  return scalar(pointer, p);
}

}  // namespace gale::lower
