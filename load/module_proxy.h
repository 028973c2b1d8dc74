// Fetching a file of a module from the proxies of $GOPROXY (go.dev/ref/mod#goproxy-protocol).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gale::load {

struct Proxy {
  std::string url;              // without a slash at its end; or "direct", "off"
  bool any_error_goes_on = false;  // a pipe follows: any error leads to the next one; a comma: only "not there" does
};

// The list of $GOPROXY. False: *error, in the go command's words.
bool parse_proxy_list(std::string_view list, std::vector<Proxy>* out, std::string* error);

struct Transfer {
  std::function<void(uint64_t done, uint64_t total)> progress;  // total 0: not known; or empty
  std::function<bool()> cancelled;                              // or empty
  uint64_t limit = uint64_t{400} << 20;                         // no more bytes than these
};

// Writes what PROXY/path holds to the open file. Tries the proxies in their order. False: *error says why the last one asked
// did not give it.
bool fetch_from_proxies(const std::vector<Proxy>& proxies, const std::string& path, int file, const Transfer& transfer,
                        std::string* error);

}  // namespace gale::load
