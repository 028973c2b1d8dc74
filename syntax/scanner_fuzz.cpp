// Fuzz target: any bytes are tokens or reported, each token within the text and after the one before; blocks are skipped.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "syntax/go_fuzz_tokens.inc"
#include "syntax/scanner.h"

namespace {

struct Handler : gale::syntax::ScanHandler {
  void scan_error(uint32_t, std::string) override { errors++; }
  void scan_comment(uint32_t, std::string_view) override { comments++; }
  size_t errors = 0, comments = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (bool skip : {false, true}) {
    Handler handler;
    gale::syntax::Scanner scanner(text, &handler, true);
    uint32_t last = 0;
    for (scanner.next(); scanner.token != gale::syntax::Token::EndOfFile; scanner.next()) {
      CHECK(scanner.offset() >= last && scanner.offset() <= text.size(), "tokens come in order");
      last = scanner.offset();
      if (skip && scanner.token == gale::syntax::Token::LeftBrace) scanner.skip_block();
    }
  }
  return 0;
}
