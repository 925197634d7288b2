#pragma once
// How long the daemon serves on after it was told to stop: pure.

#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace wixtokend::daemon {

/// After this long without a connection nobody is taken to need the daemon any more.
inline constexpr duration quiet_enough = std::chrono::seconds{1};

/// Who is connected, and how many have been so far: a connection may be shorter than the time
/// between two looks.
struct connection_counts {
  std::size_t now = 0;
  std::uint64_t so_far = 0;
};

/// Over when its time is, or when nobody has been connected for `quiet_enough`. A load balancer or
/// a caller that reconnects within that time is still served.
class grace_period {
 public:
  grace_period(instant begin, duration length) noexcept : end_{saturating_add(begin, length)} {}

  /// To be asked every now and then, with what is so at the moment.
  [[nodiscard]] bool over(instant now, connection_counts connections) noexcept {
    if (now >= end_) return true;
    bool const somebody_came = std::exchange(so_far_, connections.so_far) != connections.so_far;
    if (connections.now > 0 || somebody_came) {
      quiet_since_.reset();
      return false;
    }
    if (!quiet_since_) quiet_since_ = now;
    return now - *quiet_since_ >= quiet_enough;
  }

 private:
  instant end_;
  std::uint64_t so_far_ = 0;
  std::optional<instant> quiet_since_;
};

}  // namespace wixtokend::daemon
