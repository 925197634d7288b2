#pragma once
// Lengths of time and dates for people.

#include <cstdint>
#include <optional>
#include <string>

namespace wixtokend::cli {

/// `45 s`, `12 min`, `3 h 59 min`, `2 d 4 h`; below zero: 0 s.
[[nodiscard]] std::string length_text(std::int64_t seconds);

/// The same in at most six columns: `45s`, `12m`, `3h59m`, `2d4h`.
[[nodiscard]] std::string short_length(std::int64_t seconds);

/// How far a date is from now: `in 3 h 59 min`, `12 min ago`, `now`; unset: `-`.
[[nodiscard]] std::string distance_text(std::optional<std::int64_t> when, std::int64_t now);

/// `2026-01-31T12:00:00Z`.
[[nodiscard]] std::string date_text(std::int64_t when);

}  // namespace wixtokend::cli
