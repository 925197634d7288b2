#pragma once
// Time as values: what the engine calculates with. Nothing here reads a clock.

#include <chrono>
#include <cstdint>

namespace wixtokend {

/// The clock of all deadlines: it never goes back, and it counts the time that the machine slept or
/// was paused (docs/adr/0002-boottime.md). No `now()` here: only `async/time_source` reads clocks.
struct boot_clock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<boot_clock, duration>;
  static constexpr bool is_steady = true;
};

using instant = boot_clock::time_point;
using duration = boot_clock::duration;

/// Calendar time, for people and for the upstream's dates; never for deadlines.
using wall_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

/// One moment by every clock there is, to tell later, perhaps after a restart, how long it is ago.
struct time_stamp {
  instant now{};                    ///< by the clock of deadlines
  std::chrono::nanoseconds boot{};  ///< by CLOCK_BOOTTIME itself, which a restart does not reset
  wall_time wall{};                 ///< by the calendar
  bool synchronised = false;        ///< whether the calendar was known to be right
};

/// A moment that never comes.
inline constexpr instant never = instant::max();

/// `when + length`, staying at `never` instead of overflowing. Lengths are not negative.
constexpr instant saturating_add(instant when, duration length) noexcept {
  return when > never - length ? never : when + length;
}

}  // namespace wixtokend
