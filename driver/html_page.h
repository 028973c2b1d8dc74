// -html=FUNC: all stages of a function side by side on one page that needs nothing but itself. Pointing at a value or a block
// shows where it is in every column; clicking keeps it coloured.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/source.h"
#include "ir/func.h"

namespace gale::driver {

class HtmlPage {
 public:
  // `function` is a link name, or the end of one after a dot: main.f, f, (*T).m. Empty: no page is wanted.
  explicit HtmlPage(std::string function) : function_(std::move(function)) {}

  bool wanted() const { return !function_.empty(); }
  bool wants(std::string_view stage, std::string_view func) const;
  // The text of the functions in Go; before they are compiled.
  void add_source(const SourceManager& sources, const std::vector<std::unique_ptr<ir::Func>>& funcs);
  void add(std::string_view stage, std::string_view func, std::string_view text);  // from any thread
  // Writes FUNCTION.html in the current folder and says so. False: *error says why not.
  bool write(std::string* error) const;
  std::string text() const;  // of the page

 private:
  bool matches(std::string_view func) const;

  struct Column {
    std::string stage, text;
  };
  const std::string function_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Column>> functions_;  // by name
};

}  // namespace gale::driver
