#include "load/toolchain.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <libdeflate.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "load/file_system.h"
#include "load/module_proxy.h"
#include "load/sha256.h"

namespace gale::load {
namespace {

namespace fs = std::filesystem;

// Writes zip files, right ones and wrong ones.
class ZipMaker {
 public:
  void add(const std::string& name, const std::string& content, bool deflate = true, uint32_t mode = 0100644) {
    std::string packed = content;
    if (deflate) {
      libdeflate_compressor* c = libdeflate_alloc_compressor(6);
      packed.resize(libdeflate_deflate_compress_bound(c, content.size()));
      packed.resize(libdeflate_deflate_compress(c, content.data(), content.size(), packed.data(), packed.size()));
      libdeflate_free_compressor(c);
    }
    const uint32_t crc = libdeflate_crc32(0, content.data(), content.size()), at = static_cast<uint32_t>(bytes_.size());
    const uint16_t method = deflate ? 8 : 0, flags = deflate ? 8 : 0;
    auto sizes = [&](std::string& out, bool blank) {
      u32(out, blank ? 0 : crc);
      u32(out, blank ? 0 : static_cast<uint32_t>(packed.size()));
      u32(out, blank ? 0 : static_cast<uint32_t>(content.size()));
    };
    auto head = [&](std::string& out, bool blank) {
      u16(out, 20);
      u16(out, flags);
      u16(out, method);
      u32(out, 0);
      sizes(out, blank);
      u16(out, static_cast<uint16_t>(name.size()));
      u16(out, 0);
    };
    u32(bytes_, 0x04034b50);
    head(bytes_, deflate);
    bytes_ += name + packed;
    if (deflate) {
      u32(bytes_, 0x08074b50);
      sizes(bytes_, false);
    }
    u32(directory_, 0x02014b50);
    u16(directory_, 3 << 8 | 20);
    head(directory_, false);
    u16(directory_, 0);
    u16(directory_, 0);
    u16(directory_, 0);
    u32(directory_, mode << 16);
    u32(directory_, at);
    directory_ += name;
    count_++;
    hashes_.emplace_back(name, sha256_hex(content));
  }

  std::string zip() const {
    std::string out = bytes_ + directory_;
    u32(out, 0x06054b50);
    u32(out, 0);
    u16(out, count_);
    u16(out, count_);
    u32(out, static_cast<uint32_t>(directory_.size()));
    u32(out, static_cast<uint32_t>(bytes_.size()));
    u16(out, 0);
    return out;
  }
  std::string sum() const { return module_hash(hashes_); }

