#include "load/module_proxy.h"

#include "load/web_file.h"

namespace gale::load {
namespace {

// A URL as messages may show it: without the password in it.
std::string without_password(std::string_view url) {
  size_t scheme = url.find("://"), at = url.find('@');
  if (scheme == url.npos || at == url.npos || url.find('/', scheme + 3) < at) return std::string(url);
  return std::string(url.substr(0, scheme + 3)) + "xxxxx" + std::string(url.substr(at));
}

}  // namespace

bool parse_proxy_list(std::string_view list, std::vector<Proxy>* out, std::string* error) {
  out->clear();
  while (!list.empty()) {
    size_t end = list.find_first_of(",|");
    std::string_view item = list.substr(0, end);
    const bool pipe = end != list.npos && list[end] == '|';
    list.remove_prefix(end == list.npos ? list.size() : end + 1);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (item.empty()) continue;
    if (item == "off" || item == "direct") {  // nothing after these is asked
      out->push_back({std::string(item), pipe});
      break;
    }
    std::string url(item);
    if (url.find("://") == url.npos) {
      if (url.find_first_of(".:/") == url.npos) {
        *error = "invalid proxy URL: " + url;
        return false;
      }
      url = "https://" + url;
    }
    if (!url.starts_with("https://") && !url.starts_with("http://") && !url.starts_with("file:///")) {
      *error = "invalid proxy URL scheme (must be https, http, file): " + without_password(url);
      return false;
    }
    while (url.ends_with('/')) url.pop_back();
    out->push_back({std::move(url), pipe});
  }
  if (out->empty()) {
    *error = "GOPROXY list is not the empty string, but contains no entries";
    return false;
  }
  return true;
}

bool fetch_from_proxies(const std::vector<Proxy>& proxies, const std::string& path, int file, const Transfer& transfer,
                        std::string* error) {
  // The first failure that is more than "not there" tells most.
  std::string told;
  for (const Proxy& p : proxies) {
    std::string why;
    FetchResult result = FetchResult::NotThere;
    if (p.url == "off") {
      why = "module lookup disabled by GOPROXY=off";
    } else if (p.url == "direct") {
      why = "this module is only had from a proxy, not directly";
    } else {
      result = fetch_url(p.url + "/" + path, file, transfer, &why);
      if (result == FetchResult::Done) return true;
      why = "reading " + without_password(p.url) + "/" + path + ": " + why;
    }
    if (told.empty() || (p.url != "off" && p.url != "direct")) told = why;
    const bool goes_on = result == FetchResult::NotThere || p.any_error_goes_on;
    if (!goes_on || (transfer.cancelled && transfer.cancelled())) break;
  }
  *error = told;
  return false;
}

}  // namespace gale::load
