#pragma once
// Lengths of time on the command line.

#include <chrono>
#include <optional>
#include <string_view>

namespace wixtokend::cli {

/// Reads `30`, `0.5`, `30s`, `500ms`, `5m`, `1h`; a bare number is of seconds. At most ten years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_length(std::string_view text) noexcept;

}  // namespace wixtokend::cli
