#pragma once
// JSON that comes from outside, read without trust: bounded, never throwing, wiped after use.

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace wixtokend::wix {

/// How deep JSON from outside may be nested. The deepest place that is read is
/// `details.applicationError.code`, level 3.
inline constexpr unsigned json_depth_max = 16;

/// Parses one JSON object (RFC 8259: UTF-8, no byte order mark, nothing behind it). Of equal keys
/// the last one counts. All memory of the returned tree is wiped when it is freed, since tokens
/// come in it; views of its strings live as long as the tree.
/// @param text  Of bounded size: the tree takes some twenty times as much.
/// @returns nothing if `text` is anything else, or is nested too deep.
[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view text);

/// The string at `key`; empty if there is none or it is no string.
[[nodiscard]] std::string_view string_at(boost::json::object const& object,
                                         std::string_view key) noexcept;

/// The object at `key`; null if there is none.
[[nodiscard]] boost::json::object const* object_at(boost::json::object const& object,
                                                   std::string_view key) noexcept;

/// Unix seconds at `key`, as a number or as a decimal string: docs/upstream.md U-33 shows both.
/// A fraction is dropped. @returns nothing for anything else, and outside of 0 to year 9999.
[[nodiscard]] std::optional<std::int64_t> unix_seconds_at(boost::json::object const& object,
                                                          std::string_view key) noexcept;

/// A number, or a string that holds one (digits, optionally with sign and fraction, and nothing
/// else). Numbers beyond the range of `double` are infinite.
[[nodiscard]] std::optional<double> number_in(boost::json::value const& value) noexcept;

}  // namespace wixtokend::wix
