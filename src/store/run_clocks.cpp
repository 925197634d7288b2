#include "store/run_clocks.hpp"

#include <algorithm>
#include <limits>

namespace wixtokend::store {
namespace {

using rep = duration::rep;

duration saturating_sum(duration left, duration right) noexcept {
  rep sum = 0;
  if (!__builtin_add_overflow(left.count(), right.count(), &sum)) return duration{sum};
  return left.count() < 0 ? duration::min() : duration::max();
}

duration saturating_difference(duration left, duration right) noexcept {
  rep difference = 0;
  if (!__builtin_sub_overflow(left.count(), right.count(), &difference)) {
    return duration{difference};
  }
  return left.count() < 0 ? duration::min() : duration::max();
}

// Milliseconds of the calendar may exceed what nanoseconds can count.
duration wall_difference(wall_time from, wall_time to) noexcept {
  using std::chrono::milliseconds;
  milliseconds::rep difference = 0;
  if (__builtin_sub_overflow(to.time_since_epoch().count(), from.time_since_epoch().count(),
                             &difference)) {
    difference = to < from ? std::numeric_limits<milliseconds::rep>::min()
                           : std::numeric_limits<milliseconds::rep>::max();
  }
  auto const limit = std::chrono::duration_cast<milliseconds>(run_clocks::elapsed_max);
  return std::clamp(milliseconds{difference}, -limit, limit);
}

instant_mapping mapping_of(run_stamp const& run, time_stamp const& now, std::string const& boot_id,
                           bool wall_is_late) {
  auto const by_wall = wall_difference(run.last.wall, now.wall);
  duration elapsed{};
  bool certain = false;
  if (!boot_id.empty() && run.boot_id == boot_id) {
    elapsed = saturating_difference(now.boot, run.last.boot);
    certain = elapsed >= duration{};
    bool const both_right = run.last.synchronised && now.synchronised;
    if (both_right && by_wall > saturating_sum(elapsed, run_clocks::clock_difference_max)) {
      elapsed = by_wall;
    }
  } else {
    elapsed = by_wall;
    certain = wall_is_late && elapsed >= duration{};
  }
  elapsed = std::clamp(elapsed, duration{}, run_clocks::elapsed_max);
  return {now.now, run.last.now, elapsed, certain};
}

}  // namespace

instant instant_mapping::operator()(instant written) const noexcept {
  if (written == never || written == instant::min()) return written;
  if (!known_) return now_;
  auto const ahead = saturating_difference(written.time_since_epoch(), stamp_.time_since_epoch());
  return instant{saturating_sum(saturating_difference(now_.time_since_epoch(), elapsed_), ahead)};
}

run_clocks::run_clocks(std::map<std::int64_t, run_stamp> const& runs, time_stamp const& now,
                       std::string const& boot_id)
    : unknown_{now.now} {
  bool const wall_is_late =
      std::ranges::all_of(runs, [&](auto const& run) { return run.second.last.wall <= now.wall; });
  for (auto const& [number, run] : runs) {
    mappings_.emplace(number, mapping_of(run, now, boot_id, wall_is_late));
  }
}

instant_mapping const& run_clocks::of(std::int64_t run) const noexcept {
  auto const found = mappings_.find(run);
  return found == mappings_.end() ? unknown_ : found->second;
}

}  // namespace wixtokend::store
