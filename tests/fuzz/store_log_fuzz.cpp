// Any bytes as SQLite's log: never a crash. A log as SQLite writes it is sound, wherever it is cut
// off; one flipped bit in a transaction that two more follow is damage.
// Input: a byte that says where the log is cut or changed, and three more of the place; then the
// log: as it is, and as the plan of a sound one, a byte a frame.
#include "store/wal_check.hpp"
#include "support/fuzzing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend;
using test::require;

namespace {

constexpr std::size_t header_size = 32;
constexpr std::size_t page_size = 512;
constexpr std::size_t frame_size = 24 + page_size;
constexpr std::size_t frames_max = 24;

void put(std::string& into, std::uint32_t value) {
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    into += static_cast<char>(value >> (shift - 8) & 0xffU);
  }
}

// https://sqlite.org/fileformat2.html#walformat, section 4.1
struct checksum {
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  bool is_big_endian = false;

  void add(std::string_view bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += word(bytes, at) + second;
      second += word(bytes, at + 4) + first;
    }
  }
  [[nodiscard]] std::uint32_t word(std::string_view bytes, std::size_t at) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      auto const shift = 8 * (is_big_endian ? 3 - i : i);
      value |= std::uint32_t{static_cast<std::uint8_t>(bytes[at + i])} << shift;
    }
    return value;
  }
};

struct sound_log {
  std::string bytes;
  std::vector<std::size_t> commits;  // the frames that end a transaction
};

// Each byte of the plan is a frame: the lowest bit says whether it commits, the others its content.
sound_log write_log(std::string_view plan, bool is_big_endian) {
  sound_log log;
  put(log.bytes, is_big_endian ? 0x377f0683U : 0x377f0682U);
  put(log.bytes, 3007000);
  put(log.bytes, page_size);
  put(log.bytes, 0);
  std::string const salts = "saltsalt";
  log.bytes += salts;
  checksum sum;
  sum.is_big_endian = is_big_endian;
  sum.add(log.bytes);
  put(log.bytes, sum.first);
  put(log.bytes, sum.second);
  for (std::size_t i = 0; i < std::min(plan.size(), frames_max); ++i) {
    bool const commits = (static_cast<std::uint8_t>(plan[i]) & 1U) != 0;
    if (commits) log.commits.push_back(i);
    std::string frame;
    put(frame, static_cast<std::uint32_t>(i + 1));  // no page twice
    put(frame, commits ? 5 : 0);
    std::string const page(page_size, plan[i]);
    sum.add(frame);
    sum.add(page);
    frame += salts;
    put(frame, sum.first);
    put(frame, sum.second);
    log.bytes.append(frame).append(page);
  }
  return log;
}

void check_sound(sound_log const& log, std::size_t place) {
  require(!store::log_is_damaged(log.bytes));
  require(!store::log_is_damaged(std::string_view{log.bytes}.substr(0, place)));
}

void check_flipped(sound_log log, std::size_t place, unsigned bit) {
  if (log.commits.size() < 3 || place < header_size) return;
  auto const last_covered = log.commits[log.commits.size() - 3];
  if ((place - header_size) / frame_size > last_covered) return;
  auto& byte = log.bytes[place];
  byte = static_cast<char>(static_cast<std::uint8_t>(byte) ^ (1U << bit));
  require(store::log_is_damaged(log.bytes));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  test::input_reader input{test::as_text(data, size)};
  auto const mode = input.byte();
  auto const place = static_cast<std::size_t>(input.number(3));
  auto const bytes = input.rest();

  // What is found in the beginning of a log is not undone by what follows.
  auto const part = bytes.substr(0, place % (bytes.size() + 1));
  if (store::log_is_damaged(part)) require(store::log_is_damaged(bytes));

  auto const log = write_log(bytes, (mode & 8U) != 0);
  auto const within = place % log.bytes.size();
  check_sound(log, within);
  check_flipped(log, within, mode & 7U);
  return 0;
}
