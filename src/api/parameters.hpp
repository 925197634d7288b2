#pragma once
// Typed reading of query parameters; every problem names the parameter.

#include "api/errors.hpp"
#include "api/target.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace wixtokend::api {

/// Refuses parameters that are not among `known` (names separated by blanks), and any that is there
/// twice.
[[nodiscard]] checked<> allow_only(parameters const& given, std::string_view known);

/// The value of a parameter, if it is there.
[[nodiscard]] std::optional<std::string_view> find_parameter(parameters const& given,
                                                             std::string_view name) noexcept;

/// A length of time in seconds: decimal digits, and up to three more after a point.
/// @returns `fallback` if the parameter is absent; `invalid_parameter` if it exceeds `max`.
[[nodiscard]] checked<duration> read_seconds(parameters const& given, std::string_view name,
                                             duration fallback, duration max);

/// A whole number from `min` to `max`; `fallback` if the parameter is absent.
[[nodiscard]] checked<std::uint64_t> read_number(parameters const& given, std::string_view name,
                                                 std::uint64_t fallback, std::uint64_t min,
                                                 std::uint64_t max);

/// `true` or `false`; false if the parameter is absent.
[[nodiscard]] checked<bool> read_flag(parameters const& given, std::string_view name);

}  // namespace wixtokend::api
