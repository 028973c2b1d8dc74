// The std packages that have assembly for amd64 and portable Go for other machines. Until gale has a Plan 9 assembler their
// build constraints are evaluated with an unknown machine, so that the portable files are chosen (RUNTIME_CONTRACT.md 1.2).
// Each row was verified to leave no function without a body, except internal/bytealg (MakeNoZero, memequal: the runtime's).
#include <algorithm>
#include <iterator>

#include "load/build_tags.h"

namespace gale::load {
namespace {

constexpr NoArchRule kRules[] = {
    {"crypto/internal/fips140/aes", true, ""},
    {"crypto/internal/fips140/aes/gcm", true, ""},
    {"crypto/internal/fips140/bigmod", true, ""},
    {"crypto/internal/fips140/check/checktest", true, ""},
    {"crypto/internal/fips140/edwards25519/field", true, ""},
    {"crypto/internal/fips140/nistec", true, ""},
    {"crypto/internal/fips140/sha256", true, ""},
    {"crypto/internal/fips140/sha3", true, ""},
    {"crypto/internal/fips140/sha512", true, ""},
    {"crypto/internal/fips140/subtle", true, ""},
    {"crypto/md5", true, ""},
    {"crypto/sha1", true, ""},
    {"hash/crc32", true, ""},
    {"internal/bytealg", true, ""},
    {"internal/runtime/gc/scan", true, ""},
    {"math", true, ""},
    {"math/big", false, "math_big_pure_go"},
    {"vendor/golang.org/x/crypto/chacha20poly1305", true, ""},
    {"vendor/golang.org/x/crypto/internal/poly1305", true, ""},
};

}  // namespace

const NoArchRule* find_noarch_rule(std::string_view package) {
  const NoArchRule* r = std::lower_bound(std::begin(kRules), std::end(kRules), package,
                                         [](const NoArchRule& rule, std::string_view p) { return rule.package < p; });
  return r != std::end(kRules) && r->package == package ? r : nullptr;
}

}  // namespace gale::load
