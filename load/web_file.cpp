// libcurl is looked up when a file is fetched, not linked: its thirty libraries would cost every start of gale more than
// compiling a small program does, and a fetch happens once in a machine's life.
#include "load/web_file.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

namespace gale::load {
namespace {

struct Curl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_setopt) set;
  decltype(&curl_easy_perform) perform;
  decltype(&curl_easy_getinfo) get;
  decltype(&curl_easy_strerror) error_text;
  decltype(&curl_easy_cleanup) cleanup;
};

// Null: there is no libcurl.
const Curl* curl() {
  static const std::unique_ptr<Curl> loaded = []() -> std::unique_ptr<Curl> {
    void* library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) library = ::dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return nullptr;
    auto c = std::make_unique<Curl>();
    bool complete = true;
    auto find = [&](auto* function, const char* name) {
      *function = reinterpret_cast<std::remove_pointer_t<decltype(function)>>(::dlsym(library, name));
      complete = complete && *function != nullptr;
    };
    find(&c->global_init, "curl_global_init");
    find(&c->easy_init, "curl_easy_init");
    find(&c->set, "curl_easy_setopt");
    find(&c->perform, "curl_easy_perform");
    find(&c->get, "curl_easy_getinfo");
    find(&c->error_text, "curl_easy_strerror");
    find(&c->cleanup, "curl_easy_cleanup");
    if (!complete || c->global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return nullptr;
    return c;
  }();
  return loaded.get();
}

// Where the bytes go.
struct Sink {
  int file;
  const Transfer& transfer;
  uint64_t done = 0;
  std::string error;

  bool write(const char* data, size_t size) {
    if (done + size > transfer.limit) {
      error = "it is too large";
      return false;
    }
    while (size > 0) {
      ssize_t n = ::write(file, data, size);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        error = std::string("write: ") + ::strerror(errno);
        return false;
      }
      data += n;
      size -= static_cast<size_t>(n);
      done += static_cast<uint64_t>(n);
    }
    return true;
  }
};

size_t on_data(char* data, size_t, size_t size, void* sink) { return static_cast<Sink*>(sink)->write(data, size) ? size : 0; }

int on_progress(void* sink, curl_off_t total, curl_off_t done, curl_off_t, curl_off_t) {
  const Transfer& t = static_cast<Sink*>(sink)->transfer;
  if (t.progress) t.progress(static_cast<uint64_t>(done), static_cast<uint64_t>(total));
  return t.cancelled && t.cancelled() ? 1 : 0;
}

std::string decode_percents(std::string_view text) {
  std::string out;
  auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1; };
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

FetchResult copy_local(const std::string& path, Sink* sink, std::string* error) {
  int from = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat st {};
  if (from < 0 || ::fstat(from, &st) != 0 || !S_ISREG(st.st_mode)) {
    *error = "open " + path + ": " + (from < 0 ? ::strerror(errno) : "not a file");
    bool gone = from < 0 && (errno == ENOENT || errno == ENOTDIR);
    if (from >= 0) ::close(from);
    return gone ? FetchResult::NotThere : FetchResult::Failed;
  }
  std::string buffer(1 << 20, '\0');
  FetchResult result = FetchResult::Done;
  for (;;) {
    if (sink->transfer.cancelled && sink->transfer.cancelled()) {
      *error = "interrupted";
      result = FetchResult::Failed;
      break;
    }
    ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) sink->error = std::string("read: ") + ::strerror(errno);
    if (n < 0 || !sink->write(buffer.data(), static_cast<size_t>(n))) {
      *error = sink->error;
      result = FetchResult::Failed;
    }
    if (n <= 0 || result != FetchResult::Done) break;
    if (sink->transfer.progress) sink->transfer.progress(sink->done, static_cast<uint64_t>(st.st_size));
  }
  ::close(from);
  return result;
}

FetchResult download(const std::string& url, Sink* sink, std::string* error) {
  const Curl* c = curl();
  CURL* handle = c == nullptr ? nullptr : c->easy_init();
  if (handle == nullptr) {
    *error = "libcurl.so.4 is needed for this (Debian: libcurl4)";
    return FetchResult::Failed;
  }
  c->set(handle, CURLOPT_URL, url.c_str());
  c->set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  c->set(handle, CURLOPT_FOLLOWLOCATION, 1L);
  c->set(handle, CURLOPT_MAXREDIRS, 10L);
  c->set(handle, CURLOPT_FAILONERROR, 1L);
  c->set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
  c->set(handle, CURLOPT_USERAGENT, "gale");
  c->set(handle, CURLOPT_NOSIGNAL, 1L);
  c->set(handle, CURLOPT_CONNECTTIMEOUT, 30L);
  c->set(handle, CURLOPT_LOW_SPEED_LIMIT, 1000L);  // less than 1 kB a second for a minute: give up
  c->set(handle, CURLOPT_LOW_SPEED_TIME, 60L);
  c->set(handle, CURLOPT_WRITEFUNCTION, on_data);
  c->set(handle, CURLOPT_WRITEDATA, sink);
  c->set(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
  c->set(handle, CURLOPT_XFERINFODATA, sink);
  c->set(handle, CURLOPT_NOPROGRESS, 0L);
  const CURLcode code = c->perform(handle);
  long status = 0;
  c->get(handle, CURLINFO_RESPONSE_CODE, &status);
  c->cleanup(handle);
  if (code == CURLE_OK) return FetchResult::Done;
  *error = !sink->error.empty()                ? sink->error
           : code == CURLE_ABORTED_BY_CALLBACK ? "interrupted"
           : code == CURLE_HTTP_RETURNED_ERROR ? "the answer is status " + std::to_string(status)
                                               : c->error_text(code);
  return code == CURLE_HTTP_RETURNED_ERROR && (status == 404 || status == 410) ? FetchResult::NotThere : FetchResult::Failed;
}

}  // namespace

FetchResult fetch_url(const std::string& url, int file, const Transfer& transfer, std::string* error) {
  Sink sink{file, transfer};
  if (::lseek(file, 0, SEEK_SET) != 0 || ::ftruncate(file, 0) != 0) {
    *error = std::string("write: ") + ::strerror(errno);
    return FetchResult::Failed;
  }
  constexpr std::string_view kFile = "file://";
  if (url.starts_with(kFile)) return copy_local(decode_percents(std::string_view(url).substr(kFile.size())), &sink, error);
  return download(url, &sink, error);
}

}  // namespace gale::load
