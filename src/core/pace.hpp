#pragma once
// How fast the upstream lets requests come: learnt from what it throttles and how it recovers.

#include "base/time.hpp"
#include "core/policy.hpp"

#include <cstddef>

namespace wixtokend::core {

/// Requests per second at this moment: halved when the upstream throttles and regained step by
/// step; begun anew from a part of it when the upstream comes back. Never above the ceiling.
class pace {
 public:
  /// @param ceiling  Requests per second, greater than 0.
  pace(double ceiling, engine_policy const& policy) noexcept;

  [[nodiscard]] double rate(instant now) const noexcept;

  /// The upstream asked for fewer requests. Counts once for answers that come together.
  void throttled(instant now) noexcept;
  /// The upstream is back: ramp up instead of falling over it.
  void resume(instant now) noexcept { ramp_since_ = now; }
  /// Another ceiling; what was learnt stays if it is lower.
  void set_ceiling(double ceiling, instant now) noexcept;

  /// Whether the rate is below the ceiling.
  [[nodiscard]] bool is_limited(instant now) const noexcept { return rate(now) < ceiling_; }
  /// The upstream is known to let no more through: found out before a restart.
  void limit(double rate, instant now) noexcept;

  [[nodiscard]] double ceiling() const noexcept { return ceiling_; }

 private:
  [[nodiscard]] double learnt(instant now) const noexcept;
  [[nodiscard]] double least() const noexcept;

  engine_policy const& policy_;
  double ceiling_;
  double level_;  ///< what was learnt at `since_`
  instant since_ = instant::min();
  instant ramp_since_ = instant::min();
};

/// One second's worth of requests, at least one: how many may go at once after a pause.
[[nodiscard]] std::size_t burst_of(double per_second) noexcept;

}  // namespace wixtokend::core
