#pragma once
// Durations as people write them: "30s", "5m", "1h30m", "250ms".

#include "base/error.hpp"
#include "base/time.hpp"

#include <string>
#include <string_view>

namespace wixtokend::daemon {

/// The longest duration that can be written: ten years.
inline constexpr duration duration_text_max = std::chrono::hours{24 * 3650};

/// Reads whole numbers with the units `h`, `m`, `s` and `ms`, each at most once and in this order.
/// No blanks, signs or fractions, and no number without its unit (so that nobody guesses one).
/// @returns `invalid_number` for anything else, or beyond `duration_text_max`.
[[nodiscard]] result<duration> parse_duration(std::string_view text) noexcept;

/// Writes so that `parse_duration` reads the same: "1h30m", "0s". Less than a millisecond is cut
/// off; not for negative durations.
[[nodiscard]] std::string format_duration(duration length);

}  // namespace wixtokend::daemon
