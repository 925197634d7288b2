#pragma once
// A clock that moves only when a test says so.

#include "async/time_source.hpp"

namespace wixtokend::test {

/// Drives the loop as well: whatever is ready runs before the clock moves on, and every wait ends
/// at its own instant, in order. Nothing here takes real time.
class virtual_time final : public time_source {
 public:
  /// Begins at an arbitrary instant, 2026-01-01T00:00:00Z by the wall clock.
  /// @param turns_max  So many turns of the loop without rest, or waits within one advance, are
  ///                   taken for a coroutine that waits for the present again and again.
  explicit virtual_time(event_loop& loop, int turns_max = 1'000'000);

  [[nodiscard]] instant now() const noexcept override { return now_; }
  [[nodiscard]] wall_time wall_now() const noexcept override;

  /// Runs the loop until nothing is ready.
  void settle();

  /// Moves the clock on by `length`, step by step from one wait to the next.
  void advance(duration length);

  /// Moves the clock to the soonest wait and runs it. @returns false if nobody waits.
  bool step();

  /// The machine sleeps for `length`: both clocks go on, and nothing runs until the next step.
  void jump(duration length) noexcept { now_ = saturating_add(now_, length); }

  /// Sets the wall clock forward or back, as an administrator does; `now()` stays.
  void step_wall(std::chrono::milliseconds by) noexcept { wall_offset_ += by; }

  /// When the soonest wait ends; `never` if there is none.
  [[nodiscard]] instant next_wait() const noexcept { return queue().earliest(); }

  /// How many waits are pending.
  [[nodiscard]] std::size_t waits() const noexcept { return queue().size(); }

 private:
  void earliest_changed() override;

  event_loop& loop_;
  int turns_max_;
  instant now_{std::chrono::hours{1}};
  std::chrono::milliseconds wall_offset_;
};

}  // namespace wixtokend::test
