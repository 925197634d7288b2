#include "core/backoff.hpp"

#include "core/refresh_policy.hpp"

#include <algorithm>
#include <array>

namespace wixtokend::core {

duration doubled(duration first, unsigned times, duration max) noexcept {
  auto delay = first;
  for (unsigned i = 1; i < times && delay < max; ++i) delay *= 2;
  return std::min(delay, max);
}

duration transient_delay(unsigned failures, std::optional<duration> remaining, double draw,
                         engine_policy const& policy) noexcept {
  auto delay = doubled(policy.backoff_first, failures, policy.backoff_max);
  if (remaining) delay = std::min(delay, scaled(*remaining, policy.backoff_remaining_fraction));
  delay = scaled(delay, policy.jitter_from + (1 - policy.jitter_from) * draw);
  return std::max(delay, policy.backoff_min);
}

duration caller_delay(unsigned attempts) noexcept {
  constexpr std::array<duration, 3> quick{100ms, 300ms, 900ms};
  if (attempts == 0) return {};
  if (attempts <= quick.size()) return quick[attempts - 1];
  return doubled(1s, attempts - static_cast<unsigned>(quick.size()), 10s);
}

}  // namespace wixtokend::core
