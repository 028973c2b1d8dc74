#include "driver/explainer.h"

#include <absl/strings/str_replace.h>
#include <fmt/core.h>
#include <stdio.h>

#include "syntax/children.h"
#include "types/object.h"
#include "types/type.h"

namespace gale::driver {
namespace {

using syntax::as;
using syntax::Expr;
using syntax::Node;

bool is_declaration(const Expr* e) {
  auto* name = as<syntax::Name>(e);
  return name != nullptr && name->object != nullptr && name->object->pos == name->pos;
}

// As gc calls what is allocated: literals without their insides.
std::string object_name(const Expr* e, const types::Type* made) {
  if (as<syntax::FuncLit>(e) != nullptr) return "func literal";
  if (auto* call = as<syntax::CallExpr>(e); call != nullptr && made != nullptr && made->kind == types::TypeKind::Array &&
                                            call->fun->mode != syntax::Mode::Builtin && call->fun->mode != syntax::Mode::TypeExpr) {
    return "... argument";  // what holds the arguments of a variadic call
  }
  return absl::StrReplaceAll(syntax::expr_string(e), {{"…", "..."}});
}

}  // namespace

const Expr* Explainer::expression_at(Pos pos) {
  const SourceFile* source = build_.sources.file(pos);
  auto [it, added] = expressions_.try_emplace(source);
  if (added) {
    auto visit = [&, &map = it->second](auto&& self, const Node* n) -> void {
      if (n->kind <= syntax::NodeKind::Operation || n->kind == syntax::NodeKind::CallExpr) map.try_emplace(n->pos.value, static_cast<const Expr*>(n));
      syntax::for_each_child(n, [&](const Node* child) { self(self, child); });
    };
    for (const auto& package : build_.program->packages) {
      for (const syntax::File* file : package->files) {
        if (file->source != source) continue;
        for (const syntax::Decl* d : file->decls) visit(visit, d);
      }
    }
  }
  auto found = it->second.find(pos.value);
  return found == it->second.end() ? nullptr : found->second;
}

std::string Explainer::said_of_object(const opt::Remark& remark) {
  const Expr* e = expression_at(remark.subject);
  if (e == nullptr) return remark.text;
  if (is_declaration(e) && remark.text == "escapes to heap") return fmt::format("moved to heap: {}", as<syntax::Name>(e)->name.text());
  return object_name(e, remark.made) + " " + remark.text;
}

void Explainer::take(const opt::Remark& remark) {
  const SourceFile* file = build_.sources.file(remark.pos);
  if (file == nullptr) return;
  const std::string_view path = file->path();
  if (path.starts_with(options_.goroot) || path.starts_with(options_.overlay_dir)) return;
  const Location at = build_.sources.location(remark.pos);
  lines_.insert({std::string(at.file), at.line, at.column, remark.subject.valid() ? said_of_object(remark) : remark.text});
}

void Explainer::print() const {
  for (const auto& [path, line, column, text] : lines_) fmt::print(stderr, "{}:{}:{}: {}\n", path, line, column, text);
}

}  // namespace gale::driver
