#pragma once
// What a reply's headers say about time: `Date`, `Age`, `Retry-After`.

#include "base/time.hpp"
#include "http/message.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace wixtokend::wix {

/// A longer `Retry-After` counts as this (docs/upstream.md U-60).
inline constexpr std::chrono::seconds retry_after_max{3600};

/// A local clock that is further off than this is worth a warning (docs/upstream.md U-20).
inline constexpr std::chrono::seconds clock_offset_tolerated{60};

/// Reads a date in any of the three forms of RFC 9110 section 5.6.7. The name of the weekday is
/// not compared with the date. @returns nothing if it is none of them, or no date of a calendar.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_http_date(
    std::string_view text) noexcept;

/// What the upstream's clock showed when the reply came: `Date`, plus `Age` if a cache in between
/// kept the reply (RFC 9110 section 6.6.1, RFC 9111 section 5.1; docs/upstream.md U-12).
/// @returns nothing without a readable `Date`.
[[nodiscard]] std::optional<std::chrono::sys_seconds> upstream_clock(
    http::fields const& headers) noexcept;

/// How long the upstream asks to wait, more than nothing and at most `retry_after_max`. A date is
/// measured against the reply's own `Date`, without one against the local clock.
/// @returns nothing if there is no `Retry-After`, or it is unreadable, zero, or past (U-60).
[[nodiscard]] std::optional<duration> retry_after(http::fields const& headers,
                                                  wall_time received) noexcept;

/// How far the local clock is ahead of the upstream's (negative: behind), to a second or so.
/// @returns nothing without a readable `Date`.
[[nodiscard]] std::optional<std::chrono::seconds> clock_offset(http::fields const& headers,
                                                               wall_time received) noexcept;

}  // namespace wixtokend::wix
