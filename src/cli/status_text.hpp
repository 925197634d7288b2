#pragma once
// How the daemon does, as a page of text. Pure.

#include "wixtoken/status.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wixtokend::cli {

/// `first token lapses in 12m, 5 % in 2h, half in 3h40m`; `no usable token` if there is none.
[[nodiscard]] std::string budget_text(wixtoken::outage_budget const& budget);

/// `warm 10,790, stale 3, …`; states that nothing is in are left out.
[[nodiscard]] std::string states_text(wixtoken::state_counts const& states);

/// `closed`, or what else holds requests back, with what it means.
[[nodiscard]] std::string breaker_text(wixtoken::app_status const& app);

/// `3 h 59 min  429 throttled …`: a line for each of the latest failures.
[[nodiscard]] std::vector<std::string> error_lines(wixtoken::app_status const& app,
                                                   std::int64_t now);

/// The page of `wixtoken status`. @param reasons  Why the daemon is not ready. @param columns  Of
/// the terminal; 0: nothing is cut.
[[nodiscard]] std::string status_text(wixtoken::daemon_status const& status,
                                      std::vector<std::string> const& reasons, std::int64_t now,
                                      std::size_t columns);

}  // namespace wixtokend::cli
