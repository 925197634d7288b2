#pragma once
// How long to wait after a failure: pure rules.

#include "base/time.hpp"
#include "core/policy.hpp"

#include <optional>

namespace wixtokend::core {

/// The background delay after the `failures`-th transient failure in a row (from 1).
/// @param remaining  What is left of a usable token, if there is one: the delay is at most a
///                   quarter of it, so that several attempts fit into the rest.
/// @param draw       Uniform in [0, 1).
[[nodiscard]] duration transient_delay(unsigned failures, std::optional<duration> remaining,
                                       double draw, engine_policy const& policy) noexcept;

/// The delay before the next attempt while callers wait, after `attempts` failed ones (from 1):
/// 0.1, 0.3, 0.9 s, then 1 s doubling to 10 s.
[[nodiscard]] duration caller_delay(unsigned attempts) noexcept;

/// `first` doubled for each repetition after the first (`times` from 1), at most `max`.
[[nodiscard]] duration doubled(duration first, unsigned times, duration max) noexcept;

}  // namespace wixtokend::core
