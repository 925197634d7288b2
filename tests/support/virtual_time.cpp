#include "support/virtual_time.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <stdexcept>

namespace wixtokend::test {
namespace {

constexpr std::chrono::seconds start_since_epoch{1767225600};  // 2026-01-01T00:00:00Z

std::chrono::milliseconds whole_milliseconds(instant at) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch());
}

}  // namespace

virtual_time::virtual_time(event_loop& loop, int turns_max)
    : time_source{loop},
      loop_{loop},
      turns_max_{turns_max},
      wall_offset_{start_since_epoch - whole_milliseconds(now_)} {}

wall_time virtual_time::wall_now() const noexcept {
  return wall_time{wall_offset_ + whole_milliseconds(now_)};
}

// A wait for the past or the present is over without the clock being moved.
void virtual_time::earliest_changed() {
  if (queue().earliest() <= now_) asio::post(loop_, [this] { run_due(); });
}

void virtual_time::settle() {
  for (int turn = 0; turn < turns_max_; ++turn) {
    loop_.restart();  // a loop that ran out of work refuses more until told so
    if (loop_.poll_one() == 0) return;
  }
  throw std::runtime_error{"the loop does not come to rest"};
}

void virtual_time::advance(duration length) {
  auto const target = saturating_add(now_, length);
  settle();
  for (int turn = 0; queue().earliest() <= target && queue().size() != 0; ++turn) {
    if (turn == turns_max_) throw std::runtime_error{"too many waits within one advance"};
    step();
  }
  now_ = target;
  settle();
}

bool virtual_time::step() {
  settle();
  if (queue().size() == 0) return false;
  now_ = std::max(now_, queue().earliest());
  run_due();
  settle();
  return true;
}

}  // namespace wixtokend::test
