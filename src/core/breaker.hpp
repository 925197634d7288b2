#pragma once
// Stops sending requests to an upstream that fails, and finds out when it is back.

#include "base/time.hpp"
#include "core/engine_types.hpp"
#include "core/policy.hpp"
#include "core/saved_state.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace wixtokend::core {

/// The circuit breaker of one endpoint. Opens after several transient failures in a row, or when
/// half of many fail; then lets a single probe through from time to time, until anything but a
/// transient failure comes back.
///
/// A row counts only if it is of two instances or more: one that fails again and again waits out
/// its own backoff and must not take the others along.
class breaker {
 public:
  explicit breaker(engine_policy const& policy) noexcept : policy_{policy} {}

  /// What came of a request: a transient failure of an instance...
  /// @param draw  Uniform in [0, 1), for the jitter of the pause that may follow.
  void failed(instance_key const& instance, bool was_probe, double draw, instant now) noexcept;
  /// ...or anything else. @returns true if that closes an open breaker.
  bool answered(instant now) noexcept;

  /// The one request that may go while the breaker is not closed is on its way, or came to nothing.
  void probe_started(instant now) noexcept;
  void probe_abandoned() noexcept { probing_ = false; }

  /// What outlives a restart.
  void save(saved_app& out) const noexcept;
  void restore(saved_app const& known, instant now) noexcept;

  [[nodiscard]] bool closed() const noexcept { return openings_ == 0; }
  /// When the next probe may go; `never` while one is under way, the past while closed.
  [[nodiscard]] instant probe_at(bool callers_wait) const noexcept;
  [[nodiscard]] breaker_state state(bool callers_wait, instant now) const noexcept;

 private:
  struct second {
    std::int64_t which = -1;
    std::uint32_t all = 0;
    std::uint32_t failed = 0;
  };
  second& cell(instant now) noexcept;
  [[nodiscard]] bool half_fail(instant now) const noexcept;
  void open(double draw, instant now) noexcept;

  engine_policy const& policy_;
  std::array<second, 16> seconds_{};
  unsigned row_ = 0;
  bool several_ = false;  ///< the row is of more than one instance
  instance_key last_failed_;
  unsigned openings_ = 0;  ///< in a row; 0: closed
  bool probing_ = false;
  instant last_probe_ = instant::min();  ///< when the last probe went out, or the breaker opened
  duration jittered_max_{};              ///< until the next probe while callers wait
  instant open_until_ = instant::min();
};

}  // namespace wixtokend::core
