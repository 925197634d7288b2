#include "support/process_memory.hpp"

#include "support/process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <stdexcept>

namespace wixtokend::test {
namespace {

constexpr std::size_t places_max = 32;
constexpr std::size_t piece_size = 1024 * 1024;
constexpr std::size_t shown_around = 48;

std::string path_of(pid_t process, std::string const& what) {
  return "/proc/" + std::to_string(process) + "/" + what;
}

struct mapping {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string name;
};

// Those that the process may read, but for the kernel's own.
std::vector<mapping> mappings_of(pid_t process) {
  std::vector<mapping> all;
  std::istringstream lines{content_of(path_of(process, "maps"))};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string range;
    std::string rights;
    std::string skipped;
    mapping one;
    words >> range >> rights >> skipped >> skipped >> skipped >> one.name;
    if (!rights.starts_with('r') || one.name.starts_with("[v")) continue;
    std::istringstream limits{range};
    char dash = 0;
    limits >> std::hex >> one.begin >> dash >> one.end;
    if (one.name.empty()) one.name = "anonymous";
    all.push_back(one);
  }
  return all;
}

class memory_file {
 public:
  explicit memory_file(pid_t process)
      : descriptor_{::open(path_of(process, "mem").c_str(), O_RDONLY | O_CLOEXEC)} {}
  memory_file(memory_file const&) = delete;
  memory_file& operator=(memory_file const&) = delete;
  ~memory_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] bool open() const noexcept { return descriptor_ >= 0; }

  // What can be read from there on, at most that much.
  [[nodiscard]] std::string_view read(std::uint64_t from, std::size_t size) {
    buffer_.resize(size);
    auto const got = ::pread(descriptor_, buffer_.data(), size, static_cast<off_t>(from));
    return std::string_view{buffer_}.substr(0, got < 0 ? 0 : static_cast<std::size_t>(got));
  }

 private:
  int descriptor_;
  std::string buffer_;
};

std::string shown(std::string_view bytes, std::size_t at, std::size_t size) {
  auto const from = at - std::min(at, shown_around);
  std::string text{bytes.substr(from, at - from + size + shown_around)};
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '.');
  return text;
}

}  // namespace

memory_figures memory_of(pid_t process) {
  memory_figures found;
  std::istringstream lines{content_of(path_of(process, "status"))};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string name;
    std::size_t kibibytes = 0;
    words >> name >> kibibytes;
    if (name == "VmRSS:") found.resident = kibibytes * 1024;
    if (name == "VmHWM:") found.peak = kibibytes * 1024;
    if (name == "VmLck:") found.locked = kibibytes * 1024;
  }
  if (found.resident == 0) throw std::runtime_error{"the process has no memory"};
  return found;
}

bool can_read_memory(pid_t process) {
  memory_file file{process};
  auto const all = mappings_of(process);
  return file.open() && !all.empty() && !file.read(all.front().begin, 1).empty();
}

std::vector<memory_place> find_in_memory(pid_t process, std::vector<std::string> const& texts) {
  std::size_t longest = 0;
  for (auto const& text : texts) longest = std::max(longest, text.size());
  memory_file file{process};
  std::vector<memory_place> places;
  for (auto const& one : mappings_of(process)) {
    // What begins before the end of a piece is whole in it.
    for (auto from = one.begin; from < one.end; from += piece_size) {
      auto const bytes = file.read(from, std::min(one.end - from, piece_size + longest));
      for (auto const& text : texts) {
        for (auto at = bytes.find(text); at < piece_size; at = bytes.find(text, at + 1)) {
          if (places.size() == places_max) return places;
          places.push_back({one.name, from - one.begin + at, shown(bytes, at, text.size())});
        }
      }
    }
  }
  return places;
}

}  // namespace wixtokend::test
