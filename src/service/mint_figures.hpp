#pragma once
// What has become of one app's attempts since the start, in numbers.

#include "base/instance_id.hpp"
#include "base/time.hpp"
#include "core/engine_types.hpp"
#include "observe/histogram.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace wixtokend::service {

/// What an attempt came to, as it is counted: a token, or a class of failure.
inline constexpr std::size_t mint_result_count = 5;
/// 0 is a token, then the failure classes in their order.
[[nodiscard]] constexpr std::size_t mint_result_of(core::failure const* failed) noexcept {
  return failed == nullptr ? 0 : static_cast<std::size_t>(failed->kind) + 1;
}
[[nodiscard]] inline char const* mint_result_name(std::size_t result) noexcept {
  return result == 0 ? "minted" : core::to_string(static_cast<core::failure_class>(result - 1));
}

/// One attempt that failed.
struct failed_attempt {
  instance_id instance;
  wall_time at{};
  core::failure why;
};

/// Of one app. The counts only rise.
struct mint_figures {
  static constexpr std::size_t last_failures_max = 5;

  std::array<std::array<std::uint64_t, mint_result_count>, core::lane_count> attempts{};
  observe::histogram durations{observe::latency_bounds};  ///< of attempts, in seconds
  std::array<std::uint64_t, core::rejection_count> rejections{};
  std::deque<failed_attempt> last_failures;  ///< the newest first
};

}  // namespace wixtokend::service
