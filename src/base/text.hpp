#pragma once
// Small, strict text functions that more than one folder needs.

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wixtokend {

/// Reads an unsigned decimal number: digits only, no sign, no blanks.
/// @returns `invalid_number` if it is empty, has another character, or exceeds `max`.
[[nodiscard]] result<std::uint64_t> parse_decimal(std::string_view text,
                                                  std::uint64_t max = UINT64_MAX) noexcept;

/// Text from outside, fit for a log line or an error text: in double quotes, control and non-ASCII
/// bytes, quotes and backslashes escaped as `\xNN`, cut after `size_max` input bytes with `…`.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t size_max = 120);

/// Compares ASCII letters without case; header names and schemes are compared so.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

/// A figure for people: three significant digits, those before the point always in full, without
/// exponent and without needless zeros: "0.00463", "1.5", "86400". Also a JSON number.
/// @param value  Finite.
[[nodiscard]] std::string figure(double value);

/// True if the bytes are valid UTF-8 (RFC 3629: no overlong forms, no surrogates).
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

}  // namespace wixtokend
