#pragma once
// What the control API shows, as JSON.

#include "base/instance_id.hpp"
#include "base/time.hpp"
#include "emulator/routes.hpp"
#include "emulator/upstream_state.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace wixtokend::emulator {

/// Totals by route, connections, and the `limit` instances with the most mints.
[[nodiscard]] std::string counters_view(upstream_state const& state, std::size_t limit);

/// The last `limit` arrivals in microseconds since counting began, and the most that any window
/// holds.
[[nodiscard]] std::string arrivals_view(counters const& counted, std::optional<route> only,
                                        std::chrono::milliseconds window, std::size_t limit);

/// One instance: its state and its counters.
[[nodiscard]] std::string instance_view(upstream_state const& state, instance_key const& key);

/// Virtual time and how far it is ahead.
[[nodiscard]] std::string time_view(upstream_state const& state, wall_time real);

}  // namespace wixtokend::emulator
