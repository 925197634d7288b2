#pragma once
// `application/x-www-form-urlencoded`: form bodies and query strings.

#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wixtokend::emulator {

/// Names and values in their order, decoded.
using form = std::vector<std::pair<std::string, std::string>>;

/// Decodes `a=1&b=x%20y+z`. Empty parts are skipped; a part without `=` is a name with an empty
/// value.
/// @returns `invalid_encoding` for a `%` without two hexadecimal digits.
/// Source: WHATWG URL Standard, section 5.1, save that a bad `%` is an error here.
[[nodiscard]] result<form> parse_form(std::string_view text);

/// The first value of that name.
[[nodiscard]] std::optional<std::string_view> find(form const& fields, std::string_view name);

}  // namespace wixtokend::emulator
