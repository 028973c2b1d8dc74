// Types as text, in three styles: as gc's messages print them (type_string), as reflect's Type.String does
// (reflect_string), and as link names, which are unique for each canonical type of the program (link_string).
#include <algorithm>

#include "syntax/unicode.h"
#include "types/concat.h"
#include "types/private.h"

namespace gale::types {

namespace {

enum class Style : uint8_t {
  Message,  // written form; names qualified as messages about a package do
  Reflect,  // package name qualified
  ReflectArgument,  // in the type arguments of such a name: package path qualified
  Link,     // package path qualified, local types numbered
};

// Does any package that `from` imports, directly or not, share p's name under another path?
bool name_is_ambiguous(const Package* p, const Package* from) {
  absl::flat_hash_set<const Package*> seen{from};
  std::vector<const Package*> work{from};
  while (!work.empty()) {
    const Package* at = work.back();
    work.pop_back();
    if (at->name == p->name && at->path != p->path) return true;
    for (const Package* i : at->imports) {
      if (seen.insert(i).second) work.push_back(i);
    }
  }
  return false;
}

class TypeWriter {
 public:
  TypeWriter(Style style, const Package* relative_to) : style_(style), relative_to_(relative_to) {}

  void type(Type* t);
  void type_params(std::span<TypeParam* const> list);
  void signature(const Signature* sig);
  std::string take() { return std::move(out_); }

  bool param_names = true;
  bool mark_package = false;  // the first unexported struct field is followed by its package's path

 private:
  void structure(const Struct* t);
  void interface_type(const Interface* t);
  void channel(const Chan* t);
  void named(const Named* t);
  void alias(const Alias* t);
  void type_param(const TypeParam* t);
  void type_list(std::span<Type* const> list, std::span<Type* const> more);
  void local_name(const Named* t, const Named* declared);
  void tuple(const Tuple* t, bool variadic);
  void type_name(const TypeName* o) { append_text(out_, prefix(o->package), o->name.text()); }
  void method_name(const Func* m);
  std::string prefix(const Package* p) const;
  bool message() const { return style_ == Style::Message; }

