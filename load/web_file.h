// Fetching one file by its URL: file:// by itself, http(s):// by libcurl.
#pragma once

#include <string>

#include "load/module_proxy.h"

namespace gale::load {

enum class FetchResult { Done, NotThere, Failed };

// Writes to the open file, from its beginning. *error says what went wrong, without the URL.
FetchResult fetch_url(const std::string& url, int file, const Transfer& transfer, std::string* error);

}  // namespace gale::load
