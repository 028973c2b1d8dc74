// Packages are initialised in gc's order.
#include "discover/init_order.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "types/object.h"

namespace gale::discover {
namespace {

class InitOrderTest : public testing::Test {
 protected:
  types::Package* package(const std::string& path, std::vector<types::Package*> imports = {}) {
    auto p = std::make_unique<types::Package>();
    p->path = p->name = Symbol(path);
    p->imports = std::move(imports);
    owned_.push_back(std::move(p));
    return owned_.back().get();
  }
  static std::string text(const std::vector<types::Package*>& list) {
    std::string out;
    for (types::Package* p : list) out += std::string(out.empty() ? "" : " ") + std::string(p->path.text());
    return out;
  }

 private:
  std::vector<std::unique_ptr<types::Package>> owned_;
};

TEST_F(InitOrderTest, RuntimeFirstThenByPath) {
  types::Package* abi = package("internal/abi");
  types::Package* runtime = package("runtime", {abi});
  types::Package* errors = package("errors", {abi});
  types::Package* z = package("a/z", {errors});
  types::Package* b = package("b");
  types::Package* main = package("main", {z, b, errors});
  std::vector<types::Package*> all = import_closure(main, runtime);
  EXPECT_EQ(all.size(), 6u);
  EXPECT_EQ(text(initialisation_order(all, runtime)), "internal/abi runtime b errors a/z main");
}

TEST_F(InitOrderTest, AReadyPackageWithASmallerPathComesFirst) {
  types::Package* c = package("c");
  types::Package* a = package("a", {c});
  types::Package* b = package("b");
  types::Package* main = package("main", {a, b});
  EXPECT_EQ(text(initialisation_order(import_closure(main, nullptr), nullptr)), "b c a main");
}

}  // namespace
}  // namespace gale::discover