 private:
  static void u16(std::string& out, uint16_t v) {
    out += static_cast<char>(v);
    out += static_cast<char>(v >> 8);
  }
  static void u32(std::string& out, uint32_t v) {
    u16(out, static_cast<uint16_t>(v));
    u16(out, static_cast<uint16_t>(v >> 16));
  }
  std::string bytes_, directory_;
  uint16_t count_ = 0;
  std::vector<std::pair<std::string, std::string>> hashes_;
};

std::string open_error(const std::string& bytes, ZipLimits limits = {}) {
  ZipArchive zip;
  std::string error;
  return zip.open(bytes, limits, &error) ? "" : error;
}

std::string error_of_name(const std::string& name) {
  ZipMaker m;
  m.add(name, "x");
  return open_error(m.zip());
}

TEST(ZipArchive, UnpacksWhatWasPacked) {
  ZipMaker m;
  const std::string text(100'000, 'a');
  m.add("a/b.go", text);
  m.add("a/empty", "");
  m.add("c", "stored", false);
  const std::string bytes = m.zip();
  ZipArchive zip;
  std::string error, content;
  ASSERT_TRUE(zip.open(bytes, {}, &error)) << error;
  ASSERT_EQ(zip.entries().size(), 3u);
  ZipUnpacker unpacker;
  for (const auto& [i, want] : {std::pair<size_t, std::string>{0, text}, {1, ""}, {2, "stored"}}) {
    ASSERT_TRUE(unpacker.unpack(zip.entries()[i], &content, &error)) << error;
    EXPECT_EQ(content, want);
  }
}

TEST(ZipArchive, RefusesNamesThatLeadElsewhere) {
  for (const char* name : {"../x", "a/../../x", "/etc/x", "a//b", "./a", "a/.", "a\\b", "", "a/", "a\nb", "\xff"}) {
    EXPECT_NE(error_of_name(name), "") << name;
  }
  for (const char* name : {"x", "..x", "a/...", "\xc3\xa4.go", ".git/x"}) EXPECT_EQ(error_of_name(name), "") << name;
}

TEST(ZipArchive, RefusesTwoOfAName) {
  ZipMaker twice;
  twice.add("a", "1");
  twice.add("b", "2");
  twice.add("a", "3");
  EXPECT_EQ(open_error(twice.zip()), "\"a\" is there twice");
  ZipMaker both;
  both.add("a/b", "1");
  both.add("a.c", "2");
  both.add("a", "3");
  EXPECT_EQ(open_error(both.zip()), "\"a\" is a file and a folder");
}

TEST(ZipArchive, RefusesLinksAndSizesAboveTheLimits) {
  ZipMaker link;
  link.add("l", "/etc/passwd", true, 0120777);
  EXPECT_EQ(open_error(link.zip()), "\"l\" is not a regular file");
  ZipMaker large;
  large.add("l", std::string(3000, ' '));
  large.add("m", std::string(3000, ' '));
  EXPECT_EQ(open_error(large.zip(), {10, 2000, 10000}), "\"l\" is too large");
  EXPECT_EQ(open_error(large.zip(), {10, 4000, 5000}), "\"m\" is too large");
  EXPECT_EQ(open_error(large.zip(), {1, 4000, 10000}), "it has too many files");
}

TEST(ZipArchive, RefusesEveryCut) {
  ZipMaker m;
  m.add("a/b", "some content");
  m.add("c", "more of it", false);
  const std::string bytes = m.zip();
  for (size_t n = 0; n < bytes.size(); n++) EXPECT_NE(open_error(bytes.substr(0, n)), "") << n;
  for (size_t n = 1; n < bytes.size(); n++) EXPECT_NE(open_error(bytes.substr(n)), "") << n;
  EXPECT_NE(open_error(bytes + "x"), "");
}

// Any damage is refused or leaves names safe and contents right.
TEST(ZipArchive, SurvivesDamage) {
  ZipMaker m;
  for (int i = 0; i < 5; i++) m.add("dir/file" + std::to_string(i), std::string(200, static_cast<char>('a' + i)), i % 2 == 0);
  const std::string good = m.zip();
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; round++) {
    std::string bytes = good;
    for (unsigned edits = random() % 4 + 1; edits > 0; edits--) {
      size_t at = random() % bytes.size();
      constexpr uint8_t kValues[] = {0, 1, 0x7f, 0x80, 0xff, '/', '.'};
      bytes[at] = static_cast<char>(random() % 2 == 0 ? kValues[random() % std::size(kValues)] : random());
    }
    ZipArchive zip;
    std::string error, content;
    if (!zip.open(bytes, {10, 1000, 5000}, &error)) continue;
    ZipUnpacker unpacker;
    for (const ZipEntry& e : zip.entries()) {
      EXPECT_LE(e.size, 1000u);
      const bool ok = unpacker.unpack(e, &content, &error);
      EXPECT_TRUE(!ok || content.size() == e.size);
    }
  }
}

TEST(ModuleHash, IsTheOneOfTheChecksumDatabase) {
  // As golang.org/x/mod/sumdb/dirhash gives for one file "m@v1.0.0/go.mod" with "module m\n".
  EXPECT_EQ(module_hash({{"m@v1.0.0/go.mod", sha256_hex("module m\n")}}), "h1:rWWSQIXZLd+puBSoX6K2bFxL8K/E8nwFH0r/Fo7rCKw=");
}

TEST(ProxyList, IsReadAsTheGoCommandReadsIt) {
  std::vector<Proxy> list;
  std::string error;
  ASSERT_TRUE(parse_proxy_list("https://a.example/x/,b.example|file:///tmp/p, direct,https://never", &list, &error));
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(list[0].url, "https://a.example/x");
  EXPECT_FALSE(list[0].any_error_goes_on);
  EXPECT_EQ(list[1].url, "https://b.example");
  EXPECT_TRUE(list[1].any_error_goes_on);
  EXPECT_EQ(list[3].url, "direct");
  EXPECT_FALSE(parse_proxy_list(",", &list, &error));
  EXPECT_EQ(error, "GOPROXY list is not the empty string, but contains no entries");
  EXPECT_FALSE(parse_proxy_list("ftp://x", &list, &error));
  EXPECT_EQ(error, "invalid proxy URL scheme (must be https, http, file): ftp://x");
  EXPECT_FALSE(parse_proxy_list("nonsense", &list, &error));
  EXPECT_EQ(error, "invalid proxy URL: nonsense");
}

// A proxy in a folder, with a release of its own.
class ToolchainTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/gale_toolchain_XXXXXX";
    root_ = mkdtemp(name);
    ZipMaker m = maker();
    release_ = {"go1.26.99", m.sum()};
    publish(m.zip());
  }
  void TearDown() override { fs::remove_all(root_); }

