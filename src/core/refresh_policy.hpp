#pragma once
// When is a token refreshed, and until when may it be handed out: pure rules of its life.

#include "base/time.hpp"
#include "core/policy.hpp"
#include "core/upstream.hpp"

namespace wixtokend::core {

/// Whatever comes in, a life is counted from the past and is of a length that can be reckoned with.
void bound_life(minted& token, engine_policy const& policy, instant now) noexcept;

/// What is kept off the end of a life: `usable_until = expires_at - margin`.
/// @param assumed  The upstream named no life.
[[nodiscard]] duration margin_of(duration life, bool assumed, engine_policy const& policy) noexcept;

/// How long after it was sent a token is refreshed in the ordinary course.
/// @param draw  Uniform in [0, 1), drawn once per generation and never again: drawn at each check,
///              the refreshes of a fleet would crowd at the window's early end.
[[nodiscard]] duration refresh_after(duration life, double draw, resilience how,
                                     engine_policy const& policy) noexcept;

/// The same for a token that follows none: somewhere on the way to its ordinary instant, as if the
/// instance had been refreshed for ever and were looked at now. So a fleet that was minted at once
/// is spread over a whole life from its first generation on, and stays so.
/// @param ordinary  From `refresh_after`.
/// @param draw      Uniform in [0, 1), another one.
[[nodiscard]] duration spread_refresh(duration ordinary, double draw,
                                      engine_policy const& policy) noexcept;

/// The same for a token that came later than planned: it keeps its place in the order of
/// refreshes, so that what an outage has delayed does not come as one wave a life later.
/// @param delay  From the instant that was drawn for its predecessor to the request, >= 0.
[[nodiscard]] duration refresh_in_turn(duration ordinary, duration delay, duration life,
                                       engine_policy const& policy) noexcept;

/// Mints per second that keeping one instance warm takes in the ordinary course.
[[nodiscard]] double demand_of(duration life, resilience how, engine_policy const& policy) noexcept;

/// For how long nobody must have asked before an instance counts as idle.
[[nodiscard]] duration idle_after(duration life, app_policy const& app,
                                  engine_policy const& policy) noexcept;

/// `length × factor`, factor not negative.
[[nodiscard]] duration scaled(duration length, double factor) noexcept;

}  // namespace wixtokend::core
