#include "store/wal_check.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace wixtokend::store {
namespace {

constexpr std::size_t header_size = 32;
constexpr std::size_t frame_header_size = 24;

std::uint32_t big_endian(std::string_view bytes, std::size_t at) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8U | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at) noexcept {
  return __builtin_bswap32(big_endian(bytes, at));
}

struct checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;

  friend bool operator==(checksum const&, checksum const&) = default;

  // The log says in which byte order its words are summed.
  void add(std::string_view bytes, bool is_big_endian) noexcept {
    auto const word = is_big_endian ? big_endian : little_endian;
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += word(bytes, at) + second;
      second += word(bytes, at + 4) + first;
    }
  }
};

checksum stored_at(std::string_view bytes, std::size_t at) noexcept {
  return {big_endian(bytes, at), big_endian(bytes, at + 4)};
}

bool is_page_size(std::uint32_t size) noexcept {
  return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

}  // namespace

bool log_is_damaged(std::string_view log) noexcept {
  if (log.size() <= header_size) return false;  // nothing was committed to it
  bool const is_big_endian = (big_endian(log, 0) & 1U) != 0;
  auto const page_size = big_endian(log, 8);
  checksum before;
  before.add(log.substr(0, 24), is_big_endian);
  // The header is synced before the first frame is written.
  bool const header_is_sound = (big_endian(log, 0) & ~1U) == 0x377f0682U &&
                               is_page_size(page_size) && before == stored_at(log, 24);
  if (!header_is_sound) {
    return std::ranges::any_of(log.substr(header_size), [](char c) { return c != '\0'; });
  }

  auto const salts = log.substr(16, 8);
  auto const frame_size = frame_header_size + page_size;
  bool broken = false;            // a frame was bad
  std::uint32_t lost_commit = 0;  // and a commit came after, or was in it: its page
  std::uint32_t last_commit = 0;  // the page of the frame before, if that was a commit's
  for (auto rest = log.substr(header_size); rest.size() >= frame_size;
       rest.remove_prefix(frame_size)) {
    auto sum = before;
    sum.add(rest.substr(0, 8), is_big_endian);
    sum.add(rest.substr(frame_header_size, page_size), is_big_endian);
    bool const is_of_this_log = rest.substr(8, 8) == salts;
    bool const sound = is_of_this_log && sum == stored_at(rest, 16);
    auto const page = big_endian(rest, 0);
    bool const commits = big_endian(rest, 4) != 0;
    // Copies of the commit's frame fill up a sector on some disks: they belong to it. The end of
    // the last copy is synced with the next transaction only.
    bool const is_filling = commits && page == last_commit;
    last_commit = commits ? page : 0;
    if (sound && lost_commit != 0 && !is_filling) return true;
    if (!sound) broken = true;
    if (broken && is_of_this_log && commits && !is_filling) lost_commit = page;
    before = stored_at(rest, 16);
  }
  return false;
}

bool log_of_is_damaged(std::string const& file) {
  int const opened = ::open((file + "-wal").c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return false;
  bool damaged = false;
  struct stat is {};
  if (::fstat(opened, &is) == 0 && is.st_size > 0) {
    auto const size = static_cast<std::size_t>(is.st_size);
    auto* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, opened, 0);
    if (bytes != MAP_FAILED) {
      damaged = log_is_damaged({static_cast<char const*>(bytes), size});
      ::munmap(bytes, size);
    }
  }
  ::close(opened);
  return damaged;
}

}  // namespace wixtokend::store
