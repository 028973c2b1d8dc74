#include "opt/test_world.h"

#include "ir/text.h"
#include "opt/inline.h"

namespace gale::opt {

const TestWorld::Known* TestWorld::find(Symbol name) const {
  for (const Known& k : functions_) {
    if (k.func->name == name) return &k;
  }
  return nullptr;
}
const Summary* TestWorld::summary(Symbol callee) const {
  const Known* k = find(callee);
  return k == nullptr || !k->done ? nullptr : &k->summary;
}
bool TestWorld::is_function(Symbol symbol) const { return find(symbol) != nullptr; }
const ir::Func* TestWorld::inline_body(Symbol callee) const {
  const Known* k = find(callee);
  return k == nullptr || !k->done ? nullptr : k->body.get();
}

std::vector<World::Implementation> TestWorld::implementations(Symbol method) const {
  auto it = methods.find(std::string(method.text()));
  return it == methods.end() ? std::vector<Implementation>() : it->second;
}
World::Implementation TestWorld::itab_entry(Symbol itab, size_t index) const {
  for (const auto& [method, list] : methods) {
    for (const Implementation& i : list) {
      if (index == 0 && itab.text() == "go:itab." + std::string(i.type.text())) return i;
    }
  }
  return {};
}
World::Constant TestWorld::constant_at(Symbol data, int64_t offset, int) const {
  auto it = constants.find(std::string(data.text()));
  return it == constants.end() || offset != 0 ? Constant() : it->second;
}
bool TestWorld::comes_before(Symbol callee) const {
  const Known* k = find(callee);
  return k != nullptr && k->done;
}

std::string TestWorld::run(std::string_view text, std::string_view passes) {
  std::string error;
  for (std::unique_ptr<ir::Func>& f : ir::parse(text, &error)) functions_.push_back({std::move(f), nullptr, Summary(), false});
  if (!error.empty()) return error;
  for (Known& k : functions_) {
    PassContext context{*this, Level::Full};
    context.summary = &k.summary;
    std::string broken = ir::verify(*k.func);
    if (!broken.empty()) return "before: " + broken;
    for (std::string_view rest = passes; !rest.empty();) {
      const size_t end = rest.find(',');
      const std::string_view name = rest.substr(0, end);
      rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
      bool found = false;
      for (const Pass& pass : pass_list(Level::Full)) {
        if (pass.name != name || found) continue;
        found = true;
        pass.run(*k.func, context);
        broken = ir::verify(*k.func);
        if (!broken.empty()) return std::string(name) + ": " + broken + ir::print(*k.func);
      }
      if (!found) return "no pass " + std::string(name);
    }
    k.body = keep_inline_body(*k.func, Level::Full);
    k.done = true;
  }
  return ir::print(*functions_.back().func);
}

}  // namespace gale::opt
