#pragma once
// A rate limit that can be proven: in any window at most rate × window + burst.

#include "base/time.hpp"

#include <cstddef>

namespace wixtokend::core {

/// The generic cell rate algorithm (ITU-T I.371), in integers: one instant instead of a count.
class token_bucket {
 public:
  /// @param per_second  Greater than 0.
  /// @param burst       How many may go at once after a pause; at least 1.
  token_bucket(double per_second, std::size_t burst) noexcept;

  /// Another rate from now on. What was taken stays taken. However it changes, any window sees at
  /// most the greatest of the rates × window + the greatest of the bursts, as long as no burst is
  /// more than one second of its rate (or 1).
  void set_rate(double per_second, std::size_t burst) noexcept;

  /// When the next one may go; in the past if it may go now.
  [[nodiscard]] instant available_at() const noexcept;

  /// Takes one if it may go now. Time may stand still or step back: nothing is gained by it.
  bool try_take(instant now) noexcept;

 private:
  double per_second_ = 0;
  std::size_t burst_ = 0;
  duration interval_{};
  duration tolerance_{};
  instant next_ = instant::min();  ///< when the next would go if none were early
};

}  // namespace wixtokend::core
