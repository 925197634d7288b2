#pragma once
// The authorization codes that are waiting to be exchanged.

#include "base/error.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace wixtokend::emulator {

/// Knows which codes can still be exchanged, by their serial numbers: each once, within ten minutes
/// (docs/upstream.md U-22, U-24). Not synchronised.
class authorization_codes {
 public:
  static constexpr std::chrono::minutes life{10};
  static constexpr std::size_t waiting_max = 100'000;

  /// @returns `too_many_requests` if `waiting_max` codes are waiting and none has expired.
  result<void> issue(std::uint64_t serial, wall_time now);

  /// True if the code may be exchanged now; it cannot be a second time.
  [[nodiscard]] bool redeem(std::uint64_t serial, wall_time now);

  void clear() { waiting_.clear(); }

 private:
  std::unordered_map<std::uint64_t, wall_time> waiting_;  // to the moment at which it is dead
};

}  // namespace wixtokend::emulator
