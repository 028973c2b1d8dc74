// Reporting: positions by gc's rules, and no follow-on errors.
#include "types/private.h"

#include <fmt/core.h>

#include <string>
#include <utility>

namespace gale::types {
namespace {

// gc drops messages that mention an invalid operand or type after the first error: they follow from that one. A message
// that starts with these words is meant.
bool is_follow_on(std::string_view message) {
  auto mentions = [&](std::string_view words) {
    size_t at = message.find(words);
    return at != std::string_view::npos && at > 0;
  };
  return mentions("invalid operand") || mentions("invalid type");
}

// Type parameters are told apart in traces by subscripts (U+2080 to U+2089), which messages do not show.
std::string without_subscripts(std::string text) {
  if (text.find("\xe2\x82") == std::string::npos) return text;
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (i + 2 < text.size() && text[i] == '\xe2' && text[i + 1] == '\x82') {
      unsigned char last = static_cast<unsigned char>(text[i + 2]);
      if (last >= 0x80 && last <= 0x89) {
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

bool is_version_error(std::string_view message) {
  size_t at = message.find("requires go1.");
  if (at == std::string_view::npos) return false;
  at += sizeof("requires go1.") - 1;
  size_t end = at;
  while (end < message.size() && message[end] >= '0' && message[end] <= '9') end++;
  return end > at && message.substr(end).starts_with(" or later");
}

// Where the version comes from that lacks a feature: the file's build constraint, or the module.
std::string version_origin(const Checker& c, Pos pos) {
  const load::Package* p = c.env.package == nullptr ? nullptr : c.env.package->source;
  if (p == nullptr) return {};
  for (const syntax::File* f : p->files) {
    if (!f->source->contains(pos)) continue;
    // Versions before go1.21 in a file count as go1.21, so they are not the origin.
    if (!f->go_version.empty() && f->go_version == c.env.go_version) {
      return fmt::format(" (file declares //go:build {})", f->go_version);
    }
  }
  return fmt::format(" (-lang was set to {}; check go.mod)", p->go_version.empty() ? c.options.default_go_version : p->go_version);
}

}  // namespace

void ErrorBuilder::add(Pos pos, std::string text) { parts_.push_back({pos, {}, std::move(text)}); }

void ErrorBuilder::add_at(const syntax::Node* at, std::string text) {
  parts_.push_back({syntax::start_pos(at), syntax::end_pos(at), std::move(text)});
}

void ErrorBuilder::add_other_declaration(const Object* o) {
  if (o->pos.valid()) add(o->pos, fmt::format("other declaration of {}", o->name.text()));
}

std::string ErrorBuilder::message() const {
  std::string out;
  for (size_t i = 0; i < parts_.size(); i++) {
    if (i > 0) {
      out += "\n\t";
      if (parts_[i].pos.valid()) out += checker_.position_text(parts_[i].pos) + ": ";
    }
    out += parts_[i].text;
  }
  return out;
}

void ErrorBuilder::report() {
  CHECK(!parts_.empty(), "an error with a message");
  bool& any_before = checker_.p_->reported_error;
  if (any_before && is_follow_on(parts_[0].text)) return;
  Diagnostic d;
  d.pos = parts_[0].pos;
  d.end = parts_[0].end;
  // An error in an initialiser that a constant repeats is reported at the constant.
  if (checker_.env.error_pos.valid()) {
    d.pos = checker_.env.error_pos;
    d.end = {};
  }
  d.message = without_subscripts(message());
  if (is_version_error(d.message)) d.message += version_origin(checker_, d.pos);
  d.code = code_;
  d.key = checker_.key;
  d.soft = soft_;
  any_before = true;
  checker_.sink.report(std::move(d));
  parts_.clear();
}

void Checker::error(Pos pos, std::string_view code, std::string message, Pos) {
  ErrorBuilder e(*this, code);
  e.add(pos, std::move(message));
  e.report();
}

void Checker::soft_error(Pos pos, std::string_view code, std::string message, Pos) {
  ErrorBuilder e(*this, code, true);
  e.add(pos, std::move(message));
  e.report();
}

void Checker::error_at(const syntax::Node* at, std::string_view code, std::string message) {
  ErrorBuilder e(*this, code);
  e.add_at(at, std::move(message));
  e.report();
}

void Checker::soft_error_at(const syntax::Node* at, std::string_view code, std::string message) {
  ErrorBuilder e(*this, code, true);
  e.add_at(at, std::move(message));
  e.report();
}

void Checker::error_at(const Operand& at, std::string_view code, std::string message) {
  ErrorBuilder e(*this, code);
  if (at.expr != nullptr) {
    e.add_at(at.expr, std::move(message));
  } else {
    e.add({}, std::move(message));
  }
  e.report();
}

std::string Checker::type_text(Type* t) const { return t == nullptr ? "<nil>" : type_string(t, env.package); }

std::string Checker::operand_text(const Operand& x) const { return operand_string(x, env.package); }

std::string Checker::object_text(const Object* o) const { return object_string(o, env.package); }

}  // namespace gale::types
