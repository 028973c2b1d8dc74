// The main program of every fuzz target (X_fuzz.cpp): mutated files of a corpus, one after the other, through LLVMFuzzerTestOneInput.
//
//   X_fuzz [-seconds N] [-seed N] [-keep FILE] FILE_OR_FOLDER...     N seconds of CPU time; an input that kills it is written to FILE
//   X_fuzz -run FILE...                                              these inputs as they are
//
// Under the preset `fuzz` the code tells which paths an input took (-fsanitize-coverage=trace-pc), and an input that took a new one joins the corpus;
// in other builds the mutations are blind. libFuzzer can take this file's place.
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" const char* const gale_fuzz_tokens[];  // what is put into inputs; ends with a null
extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace {

constexpr size_t kMaxInput = 20'000, kPathBits = 1 << 18, kStackBytes = size_t{512} << 20;
constexpr int kHangSeconds = 20;  // of CPU time for one input

uint8_t path_bits[kPathBits / 8];
uint64_t new_paths = 0;

struct Current {
  const uint8_t* data = nullptr;
  size_t size = 0;
  volatile int ticks = 0;  // seconds of CPU time
  char keep[4096] = "crash.input";
} current;

// Only what a signal handler may do.
void keep_current() {
  if (current.data == nullptr) return;
  int file = ::open(current.keep, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0) {
    for (size_t at = 0; at < current.size;) {
      ssize_t n = ::write(file, current.data + at, current.size - at);
      if (n <= 0) break;
      at += static_cast<size_t>(n);
    }
    ::close(file);
  }
  current.data = nullptr;
}

void on_death(int number) {
  keep_current();
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void on_tick(int) {
  current.ticks = current.ticks + 1;
  if (current.ticks < kHangSeconds || current.data == nullptr) return;
  constexpr char kText[] = "fuzz: the input hangs\n";
  if (::write(2, kText, sizeof(kText) - 1) > 0) ::abort();
}

void catch_deaths() {
  static uint8_t alternate[64 << 10];
  stack_t stack{};
  stack.ss_sp = alternate;
  stack.ss_size = sizeof(alternate);
  ::sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = on_death;
  action.sa_flags = SA_ONSTACK;
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(keep_current);
    ::sigaction(SIGABRT, &action, nullptr);
  } else {
    for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT}) ::sigaction(number, &action, nullptr);
  }
  action.sa_handler = on_tick;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  ::sigaction(SIGVTALRM, &action, nullptr);
  itimerval second{{1, 0}, {1, 0}};
  ::setitimer(ITIMER_VIRTUAL, &second, nullptr);
}

bool read_file(const std::string& path, std::string* out) {
  FILE* f = ::fopen(path.c_str(), "rb");
  if (f == nullptr) return false;
  char buffer[65536];
  out->clear();
  for (size_t n; (n = ::fread(buffer, 1, sizeof(buffer), f)) > 0;) out->append(buffer, n);
  ::fclose(f);
  return true;
}

// All files of at most kMaxInput bytes, in the order of their names.
void collect(const std::string& path, std::vector<std::string>* corpus) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return;
  if (S_ISDIR(st.st_mode)) {
    std::vector<std::string> names;
    if (DIR* folder = ::opendir(path.c_str())) {
      while (dirent* e = ::readdir(folder)) {
        if (e->d_name[0] != '.') names.push_back(e->d_name);
      }
      ::closedir(folder);
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) collect(path + "/" + name, corpus);
  } else if (std::string text; static_cast<size_t>(st.st_size) <= kMaxInput && read_file(path, &text)) {
    corpus->push_back(std::move(text));
  }
}

using Random = std::mt19937_64;

size_t below(Random& random, size_t n) { return random() % n; }

// The word at or after `at`: first byte and length.
std::pair<size_t, size_t> word_at(const std::string& text, size_t at) {
  auto in_word = [&](size_t i) { return i < text.size() && (::isalnum(static_cast<unsigned char>(text[i])) != 0 || text[i] == '_'); };
  while (at < text.size() && !in_word(at)) at++;
  while (at > 0 && in_word(at - 1)) at--;
  size_t end = at;
  while (in_word(end)) end++;
  return {at, end - at};
}

