#pragma once
// Calendar times as text, in the two forms that replies and tokens need.

#include "base/time.hpp"

#include <string>

namespace wixtokend::emulator {

/// `2026-11-23T12:00:00.000Z`, as `signDate` and `expirationDate` in tokens (docs/upstream.md
/// U-40).
[[nodiscard]] std::string iso8601(wall_time when);

/// `Mon, 23 Nov 2026 12:00:00 GMT`: the IMF-fixdate of RFC 9110 section 5.6.7.
[[nodiscard]] std::string http_date(wall_time when);

}  // namespace wixtokend::emulator
