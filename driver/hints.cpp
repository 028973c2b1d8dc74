#include "driver/hints.h"

#include <utility>

namespace gale::driver {

std::string_view hint_for(std::string_view code) {
  constexpr std::pair<std::string_view, std::string_view> kHints[] = {
      {"UnusedVar", "use it, assign it to _, or take the declaration away"},
      {"UnusedImport", "take the import away, or import it as _ for what its init does"},
      {"MissingReturn", "every way through the function must end in a return or in a call of panic"},
      {"UndeclaredName", "names of other packages need an import and the package's name before them"},
      {"UndeclaredImportedName", "only names that begin with a capital letter can be used outside of their package"},
      {"UnexportedName", "only names that begin with a capital letter can be used outside of their package"},
      {"NoNewVar", "= assigns to variables that are there already"},
      {"UnusedLabel", "take the label away, or name it in a goto, break or continue"},
      {"InvalidIfaceAssign", "a type has the methods of its pointer type only if a pointer to it is given"},
      {"WrongArgCount", "compare with the parameters of the function"},
      {"DuplicateDecl", "one of the two needs another name"},
      {"ImportCycle", "move what both packages need into a third one"},
      {"InvalidInitCycle", "one of these variables must be set in an init function"},
      {"MismatchedTypes", "convert one of the operands: Go converts no types by itself"},
      {"MissingFieldOrMethod", "look at the letters' case: capital and small letters are different in Go"},
  };
  for (const auto& [known, hint] : kHints) {
    if (known == code) return hint;
  }
  return {};
}

}  // namespace gale::driver