  static std::string prefix() { return "golang.org/toolchain@v0.0.1-go1.26.99.linux-amd64/"; }
  static ZipMaker maker() {
    ZipMaker m;
    m.add(prefix() + "VERSION", "go1.26.99\ntime now\n");
    m.add(prefix() + "src/_go.mod", "module std\n");
    m.add(prefix() + "src/fmt/print.go", "package fmt\n");
    m.add(prefix() + "pkg/include/funcdata.h", "// nothing\n");
    m.add(prefix() + "bin/go", std::string(5000, 'b'));
    return m;
  }
  void publish(const std::string& zip) {
    fs::create_directories(root_ + "/p/golang.org/toolchain/@v");
    std::ofstream(root_ + "/p/golang.org/toolchain/@v/v0.0.1-go1.26.99.linux-amd64.zip") << zip;
  }
  std::string fetch(const std::string& proxies, const std::function<bool()>& cancelled = [] { return false; }) {
    std::string error;
    ToolchainCache cache(root_ + "/cache", release_);
    const bool ok = cache.fetch(proxies, [this](const std::string&, uint64_t, uint64_t) { told_++; }, cancelled, &error);
    EXPECT_EQ(ok, error.empty());
    EXPECT_EQ(ok, cache.is_there());
    return error;
  }
  // Whatever is in the cache, but its lock.
  std::vector<std::string> left() const {
    std::vector<std::string> out;
    for (const FolderEntry& e : list_folder(root_ + "/cache/toolchain")) {
      if (e.name != "lock") out.push_back(e.name);
    }
    return out;
  }
  std::string proxy() const { return "file://" + root_ + "/p"; }

  std::string root_;
  ToolchainRelease release_;
  int told_ = 0;
};

TEST_F(ToolchainTest, UnpacksTheSources) {
  EXPECT_EQ(fetch(proxy()), "");
  const std::string goroot = root_ + "/cache/toolchain/go1.26.99.linux-amd64";
  EXPECT_EQ(left(), std::vector<std::string>{"go1.26.99.linux-amd64"});
  EXPECT_EQ(kind_of(goroot + "/src/fmt/print.go"), FileKind::File);
  EXPECT_EQ(kind_of(goroot + "/src/go.mod"), FileKind::File);
  EXPECT_EQ(kind_of(goroot + "/pkg/include/funcdata.h"), FileKind::File);
  EXPECT_EQ(kind_of(goroot + "/bin"), FileKind::None);
  EXPECT_GT(told_, 0);
  EXPECT_EQ(fetch("off"), "");  // it is there
}

