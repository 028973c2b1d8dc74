// OpenSSL's SHA-256, which uses the processor's instructions for it. Its low-level functions on purpose: those of its EVP
// interface would bring all of libcrypto (5 MB) into the static link.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "load/sha256.h"

#include <openssl/sha.h>

namespace gale::load {

Sha256Sum sha256(std::string_view data) {
  Sha256Sum sum;
  static_assert(sizeof sum == SHA256_DIGEST_LENGTH);
  SHA256_CTX state;
  SHA256_Init(&state);
  SHA256_Update(&state, data.data(), data.size());
  SHA256_Final(sum.data(), &state);
  return sum;
}

std::string sha256_hex(std::string_view data) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (uint8_t byte : sha256(data)) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace gale::load
