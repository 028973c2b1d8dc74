// Which methods, initialisers and types discovery keeps, with a backend that only follows a script.
#include "discover/discover.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include <absl/container/flat_hash_map.h>

#include "base/diagnostics.h"
#include "discover/names.h"
#include "load/package.h"
#include "syntax/parser.h"
#include "types/checker.h"

namespace gale::discover {
namespace {

constexpr std::string_view kSource = R"go(
package main

type T struct{}

func (T) Called()    {}
func (*T) OnPointer() {}
func (T) Idle()      {}
func (T) hidden()    {}

type U struct{}

func (U) Called() {}

type I interface{ Called() }

var pure = make(map[string]int)
var loud = effect()

func effect() int { return 1 }
func init()       {}
func main()       {}
)go";

class Script : public Backend {
 public:
  absl::flat_hash_map<std::string, std::function<void(References&)>> code;  // by function name
  absl::flat_hash_map<std::string, InitKind> kinds;                         // by variable name
  References* references = nullptr;
  std::vector<std::string> lowered;

  void lower_function(Symbol name, const FunctionInstance&) override {
    lowered.emplace_back(name.text());
    auto it = code.find(std::string(name.text()));
    if (it != code.end()) it->second(*references);
  }
  void lower_variable(Symbol, types::Var*) override {}
  InitKind init_kind(types::Package* p, uint32_t unit) override {
    return kinds.at(std::string(p->init_order[unit].lhs[0]->name.text()));
  }
  void descriptor_references(types::Type*, bool, References&) override {}
  FunctionInstance method_code(types::Type* t, const types::CanonicalTypes::Method& m) override {
    FunctionInstance f{FunctionKind::MethodWrapper};
    f.type = t;
    f.method = m.name;
    return f;
  }
  FunctionInstance method_code_in_interface(types::Type* t, const types::CanonicalTypes::Method& m) override {
    return method_code(t, m);
  }
};

class DiscoverTest : public testing::Test {
 protected:
  DiscoverTest() : checker_(sources_, sink_) {
    SourceFile* file = sources_.add("main.go", "main.go", std::string(kSource));
    package_.files.push_back(syntax::parse_file(file, package_.arena, sink_));
    package_.path = package_.name = Symbol("main");
    package_.go_version = "go1.26";
    types_package_ = checker_.add_package(&package_);
    checker_.check_package(types_package_);
    EXPECT_TRUE(sink_.empty());
    types_ = std::make_unique<types::CanonicalTypes>(checker_);
    linknames_ = std::make_unique<Linknames>(checker_.packages);
    script_.kinds = {{"pure", InitKind::Pure}, {"loud", InitKind::Effectful}};
  }

  types::Object* object(std::string_view name) { return types_package_->scope->lookup(Symbol(name)); }
  types::Type* type(std::string_view name) { return types_->get(object(name)->type); }

  const Program& run(DiscoverOptions options = {}) {
    discovery_ = std::make_unique<Discovery>(checker_, *types_, *linknames_, script_, options);
    script_.references = discovery_.get();
    return discovery_->run(types_package_);
  }
  bool keeps(types::Type* t, std::string_view method) {
    const types::CanonicalTypes::Method* m = types_->find_method(t, Symbol(method), types_package_);
    return m != nullptr && discovery_->keeps_method(t, *m);
  }
  bool lowered(std::string_view name) {
    return std::find(script_.lowered.begin(), script_.lowered.end(), name) != script_.lowered.end();
  }

