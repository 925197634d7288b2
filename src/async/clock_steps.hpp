#pragma once
// The forward steps of the wall clock that count as time passed: a pure rule.

#include "base/time.hpp"

#include <chrono>

namespace wixtokend {

/// One look at both clocks, at the same moment.
struct clock_reading {
  std::chrono::nanoseconds boot{};  ///< CLOCK_BOOTTIME
  std::chrono::nanoseconds wall{};  ///< CLOCK_REALTIME

  /// Linux slews both clocks alike, and both follow the same drift: only a step changes this.
  [[nodiscard]] std::chrono::nanoseconds offset() const noexcept { return wall - boot; }
};

/// CLOCK_BOOTTIME stands still while the host pauses or snapshots the virtual machine; what shows
/// afterwards that time has passed is that the wall clock is stepped forward. Fed with readings,
/// this says how much time passed that CLOCK_BOOTTIME did not count.
///
/// A step counts if the wall clock was right before it: otherwise it only mends a wrong clock, as
/// the first synchronisation after a boot does. A backward step never counts.
class clock_steps {
 public:
  /// Less than this does not count, but it is not forgotten: several small steps add up. Leap
  /// seconds (1 s, and so far never forward) stay below, as do the corrections of a badly kept
  /// clock; so small an error is covered by the margin that is kept off every token's life.
  static constexpr duration ignored_max = std::chrono::seconds{2};
  /// No step counts for more: every life, pause and backoff is over by then, and instants stay far
  /// from overflow though somebody sets the year 2200.
  static constexpr duration step_max = std::chrono::hours{24 * 30};
  /// Two clocks cannot be read at once: below this a change of their offset is no step at all.
  static constexpr duration reading_error = std::chrono::milliseconds{10};

  clock_steps(clock_reading const& first, bool synchronised) noexcept
      : base_{first.offset()}, seen_{first.offset()}, synchronised_{synchronised} {}

  /// Whether the offset is what it was at the last reading, so that there is nothing to note.
  [[nodiscard]] bool unchanged(clock_reading const& now) const noexcept;

  /// Takes a reading. @returns the length that counts as time passed; mostly 0.
  duration note(clock_reading const& now) noexcept;

  /// Says whether the wall clock is right from now on. To be called after `note`: what matters for
  /// a step is the clock's state before it.
  void set_synchronised(bool synchronised) noexcept { synchronised_ = synchronised; }

  /// The sum of all that counted. Never falls.
  [[nodiscard]] duration counted() const noexcept { return counted_; }

 private:
  std::chrono::nanoseconds base_;  ///< the offset up to which everything is accounted for
  std::chrono::nanoseconds seen_;  ///< the offset at the last reading
  bool synchronised_;
  duration counted_{};
};

}  // namespace wixtokend