TEST_F(ToolchainTest, RefusesATamperedArchive) {
  ZipMaker m = maker();
  m.add(prefix() + "src/os/evil.go", "package os\n");
  publish(m.zip());
  EXPECT_NE(fetch(proxy()).find("is not the one that gale knows"), std::string::npos);
  EXPECT_TRUE(left().empty());
}

TEST_F(ToolchainTest, RefusesATruncatedArchive) {
  const std::string zip = maker().zip();
  for (size_t size : {size_t{0}, size_t{100}, zip.size() - 1}) {
    publish(zip.substr(0, size));
    EXPECT_NE(fetch(proxy()).find("its archive is damaged"), std::string::npos);
    EXPECT_TRUE(left().empty());
  }
}

TEST_F(ToolchainTest, RefusesFilesOfOtherModules) {
  ZipMaker m = maker();
  m.add("golang.org/other@v1.0.0/x", "x");
  release_.sum = m.sum();
  publish(m.zip());
  EXPECT_NE(fetch(proxy()).find("file of another module"), std::string::npos);
  EXPECT_TRUE(left().empty());
}

TEST_F(ToolchainTest, AsksTheProxiesInTheirOrder) {
  const std::string empty = "file://" + root_ + "/empty", folder = "file://" + root_ + "/bad";
  fs::create_directories(root_ + "/bad/golang.org/toolchain/@v/v0.0.1-go1.26.99.linux-amd64.zip");  // an error, not an absence
  EXPECT_NE(fetch("off").find("module lookup disabled by GOPROXY=off"), std::string::npos);
  EXPECT_NE(fetch("direct").find("only had from a proxy"), std::string::npos);
  EXPECT_NE(fetch(empty + ",off").find("No such file or directory"), std::string::npos);
  EXPECT_NE(fetch(folder + "," + proxy()).find("not a file"), std::string::npos);
  EXPECT_EQ(fetch(folder + "|" + empty + "," + proxy()), "");
}

TEST_F(ToolchainTest, LeavesNothingWhenInterrupted) {
  EXPECT_NE(fetch(proxy(), [] { return true; }).find("interrupted"), std::string::npos);
  EXPECT_TRUE(left().empty());
  int asked = 0;
  EXPECT_NE(fetch(proxy(), [&] { return ++asked > 3; }).find("interrupted"), std::string::npos);
  EXPECT_TRUE(left().empty());
}

TEST_F(ToolchainTest, RemovesWhatAKilledFetchLeft) {
  fs::create_directories(root_ + "/cache/toolchain/go1.26.99.linux-amd64.tmp/goroot/src");
  EXPECT_EQ(fetch(proxy()), "");
  EXPECT_EQ(left(), std::vector<std::string>{"go1.26.99.linux-amd64"});
}

// A proxy on this machine that behaves as the first folder of the URL says; one connection after the other.
class Server {
 public:
  explicit Server(std::string zip, std::string file_url) : zip_(std::move(zip)), file_url_(std::move(file_url)) {
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int c; (c = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(c)) answer(c);
    });
  }
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url(const std::string& mode) const { return "http://127.0.0.1:" + std::to_string(port_) + "/" + mode; }
  int asked() const { return asked_; }

 private:
  static void send_all(int to, std::string_view text) {
    while (!text.empty()) {
      ssize_t n = ::send(to, text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      text.remove_prefix(static_cast<size_t>(n));
    }
  }
  static std::string head(const std::string& status, size_t size) {
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  }
  void answer(int c) {
    asked_++;
    std::string request;
    char buffer[4096];
    for (ssize_t n; request.find("\r\n\r\n") == request.npos && (n = ::recv(c, buffer, sizeof(buffer), 0)) > 0;) {
      request.append(buffer, static_cast<size_t>(n));
    }
    const size_t start = request.find('/') + 1, slash = request.find('/', start), end = request.find(' ', start);
    if (end == request.npos || slash > end) return;  // the client has given up before it asked
    const std::string mode = request.substr(start, slash - start), rest = request.substr(slash, end - slash);
    auto redirect = [&](const std::string& to) {
      send_all(c, "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " + to + "\r\n\r\n");
    };
    if (mode == "ok") send_all(c, head("200 OK", zip_.size()) + zip_);
    if (mode == "page") send_all(c, head("200 OK", 6) + "<html>");
    if (mode == "missing") send_all(c, head("404 Not Found", 4) + "gone");
    if (mode == "gone") send_all(c, head("410 Gone", 0));
    if (mode == "broken") send_all(c, head("500 Internal Server Error", 0));
    if (mode == "moved") redirect("/ok" + rest);
    if (mode == "loop") redirect("/loop" + rest);
    if (mode == "file") redirect(file_url_ + rest);
    if (mode == "dies") send_all(c, head("200 OK", zip_.size()) + zip_.substr(0, zip_.size() / 2));
    if (mode == "hangs") {
      send_all(c, head("200 OK", zip_.size()) + zip_.substr(0, 10));
      while (::recv(c, buffer, sizeof(buffer), 0) > 0) {
      }
    }
  }

  std::string zip_, file_url_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> asked_{0};
  std::thread thread_;
};

