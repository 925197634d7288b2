#pragma once
// Counts requests against a rate, apart from the engine's own bucket.

#include "base/time.hpp"

#include <algorithm>

namespace wixtokend::sim {

/// A bucket that leaks at the rate and holds the burst: it overflows exactly when some window that
/// ends now has seen more than rate × window + burst. When the rate changes, each part of a window
/// counts with the rate that was in force then, and the burst is the greatest that was in force
/// since the bucket was last empty (no longer window can be the one that overflows). A limiter that
/// remembers its debt as a time lets it shrink with the rate, by a burst at most and one for its
/// rounding, so each change allows that much; `rate of then × window` would be far more.
class leaky_bucket {
 public:
  leaky_bucket(double rate, double burst) noexcept : rate_{rate}, burst_{burst}, most_{burst} {}

  void configure(double rate, double burst, instant now) noexcept {
    leak(now);
    rate_ = rate;
    burst_ = burst;
    most_ = level_ <= 0 ? burst : std::max(most_, burst);
    changes_ = level_ <= 0 ? 0 : changes_ + 1;
  }

  /// Counts one. @returns false if it is too many.
  bool take(instant now) noexcept {
    leak(now);
    level_ += 1;
    return level_ <= burst() + 1e-6;
  }

  /// A burst that is allowed once more.
  void forgive() noexcept { level_ = std::max(0.0, level_ - burst_); }

  [[nodiscard]] double level() const noexcept { return level_; }
  [[nodiscard]] double burst() const noexcept {
    return changes_ == 0 ? most_ : most_ * changes_ + 1;
  }

 private:
  void leak(instant now) noexcept {
    auto const passed = std::chrono::duration<double>(now - at_).count();
    at_ = std::max(at_, now);
    level_ -= std::max(passed, 0.0) * rate_;
    if (level_ > 0) return;
    level_ = 0;
    most_ = burst_;
    changes_ = 0;
  }

  double rate_;
  double burst_;
  double most_;
  int changes_ = 0;  ///< of the rate, since the bucket was last empty
  double level_ = 0;
  instant at_{};
};

}  // namespace wixtokend::sim
