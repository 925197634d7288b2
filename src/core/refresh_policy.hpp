#pragma once
// When is a token refreshed, and until when may it be handed out: pure rules of its life.

#include "base/time.hpp"
#include "core/policy.hpp"

namespace wixtokend::core {

/// What is kept off the end of a life: `usable_until = expires_at - margin`.
/// @param assumed  The upstream named no life.
[[nodiscard]] duration margin_of(duration life, bool assumed, engine_policy const& policy) noexcept;

/// How long after it was sent a token is refreshed.
/// @param draw  Uniform in [0, 1), drawn once per generation and never again: drawn at each check,
///              the refreshes of a fleet would crowd at the window's early end.
[[nodiscard]] duration refresh_after(duration life, double draw,
                                     engine_policy const& policy) noexcept;

/// For how long nobody must have asked before an instance counts as idle.
[[nodiscard]] duration idle_after(duration life, engine_policy const& policy) noexcept;

/// `length × factor`, factor not negative.
[[nodiscard]] duration scaled(duration length, double factor) noexcept;

}  // namespace wixtokend::core