TEST_F(ToolchainTest, FetchesByHttp) {
  Server server(maker().zip(), proxy());
  EXPECT_EQ(fetch(server.url("ok")), "");
  EXPECT_EQ(server.asked(), 1);
  EXPECT_EQ(left(), std::vector<std::string>{"go1.26.99.linux-amd64"});
}

TEST_F(ToolchainTest, FollowsRedirectionsOfTheWebOnly) {
  Server server(maker().zip(), proxy());
  EXPECT_NE(fetch(server.url("loop")).find("redirect"), std::string::npos);
  EXPECT_NE(fetch(server.url("file")).find("reading http"), std::string::npos);
  EXPECT_TRUE(left().empty());
  EXPECT_EQ(fetch(server.url("moved")), "");
}

TEST_F(ToolchainTest, AnAbsenceLeadsToTheNextProxy) {
  Server server(maker().zip(), proxy());
  EXPECT_NE(fetch(server.url("missing")).find("the answer is status 404"), std::string::npos);
  EXPECT_NE(fetch(server.url("gone") + ",off").find("the answer is status 410"), std::string::npos);
  EXPECT_NE(fetch(server.url("broken") + "," + server.url("ok")).find("the answer is status 500"), std::string::npos);
  EXPECT_TRUE(left().empty());
  EXPECT_EQ(server.asked(), 3);
  EXPECT_EQ(fetch(server.url("missing") + "," + server.url("gone") + "," + server.url("ok")), "");
}

TEST_F(ToolchainTest, AFailureLeadsToTheNextProxyAfterAPipe) {
  Server server(maker().zip(), proxy());
  EXPECT_EQ(fetch(server.url("broken") + "|" + server.url("dies") + "|" + server.url("ok")), "");
  EXPECT_EQ(server.asked(), 3);
}

TEST_F(ToolchainTest, RefusesWhatIsNotTheArchive) {
  ZipMaker other = maker();
  other.add(prefix() + "src/os/evil.go", "package os\n");
  Server server(other.zip(), proxy());
  EXPECT_NE(fetch(server.url("ok")).find("is not the one that gale knows"), std::string::npos);
  EXPECT_NE(fetch(server.url("page")).find("its archive is damaged"), std::string::npos);
  EXPECT_NE(fetch(server.url("dies") + "," + server.url("ok")).find("reading http"), std::string::npos);
  EXPECT_NE(fetch("http://127.0.0.1:1," + server.url("ok")).find("reading http"), std::string::npos);  // nobody listens there
  EXPECT_TRUE(left().empty());
}

TEST_F(ToolchainTest, CanBeInterruptedWhileNothingComes) {
  Server server(maker().zip(), proxy());
  EXPECT_NE(fetch(server.url("hangs"), [&] { return server.asked() > 0; }).find("interrupted"), std::string::npos);
  EXPECT_TRUE(left().empty());
}

}  // namespace
}  // namespace gale::load