  SourceManager sources_;
  DiagnosticSink sink_;
  load::Package package_;
  types::Checker checker_;
  types::Package* types_package_ = nullptr;
  std::unique_ptr<types::CanonicalTypes> types_;
  std::unique_ptr<Linknames> linknames_;
  Script script_;
  std::unique_ptr<Discovery> discovery_;
};

TEST_F(DiscoverTest, RootsAndEffectfulUnits) {
  const Program& p = run();
  EXPECT_TRUE(lowered("main.main"));
  EXPECT_TRUE(lowered("main.init.0"));
  EXPECT_TRUE(lowered("main.init.unit1"));
  EXPECT_FALSE(lowered("main.init.unit0"));  // pure, and nobody reads the variable
  ASSERT_EQ(p.init_steps.size(), 2u);
  EXPECT_EQ(p.init_steps[0].code.text(), "main.init.unit1");
  EXPECT_EQ(p.init_steps[1].code.text(), "main.init.0");
}

TEST_F(DiscoverTest, APureUnitRunsIfItsVariableIsReached) {
  script_.code["main.main"] = [&](References& r) {
    r.variable(Symbol("main.pure"), static_cast<types::Var*>(object("pure")));
  };
  const Program& p = run();
  EXPECT_TRUE(lowered("main.init.unit0"));
  EXPECT_EQ(p.init_steps.size(), 3u);
  EXPECT_EQ(p.init_steps[0].code.text(), "main.init.unit0");
}

TEST_F(DiscoverTest, MethodsAreKeptIfCalledThroughAnInterface) {
  script_.code["main.main"] = [&](References& r) {
    r.type(type("T"), true);
    r.interface_method(type("I"), Symbol("Called"), nullptr);
  };
  run();
  EXPECT_TRUE(keeps(type("T"), "Called"));
  EXPECT_FALSE(keeps(type("T"), "Idle"));
  EXPECT_TRUE(lowered("main.T.Called"));
  EXPECT_FALSE(lowered("main.T.Idle"));
}

TEST_F(DiscoverTest, OrderOfCallAndConversionDoesNotMatter) {
  script_.code["main.main"] = [&](References& r) { r.interface_method(type("I"), Symbol("Called"), nullptr); };
  script_.code["main.init.0"] = [&](References& r) { r.itab(type("T"), type("I"), true); };
  run();
  EXPECT_TRUE(keeps(type("T"), "Called"));
}

TEST_F(DiscoverTest, TypesOutsideInterfacesKeepNoMethods) {
  script_.code["main.main"] = [&](References& r) {
    r.type(type("T"), false);
    r.interface_method(type("I"), Symbol("Called"), nullptr);
  };
  run();
  EXPECT_FALSE(keeps(type("T"), "Called"));
}

TEST_F(DiscoverTest, ReflectionKeepsExportedMethods) {
  script_.code["main.main"] = [&](References& r) {
    r.type(types_->pointer_to(type("T")), true);
    r.method_by_name(Symbol());
  };
  run();
  types::Type* pointer = types_->pointer_to(type("T"));
  EXPECT_TRUE(keeps(pointer, "Idle"));
  EXPECT_TRUE(keeps(pointer, "OnPointer"));
  EXPECT_FALSE(keeps(pointer, "hidden"));
}

using Facts = WorldFacts;

TEST_F(DiscoverTest, ImplementersAreWhatIsConverted) {
  script_.code["main.main"] = [&](References& r) {
    r.interface_method(type("I"), Symbol("Called"), nullptr);
    r.type(type("U"), true);  // has the method, but is never an I
    r.itab(type("T"), type("I"), true);
  };
  run();
  std::unique_ptr<Facts> facts = discovery_->facts();
  auto list = facts->implementations(Symbol("main.I.Called"));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].code.text(), "main.T.Called");
  EXPECT_EQ(list[0].type.text(), "type:main.T");
  EXPECT_TRUE(facts->implementations(Symbol("main.I.Other")).empty());
}

TEST_F(DiscoverTest, ComparingMakesNoImplementer) {
  script_.code["main.main"] = [&](References& r) {
    r.interface_method(type("I"), Symbol("Called"), nullptr);
    r.itab(type("T"), type("I"), true);
    r.itab(type("U"), type("I"), false);
  };
  run();
  EXPECT_EQ(discovery_->facts()->implementations(Symbol("main.I.Called")).size(), 1u);
}

TEST_F(DiscoverTest, AssertionsMakeAllTypesWithTheMethodsImplementers) {
  script_.code["main.main"] = [&](References& r) {
    r.interface_method(type("I"), Symbol("Called"), nullptr);
    r.itab(type("T"), type("I"), true);
    r.any_itab(type("I"));
  };
  script_.code["main.init.0"] = [&](References& r) { r.type(type("U"), true); };
  run();
  auto facts = discovery_->facts();
  auto list = facts->implementations(Symbol("main.I.Called"));
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].code.text(), "main.T.Called");
  EXPECT_EQ(list[1].code.text(), "main.U.Called");
}

TEST_F(DiscoverTest, ReflectionSeesDescribedInterfaces) {
  script_.code["main.main"] = [&](References& r) {
    r.interface_method(type("I"), Symbol("Called"), nullptr);
    r.itab(type("T"), type("I"), true);
    r.type(type("U"), true);
    r.type(type("I"), true);
  };
  run();
  EXPECT_EQ(discovery_->facts()->implementations(Symbol("main.I.Called")).size(), 2u);
}

TEST_F(DiscoverTest, ItabsTellTheirMethods) {
  script_.code["main.main"] = [&](References& r) {
    r.interface_method(type("I"), Symbol("Called"), nullptr);
    r.itab(type("T"), type("I"), true);
  };
  run();
  auto facts = discovery_->facts();
  EXPECT_EQ(facts->itab_entry(Symbol("go:itab.main.T,main.I"), 0).code.text(), "main.T.Called");
  EXPECT_TRUE(facts->itab_entry(Symbol("go:itab.main.T,main.I"), 1).code.empty());
  EXPECT_TRUE(facts->itab_entry(Symbol("go:itab.main.U,main.I"), 0).code.empty());
}

TEST_F(DiscoverTest, AnOpenWorldTellsNothing) {
  script_.code["main.main"] = [&](References& r) {
    r.interface_method(type("I"), Symbol("Called"), nullptr);
    r.itab(type("T"), type("I"), true);
  };
  DiscoverOptions options;
  options.open_world = true;
  run(options);
  EXPECT_TRUE(discovery_->facts()->implementations(Symbol("main.I.Called")).empty());
}

TEST_F(DiscoverTest, AnOpenWorldKeepsEverything) {
  script_.code["main.main"] = [&](References& r) { r.type(type("T"), true); };
  DiscoverOptions options;
  options.open_world = true;
  run(options);
  EXPECT_TRUE(keeps(type("T"), "hidden"));
  EXPECT_TRUE(lowered("main.init.unit0"));
}

}  // namespace
}  // namespace gale::discover
