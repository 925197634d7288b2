#pragma once
// Text from outside on its way to a terminal.

#include <cstddef>
#include <string>
#include <string_view>

namespace wixtokend::cli {

/// The text, without what a terminal would obey or what hides text: control characters, those that
/// change the direction of writing, and bytes that are no UTF-8 are escaped (`\x1b`, `\u{202e}`).
[[nodiscard]] std::string printable(std::string_view text);

/// How many columns a printable text takes.
[[nodiscard]] std::size_t columns_of(std::string_view text) noexcept;

/// A printable text that takes at most so many columns; `…` says that it was cut.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns_max);

/// Filled with blanks to at least so many columns.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns);
[[nodiscard]] std::string padded_left(std::string_view text, std::size_t columns);

/// A whole number for people: `1,234,567`.
[[nodiscard]] std::string grouped(unsigned long long number);

}  // namespace wixtokend::cli
