#include "store/wal_check.hpp"

#include "store/store_world.hpp"

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;

constexpr std::size_t frame = 24 + 4096;

// The log of a store that was killed after some commits.
std::string log_of_commits(unsigned count) {
  store_world w;
  REQUIRE(w.start() == "");
  for (unsigned i = 0; i < count; ++i) REQUIRE(w.put(i, "token").has_value());
  w.kill();
  return bytes_of(w.file + "-wal");
}

bool commits(std::string const& log, std::size_t which) {
  auto const at = 32 + which * frame + 4;
  return log.substr(at, 4) != std::string(4, '\0');
}

TEST_SUITE("store.wal_check") {
  TEST_CASE("a sound log, an empty one, and one that was cut off are no damage") {
    auto const log = log_of_commits(5);
    CHECK_FALSE(log_is_damaged(log));
    CHECK_FALSE(log_is_damaged(""));
    for (std::size_t size = 0; size < log.size(); size += 517) {
      CHECK_FALSE(log_is_damaged(log.substr(0, size)));
    }
  }

  TEST_CASE("a changed bit in a transaction that was followed by another is damage") {
    auto const log = log_of_commits(5);
    auto const frames = (log.size() - 32) / frame;
    std::size_t last = frames;  // the first frame of the last transaction
    for (auto at = frames - 1; at > 0 && (at == frames - 1 || !commits(log, at - 1)); --at)
      last = at - 1;
    while (last > 0 && !commits(log, last - 1)) --last;
    for (std::size_t which = 0; which < frames; ++which) {
      for (std::size_t const at : {0U, 9U, 16U, 30U, 4000U}) {
        auto changed = log;
        auto& byte = changed[32 + which * frame + at];
        byte = static_cast<char>(byte ^ 16);
        CAPTURE(which);
        CAPTURE(at);
        if (which + 1 == frames) {
          CHECK_FALSE(log_is_damaged(changed));  // cannot be told from a torn write
        } else if (which + 2 < last) {
          CHECK(log_is_damaged(changed));
        }
      }
    }
  }

  TEST_CASE("a changed bit in the header is damage if there is something after it") {
    auto const log = log_of_commits(2);
    for (std::size_t bit = 0; bit < 32 * 8; ++bit) {
      auto changed = log;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      CHECK(log_is_damaged(changed));
      CHECK_FALSE(log_is_damaged(changed.substr(0, 32)));
    }
  }
}

}  // namespace
}  // namespace wixtokend::store
