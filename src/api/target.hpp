#pragma once
// The target of a request, taken apart: path segments and query parameters, decoded.

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::api {

/// One `name=value` of a query or a form; without `=` the value is empty.
struct parameter {
  std::string name;
  std::string value;
  friend bool operator==(parameter const&, parameter const&) = default;
};

using parameters = std::vector<parameter>;

/// `/a/b?c=d` as {"a", "b"} and {{"c", "d"}}. Segments are split first and decoded then, so an
/// encoded slash never makes two of one. Empty segments stay: `/a/` is {"a", ""}.
struct target {
  std::vector<std::string> path;
  parameters query;
  friend bool operator==(target const&, target const&) = default;
};

/// Reads a target in origin form (RFC 9112 section 3.2.1).
///
/// @returns `invalid_address` for another form (absolute, authority, `*`), for a fragment and for
///          bytes that no URI has; `invalid_encoding` for a broken percent-encoding, and where
///          decoding gives control characters or no UTF-8. Dot segments are names like any other.
[[nodiscard]] result<target> parse_target(std::string_view text);

/// Reads a body of `application/x-www-form-urlencoded`: as a query, but `+` is a blank.
/// @returns `invalid_encoding` as `parse_target`.
[[nodiscard]] result<parameters> parse_form(std::string_view text);

}  // namespace wixtokend::api
