#pragma once
// The body of a Token Info answer.

#include "service/token_info.hpp"

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace wixtokend::wix {

/// Ids and names in a Token Info answer are cut to this (docs/upstream.md U-32: GUIDs, and a
/// product id of at most 100 characters).
inline constexpr std::size_t info_text_size_max = 128;

/// Reads the fields of docs/upstream.md U-32. `active`, `exp` and `iat` may be native JSON or
/// strings (U-33). An absent or null field is false, empty or nothing, and so is one of the wrong
/// type; an inactive token may have all of them empty (U-34).
/// @param hidden  Secrets to be masked if the upstream echoes them.
/// @returns nothing if `active` is there but neither a boolean nor "true" or "false".
[[nodiscard]] std::optional<service::token_info> parse_token_info(
    boost::json::object const& body, std::span<std::string_view const> hidden);

}  // namespace wixtokend::wix
