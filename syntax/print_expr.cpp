// Expressions as text on one line, as gc prints them in messages: bodies of literals as "…".
#include "syntax/nodes.h"

namespace gale::syntax {
namespace {

void append_signature(std::string& out, const FuncType* f);

// a, b T, c U: consecutive fields that share a type expression print it once.
void append_params(std::string& out, std::span<Field*> list) {
  out += '(';
  for (size_t i = 0; i < list.size(); i++) {
    if (i > 0) out += ", ";
    if (list[i]->name != nullptr) {
      append_expr(out, list[i]->name);
      if (i + 1 < list.size() && list[i + 1]->name != nullptr && list[i + 1]->type_expr == list[i]->type_expr) continue;
      out += ' ';
    }
    append_expr(out, list[i]->type_expr);
  }
  out += ')';
}

void append_signature(std::string& out, const FuncType* f) {
  append_params(out, f->params);
  if (f->results.empty()) return;
  out += ' ';
  if (f->results.size() == 1 && f->results[0]->name == nullptr) {
    append_expr(out, f->results[0]->type_expr);
  } else {
    append_params(out, f->results);
  }
}

void append_list(std::string& out, std::span<Expr*> list) {
  for (size_t i = 0; i < list.size(); i++) {
    if (i > 0) out += ", ";
    append_expr(out, list[i]);
  }
}

void append_struct(std::string& out, const StructType* s) {
  out += "struct{";
  for (size_t i = 0; i < s->fields.size();) {
    if (i > 0) out += "; ";
    size_t first = i;
    const Field* f = s->fields[i];
    if (f->name == nullptr) {
      i++;
    } else {
      for (; i < s->fields.size() && s->fields[i]->name != nullptr && s->fields[i]->type_expr == f->type_expr; i++) {
        if (i > first) out += ", ";
        append_expr(out, s->fields[i]->name);
      }
      out += ' ';
    }
    append_expr(out, f->type_expr);
    if (first < s->tags.size() && s->tags[first] != nullptr) {
      out += ' ';
      append_expr(out, s->tags[first]);
    }
  }
  out += '}';
}

void append_interface(std::string& out, const InterfaceType* t) {
  out += "interface{";
  for (size_t i = 0; i < t->methods.size(); i++) {
    if (i > 0) out += "; ";
    const Field* m = t->methods[i];
    const FuncType* signature = m->name != nullptr ? as<FuncType>(m->type_expr) : nullptr;
    if (m->name != nullptr) append_expr(out, m->name);
    if (signature != nullptr) {
      append_signature(out, signature);
    } else {
      append_expr(out, m->type_expr);
    }
  }
  out += '}';
}

void append_channel(std::string& out, const ChanType* c) {
  out += c->dir == ChanDir::RecvOnly ? "<-chan " : c->dir == ChanDir::SendOnly ? "chan<- " : "chan ";
  const ChanType* elem = as<ChanType>(c->elem);
  bool parens = c->dir == ChanDir::Both && elem != nullptr && elem->dir == ChanDir::RecvOnly;
  if (parens) out += '(';
  append_expr(out, c->elem);
  if (parens) out += ')';
}

}  // namespace

void append_expr(std::string& out, const Expr* x) {
  if (x == nullptr) return;
  switch (x->kind) {
    case NodeKind::BadExpr:
      out += "<bad expr>";
      return;
    case NodeKind::Name:
      out += static_cast<const Name*>(x)->name.text();
      return;
    case NodeKind::BasicLit:
      out += static_cast<const BasicLit*>(x)->text;
      return;
    case NodeKind::CompositeLit: {
      const CompositeLit* c = static_cast<const CompositeLit*>(x);
      append_expr(out, c->type_expr);
      out += c->elems.empty() ? "{}" : "{…}";
      return;
    }
    case NodeKind::KeyValueExpr: {
      const KeyValueExpr* pair = static_cast<const KeyValueExpr*>(x);
      append_expr(out, pair->key);
      out += ": ";
      append_expr(out, pair->value);
      return;
    }
    case NodeKind::FuncLit: {
      const FuncLit* f = static_cast<const FuncLit*>(x);
      append_expr(out, f->func_type);
      out += f->body == nullptr || f->body->stmts.empty() ? " {}" : " {…}";
      return;
    }
    case NodeKind::ParenExpr:
      out += '(';
      append_expr(out, static_cast<const ParenExpr*>(x)->x);
      out += ')';
      return;
    case NodeKind::SelectorExpr: {
      const SelectorExpr* s = static_cast<const SelectorExpr*>(x);
      append_expr(out, s->x);
      out += '.';
      append_expr(out, s->selector);
      return;
    }
    case NodeKind::IndexExpr: {
      const IndexExpr* i = static_cast<const IndexExpr*>(x);
      append_expr(out, i->x);
      out += '[';
      append_expr(out, i->index);
      out += ']';
      return;
    }
    case NodeKind::SliceExpr: {
      const SliceExpr* s = static_cast<const SliceExpr*>(x);
      append_expr(out, s->x);
      out += '[';
      append_expr(out, s->index[0]);
      out += ':';
      append_expr(out, s->index[1]);
      if (s->index[2] != nullptr) {
        out += ':';
        append_expr(out, s->index[2]);
      }
      out += ']';
      return;
    }
    case NodeKind::AssertExpr: {
      const AssertExpr* a = static_cast<const AssertExpr*>(x);
      append_expr(out, a->x);
      out += ".(";
      append_expr(out, a->asserted);
      out += ')';
      return;
    }
    case NodeKind::TypeSwitchGuard: {
      const TypeSwitchGuard* g = static_cast<const TypeSwitchGuard*>(x);
      if (g->lhs != nullptr) {
        append_expr(out, g->lhs);
        out += " := ";
      }
      append_expr(out, g->x);
      out += ".(type)";
      return;
    }
    case NodeKind::Operation: {
      const Operation* o = static_cast<const Operation*>(x);
      if (o->y == nullptr) {
        out += spelling(o->op);
        append_expr(out, o->x);
        return;
      }
      append_expr(out, o->x);
      out += ' ';
      out += spelling(o->op);
      out += ' ';
      append_expr(out, o->y);
      return;
    }
    case NodeKind::CallExpr: {
      const CallExpr* c = static_cast<const CallExpr*>(x);
      append_expr(out, c->fun);
      out += '(';
      append_list(out, c->args);
      if (c->has_dots) out += "...";
      out += ')';
      return;
    }
    case NodeKind::ListExpr:
      append_list(out, static_cast<const ListExpr*>(x)->elems);
      return;
    case NodeKind::ArrayType: {
      const ArrayType* a = static_cast<const ArrayType*>(x);
      out += '[';
      if (a->length == nullptr) {
        out += "...";
      } else {
        append_expr(out, a->length);
      }
      out += ']';
      append_expr(out, a->elem);
      return;
    }
    case NodeKind::SliceType:
      out += "[]";
      append_expr(out, static_cast<const SliceType*>(x)->elem);
      return;
    case NodeKind::DotsType:
      out += "...";
      append_expr(out, static_cast<const DotsType*>(x)->elem);
      return;
    case NodeKind::StructType:
      append_struct(out, static_cast<const StructType*>(x));
      return;
    case NodeKind::InterfaceType:
      append_interface(out, static_cast<const InterfaceType*>(x));
      return;
    case NodeKind::FuncType:
      out += "func";
      append_signature(out, static_cast<const FuncType*>(x));
      return;
    case NodeKind::MapType: {
      const MapType* m = static_cast<const MapType*>(x);
      out += "map[";
      append_expr(out, m->key);
      out += ']';
      append_expr(out, m->value);
      return;
    }
    case NodeKind::ChanType:
      append_channel(out, static_cast<const ChanType*>(x));
      return;
    default:
      return;
  }
}

std::string expr_string(const Expr* x) {
  std::string out;
  append_expr(out, x);
  return out;
}

}  // namespace gale::syntax