// A few edits, often just one: a word replaced by another word of the text; a byte changed, a range deleted, doubled, moved, taken from another input; a token put in.
std::string mutate(Random& random, const std::vector<std::string>& corpus, size_t tokens) {
  std::string text = corpus[below(random, corpus.size())];
  for (size_t edits = 1 + below(random, 1 + below(random, 6)); edits > 0 && !text.empty(); edits--) {
    size_t a = below(random, text.size() + 1), b = std::min(text.size(), a + below(random, 200));
    const size_t c = below(random, text.size() + 1);
    switch (below(random, 12)) {
      case 0:
        text[below(random, text.size())] = static_cast<char>(random());
        break;
      case 1:
        text.erase(a, b - a);
        break;
      case 2:
        text.insert(b, text.substr(a, b - a));
        break;
      case 3:
        text.insert(c, text.substr(a, b - a));
        break;
      case 4: {
        const std::string& other = corpus[below(random, corpus.size())];
        const size_t from = below(random, other.size() + 1);
        text.insert(c, other.substr(from, below(random, 200)));
        break;
      }
      case 5: case 6: case 7: case 8: case 9: case 10: {
        const auto [from, size] = word_at(text, c);
        const std::string word = text.substr(from, size);
        const auto [to, old] = word_at(text, a);
        text.replace(to, old, word);
        break;
      }
      default:
        if (tokens > 0) text.insert(c, gale_fuzz_tokens[below(random, tokens)]);
    }
  }
  if (text.size() > 2 * kMaxInput) text.resize(2 * kMaxInput);
  return text;
}

void run_one(const std::string& text) {
  // A copy of exactly that size, so that a sanitizer sees what is read past it.
  std::vector<uint8_t> bytes(text.begin(), text.end());
  current.data = bytes.data();
  current.size = bytes.size();
  current.ticks = 0;
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  current.data = nullptr;
}

struct Settings {
  double seconds = 60;
  uint64_t seed = 1;
  bool as_they_are = false;
  std::vector<std::string> paths;
};

void* work(void* argument) {
  const Settings& settings = *static_cast<Settings*>(argument);
  catch_deaths();
  std::vector<std::string> corpus;
  for (const std::string& path : settings.paths) collect(path, &corpus);
  if (corpus.empty()) {
    ::fprintf(stderr, "fuzz: no inputs\n");
    ::exit(2);
  }
  if (settings.as_they_are) {
    for (const std::string& text : corpus) run_one(text);
    return nullptr;
  }
  size_t tokens = 0, runs = 0;
  while (gale_fuzz_tokens[tokens] != nullptr) tokens++;
  const size_t given = corpus.size();
  Random random(settings.seed);
  auto used = [] { return static_cast<double>(::clock()) / CLOCKS_PER_SEC; };
  for (const double start = used(); used() - start < settings.seconds; runs++) {
    std::string text = mutate(random, corpus, tokens);
    const uint64_t before = new_paths;
    run_one(text);
    if (new_paths != before && text.size() <= kMaxInput) corpus.push_back(std::move(text));
  }
  ::printf("%zu runs, %zu inputs given, %zu found, %lu paths\n", runs, given, corpus.size() - given, static_cast<unsigned long>(new_paths));
  return nullptr;
}

}  // namespace

extern "C" __attribute__((no_sanitize_coverage, no_sanitize("address"), no_sanitize("undefined"))) void __sanitizer_cov_trace_pc() {
  static thread_local uintptr_t last = 0;
  const auto pc = reinterpret_cast<uintptr_t>(__builtin_return_address(0));
  const uintptr_t hash = (pc ^ (last << 1)) * 0x9e3779b97f4a7c15u >> 46;
  last = pc;
  uint8_t& byte = path_bits[hash / 8];
  const auto bit = static_cast<uint8_t>(1 << hash % 8);
  if ((byte & bit) == 0) {
    byte |= bit;
    new_paths++;
  }
}

int main(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; i++) {
    const std::string a = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (a == "-run") {
      settings.as_they_are = true;
    } else if (a == "-seconds") {
      settings.seconds = ::atof(value);
      i++;
    } else if (a == "-seed") {
      settings.seed = ::strtoull(value, nullptr, 10);
      i++;
    } else if (a == "-keep") {
      ::snprintf(current.keep, sizeof(current.keep), "%s", value);
      i++;
    } else {
      settings.paths.push_back(a);
    }
  }
  // As the command does: what recurses over trees has a large stack.
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_t thread;
  if (::pthread_create(&thread, &attributes, work, &settings) != 0) return 1;
  ::pthread_join(thread, nullptr);
  return 0;
}
