// Struct types (spec: Struct types).

#include "syntax/unquote.h"
#include "types/concat.h"
#include "types/private.h"

namespace gale::types {

using namespace syntax;  // NOLINT: this file is about syntax

namespace {

Expr* pointer_base(Expr* e) {
  auto* op = as<Operation>(e);
  return op != nullptr && op->op == Op::Mul && op->y == nullptr ? op->x : nullptr;
}

// The name under which an embedded type is accessible; null if the type has not the form T, *T, p.T, or T[A].
Name* embedded_field_name(Expr* e) {
  if (Expr* base = pointer_base(e)) {
    if (pointer_base(base) != nullptr) return nullptr;
    e = base;
  }
  while (auto* index = as<IndexExpr>(e)) e = index->x;
  if (auto* selector = as<SelectorExpr>(e)) return selector->selector;
  return as<Name>(e);
}

// spec: An embedded field is a type name T or a pointer to a non-interface type name *T, and T is no pointer itself.
void check_embedded(Checker& c, Type* t, Pos at) {
  bool is_pointer = false;
  t = deref(t, &is_pointer);
  if (!is_valid(t)) return;
  Type* u = underlying(t);
  switch (u->kind) {
    case TypeKind::Basic:
      if (static_cast<Basic*>(u)->basic == BasicKind::UnsafePointer) {
        c.error(at, "InvalidPtrEmbed", "embedded field type cannot be unsafe.Pointer");
      }
      break;
    case TypeKind::Pointer:
      c.error(at, "InvalidPtrEmbed", "embedded field type cannot be a pointer");
      break;
    case TypeKind::Interface:
      if (is_type_param(t)) {
        c.error(at, "MisplacedTypeParam", "embedded field type cannot be a (pointer to a) type parameter");
      } else if (is_pointer) {
        c.error(at, "InvalidPtrEmbed", "embedded field type cannot be a pointer to an interface");
      }
      break;
    default:
      break;
  }
}

// Collects the fields of one struct type.
class Fields {
 public:
  Fields(Checker& c, StructType* e) : c_(c), e_(e) {}
  void run(Struct* t);

 private:
  void add(Name* name, Type* type, bool embedded, Symbol tag);
  void add_embedded(Field* f, Type* type, Symbol tag);
  Symbol tag_of(size_t i);
  // Linear for few fields.
  Var* field_named(Symbol name);

  Checker& c_;
  StructType* e_;
  std::vector<Var*> fields_;
  std::vector<Symbol> tags_;
  absl::flat_hash_map<Symbol, Var*> names_;  // of more than kLinear fields
  static constexpr size_t kLinear = 16;
  bool has_tags_ = false;
};

Var* Fields::field_named(Symbol name) {
  if (fields_.size() <= kLinear) {
    for (Var* f : fields_) {
      if (f->name == name) return f;
    }
    return nullptr;
  }
  if (names_.empty()) {
    for (Var* f : fields_) names_.emplace(f->name, f);
  }
  auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

void Fields::add(Name* name, Type* type, bool embedded, Symbol tag) {
  static const Symbol blank("_");
  Var* f = new_var(c_.arena, VarRole::Field, name->pos, c_.env.package, name->name, type);
  f->color = kBlack;
  f->embedded = embedded;
  if (f->name != blank) {
    if (Var* other = field_named(f->name)) {
      ErrorBuilder e(c_, "DuplicateDecl");
      e.add(f->pos, concat(f->name.text(), " redeclared"));
      e.add_other_declaration(other);
      e.report();
      return;
    }
  }
  f->index = static_cast<uint32_t>(fields_.size());
  fields_.push_back(f);
  if (!names_.empty()) names_.emplace(f->name, f);
  tags_.push_back(tag);
  if (!tag.empty()) has_tags_ = true;
  // The type's name in an embedded field is a use of the type, not the declaration of the field.
  if (!embedded) name->object = f;
}

void Fields::add_embedded(Field* field, Type* type, Symbol tag) {
  Pos at = start_pos(field->type_expr);
  Name* name = embedded_field_name(field->type_expr);
  if (name == nullptr) {
    c_.error(at, "InvalidSyntaxTree",
             concat("invalid syntax tree: invalid embedded field type ", expr_string(field->type_expr)));
    return;
  }
  add(name, type, true, tag);
  // The type may not be complete yet.
  c_.later([this_checker = &c_, type, at] { check_embedded(*this_checker, type, at); });
}

Symbol Fields::tag_of(size_t i) {
  BasicLit* tag = i < e_->tags.size() ? e_->tags[i] : nullptr;
  if (tag == nullptr || tag->bad) return {};
  std::string value;
  if (tag->lit_kind == LitKind::String && unquote(tag->text, &value)) return Symbol(value);
  c_.error_at(tag, "InvalidSyntaxTree", concat("invalid syntax tree: incorrect tag syntax: ", tag->text));
  return {};
}

void Fields::run(Struct* t) {
  Type* type = nullptr;
  Expr* previous = nullptr;
  for (size_t i = 0; i < e_->fields.size(); i++) {
    Field* f = e_->fields[i];
    // Fields declared together share their type expression.
    if (i == 0 || f->type_expr != previous) {
      type = c_.var_type(f->type_expr);
      previous = f->type_expr;
    }
    if (f->name != nullptr) {
      add(f->name, type, false, tag_of(i));
    } else {
      add_embedded(f, type, tag_of(i));
    }
  }
  t->fields = c_.arena.copy(fields_);
  if (has_tags_) t->tags = c_.arena.copy(tags_);
}

}  // namespace

void Checker::struct_type(Struct* t, StructType* e) { Fields(*this, e).run(t); }

}  // namespace gale::types