  Style style_;
  const Package* relative_to_;
  std::string out_;
  std::vector<const Type*> open_;  // types being written, against cycles
};

std::string TypeWriter::prefix(const Package* p) const {
  if (p == nullptr) return {};
  switch (style_) {
    case Style::Message: return package_prefix(p, relative_to_);
    case Style::Reflect: return concat(p->name.text(), ".");
    case Style::ReflectArgument:
    case Style::Link:
      // gc compiles every main package under the path "main".
      return concat(p->name.text() == "main" ? p->name.text() : p->path.text(), ".");
  }
  return {};
}

std::string_view kind_name(TypeKind k) {
  constexpr std::string_view kNames[] = {"Basic", "Array",     "Slice", "Struct", "Pointer", "Tuple",     "Signature",
                                         "Union", "Interface", "Map",   "Chan",   "Named",   "TypeParam", "Alias"};
  return kNames[static_cast<int>(k)];
}

void TypeWriter::type(Type* t) {
  constexpr size_t kMaxNesting = 2000;
  if (t == nullptr) {
    out_ += "<nil>";
    return;
  }
  if (open_.size() > kMaxNesting || std::find(open_.begin(), open_.end(), t) != open_.end()) {
    append_text(out_, "<cycle to *", kind_name(t->kind), ">");
    return;
  }
  open_.push_back(t);
  switch (t->kind) {
    case TypeKind::Basic: {
      auto* b = static_cast<Basic*>(t);
      if (b->basic == BasicKind::UnsafePointer) out_ += "unsafe.";
      // Outside messages byte and rune are what they stand for.
      out_ += message() ? b->name : kTyp[static_cast<int>(b->basic)].name;
      break;
    }
    case TypeKind::Array:
      append_text(out_, "[", static_cast<Array*>(t)->length, "]");
      type(static_cast<Array*>(t)->elem);
      break;
    case TypeKind::Slice:
      out_ += "[]";
      type(static_cast<Slice*>(t)->elem);
      break;
    case TypeKind::Struct: structure(static_cast<Struct*>(t)); break;
    case TypeKind::Pointer:
      out_ += '*';
      type(static_cast<Pointer*>(t)->elem);
      break;
    case TypeKind::Tuple: tuple(static_cast<Tuple*>(t), false); break;
    case TypeKind::Signature:
      out_ += "func";
      signature(static_cast<Signature*>(t));
      break;
    case TypeKind::Union: {
      bool first = true;
      for (const UnionTerm& term : static_cast<Union*>(t)->terms) {
        if (!first) out_ += " | ";
        first = false;
        if (term.tilde) out_ += '~';
        type(term.type);
      }
      break;
    }
    case TypeKind::Interface: interface_type(static_cast<Interface*>(t)); break;
    case TypeKind::Map:
      out_ += "map[";
      type(static_cast<Map*>(t)->key);
      out_ += ']';
      type(static_cast<Map*>(t)->elem);
      break;
    case TypeKind::Chan: channel(static_cast<Chan*>(t)); break;
    case TypeKind::Named: named(static_cast<Named*>(t)); break;
    case TypeKind::TypeParam: type_param(static_cast<TypeParam*>(t)); break;
    case TypeKind::Alias: alias(static_cast<Alias*>(t)); break;
  }
  open_.pop_back();
}

void TypeWriter::structure(const Struct* t) {
  out_ += message() ? "struct{" : t->fields.empty() ? "struct {" : "struct { ";
  for (size_t i = 0; i < t->fields.size(); i++) {
    const Var* f = t->fields[i];
    if (i > 0) out_ += "; ";
    if (!f->embedded) {
      if (style_ == Style::Link && !f->exported()) out_ += prefix(f->package);
      append_text(out_, f->name.text(), " ");
    } else if (style_ == Style::Link) {
      // An embedded field differs from one that has its type's name, and a field embedded through an alias has the alias's.
      append_text(out_, "?", f->exported() ? "" : prefix(f->package), f->name.text(), " ");
    }
    bool mark = mark_package && !f->exported();
    if (mark) mark_package = false;
    type(f->type);
    if (mark) append_text(out_, " /* package ", f->package == nullptr ? "" : f->package->path.text(), " */ ");
    if (i < t->tags.size() && !t->tags[i].empty()) {
      append_text(out_, " ", syntax::quote_string(t->tags[i].text()));
    }
  }
  out_ += message() || t->fields.empty() ? "}" : " }";
}

void TypeWriter::method_name(const Func* m) {
  if (!message() && !m->exported()) out_ += prefix(m->package);
  out_ += m->name.text();
}

void TypeWriter::interface_type(const Interface* t) {
  if (message()) {
    if (t == static_cast<Alias*>(kUniverseAny)->actual) {
      out_ += "any";
      return;
    }
    if (t == kUniverseComparable->underlying_type) {
      out_ += "interface{comparable}";
      return;
    }
    if (t->implicit) {
      if (t->methods.empty() && t->embedded.size() == 1) {
        type(t->embedded[0]);
        return;
      }
      out_ += "/* implicit */ ";
    }
  }
  bool empty = t->methods.empty() && t->embedded.empty();
  out_ += message() ? "interface{" : empty ? "interface {" : "interface { ";
  bool first = true;
  for (const Func* m : t->methods) {
    if (!first) out_ += "; ";
    first = false;
    method_name(m);
    if (m->type != nullptr) signature(m->signature());
  }
  for (Type* e : t->embedded) {
    if (!first) out_ += "; ";
    first = false;
    type(e);
  }
  out_ += message() || empty ? "}" : " }";
}

void TypeWriter::channel(const Chan* t) {
  bool parens = false;
  switch (t->dir) {
    case ChanDir::Both: {
      out_ += "chan ";
      // chan (<-chan T) needs them.
      parens = t->elem != nullptr && t->elem->kind == TypeKind::Chan &&
               static_cast<Chan*>(t->elem)->dir == ChanDir::RecvOnly;
      break;
    }
    case ChanDir::SendOnly: out_ += "chan<- "; break;
    case ChanDir::RecvOnly: out_ += "<-chan "; break;
  }
  if (parens) out_ += '(';
  type(t->elem);
  if (parens) out_ += ')';
}

// A function's local types may share a name with others of the package. In link names their number within the function and
// the function (with its receiver and type arguments) tell them apart; gc shows the number in arguments of instances.
void TypeWriter::local_name(const Named* t, const Named* declared) {
  out_ += prefix(declared->object->package);
  if (style_ == Style::Link && declared->enclosing_func != nullptr) {
    out_ += local_scope_name(declared->enclosing_func);
    if (!t->implicit_args.empty()) type_list(t->implicit_args, {});
    out_ += '.';
  }
  out_ += declared->object->name.text();
}

void TypeWriter::named(const Named* t) {
  const Named* declared = t->origin != nullptr ? t->origin : t;
  if (message()) {
    type_name(declared->object);
    if (!t->type_args.empty()) {
      type_list(t->type_args, {});
    } else {
      type_params(t->type_params);
    }
    return;
  }
  if (declared->local_index > 0) {
    local_name(t, declared);
  } else {
    type_name(declared->object);
  }
  if (style_ == Style::Link) {
    if (!t->type_args.empty()) type_list(t->type_args, {});
  } else if (!t->type_args.empty() || !t->implicit_args.empty()) {
    type_list(t->implicit_args, t->type_args);
  }
  if (declared->local_index > 0 && style_ != Style::Reflect) append_text(out_, "·", declared->local_index);
}

void TypeWriter::alias(const Alias* t) {
  if (!message()) {
    type(unalias(const_cast<Alias*>(t)));
    return;
  }
  type_name(t->origin != nullptr ? t->origin->object : t->object);
  if (!t->type_args.empty()) {
    type_list(t->type_args, {});
  } else if (!t->type_params.empty()) {
    type_params(t->type_params);
  }
}

void TypeWriter::type_param(const TypeParam* t) {
  const TypeName* o = t->object;
  out_ += o->name.text();
  if (style_ == Style::Link) append_text(out_, "$", t->unique_id);
  // A parameter named as a predeclared type would make a puzzling message.
  if (message() && kUniverse->lookup(o->name) != nullptr) {
    append_text(out_, " /* with ", o->name.text(), " declared at ",
                    o->package != nullptr && o->package->checker != nullptr ? o->package->checker->position_text(o->pos)
                                                                            : "?",
                    " */");
  }
}

// Type arguments; in reflect's strings those of the enclosing function come first.
void TypeWriter::type_list(std::span<Type* const> list, std::span<Type* const> more) {
  // There arguments have full paths, and no blank.
  Style outer = style_;
  if (style_ == Style::Reflect) style_ = Style::ReflectArgument;
  out_ += '[';
  for (size_t i = 0; i < list.size() + more.size(); i++) {
    if (i > 0) out_ += message() ? ", " : i == list.size() ? ";" : ",";
    type(i < list.size() ? list[i] : more[i - list.size()]);
  }
  out_ += ']';
  style_ = outer;
}

void TypeWriter::type_params(std::span<TypeParam* const> list) {
  if (list.empty()) return;
  out_ += '[';
  Type* bound = nullptr;
  for (size_t i = 0; i < list.size(); i++) {
    if (i > 0) {
      if (list[i]->bound != bound) {
        out_ += ' ';
        type(bound);
      }
      out_ += ", ";
    }
    bound = list[i]->bound;
    type(list[i]);
  }
  if (bound != nullptr) {
    out_ += ' ';
    type(bound);
  }
  out_ += ']';
}

void TypeWriter::tuple(const Tuple* t, bool variadic) {
  out_ += '(';
  for (size_t i = 0; t != nullptr && i < t->vars.size(); i++) {
    const Var* v = t->vars[i];
    if (i > 0) out_ += ", ";
    if (message() && param_names && !v->name.empty()) append_text(out_, v->name.text(), " ");
    if (variadic && i + 1 == t->vars.size()) {
      if (v->type != nullptr && v->type->kind == TypeKind::Slice) {
        out_ += "...";
        type(static_cast<Slice*>(v->type)->elem);
      } else {
        // append([]byte, s...): the string has dots after it.
        type(v->type);
        out_ += "...";
      }
    } else {
      type(v->type);
    }
  }
  out_ += ')';
}

void TypeWriter::signature(const Signature* sig) {
  type_params(sig->type_params);
  tuple(sig->params, sig->variadic);
  if (sig->results == nullptr || sig->results->vars.empty()) return;
  out_ += ' ';
  const Var* first = sig->results->vars[0];
  if (sig->results->vars.size() == 1 && (first->name.empty() || !message())) {
    type(first->type);
  } else {
    tuple(sig->results, false);
  }
}

}  // namespace

std::string package_prefix(const Package* p, const Package* relative_to) {
  if (p == nullptr || p == relative_to) return {};
  if (relative_to == nullptr) return concat(p->path.text(), ".");
  if (name_is_ambiguous(p, relative_to)) return concat("\"", p->path.text(), "\".");
  return concat(p->name.text(), ".");
}

// "f", or "T.m" / "(*T).m" for a method.
std::string local_scope_name(const Func* f) {
  const Signature* sig = f->signature();
  if (sig == nullptr || sig->receiver == nullptr) {
    std::string name(f->name.text());
    if (name == "init" && f->package != nullptr) {
      // There may be several.
      const auto& all = f->package->init_funcs;
      append_text(name, ".", std::find(all.begin(), all.end(), f) - all.begin());
    }
    return name;
  }
  Type* t = sig->receiver->type;
  bool pointer = t != nullptr && t->kind == TypeKind::Pointer;
  if (pointer) t = static_cast<Pointer*>(t)->elem;
  auto* named = as<Named>(t);
  std::string base(named != nullptr ? named->origin->object->name.text() : "?");
  return concat(pointer ? concat("(*", base, ")") : base, ".", f->name.text());
}

std::string type_string(Type* t, const Package* relative_to) {
  TypeWriter w(Style::Message, relative_to);
  w.type(t);
  return w.take();
}

std::string type_params_string(std::span<TypeParam* const> list, const Package* relative_to) {
  TypeWriter w(Style::Message, relative_to);
  w.type_params(list);
  return w.take();
}

std::string method_string(const Func* f, const Package* relative_to, bool mark_package) {
  TypeWriter w(Style::Message, mark_package ? nullptr : relative_to);
  w.param_names = false;
  w.mark_package = mark_package;
  w.signature(f->signature());
  return concat(f->name.text(), w.take());
}

std::string signature_string(const Signature* sig, const Package* relative_to) {
  TypeWriter w(Style::Message, relative_to);
  w.signature(sig);
  return w.take();
}

std::string reflect_string(Type* t) {
  TypeWriter w(Style::Reflect, nullptr);
  w.type(t);
  return w.take();
}

std::string link_string(Type* t) {
  TypeWriter w(Style::Link, nullptr);
  w.type(t);
  return w.take();
}

}  // namespace gale::types
