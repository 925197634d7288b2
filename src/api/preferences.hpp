#pragma once
// What a caller would like, but does not insist on: the header `Prefer` (RFC 7240).

#include "http/message.hpp"

#include <chrono>
#include <optional>

namespace wixtokend::api {

/// The `wait` of `Prefer` (RFC 7240 section 4.3): how long the caller would wait for its answer. Of
/// several the first one counts; what is no whole number of seconds is not looked at, and neither
/// are other preferences. More than `most` comes to `most`: a preference asks for no more than
/// that.
[[nodiscard]] std::optional<std::chrono::seconds> preferred_wait(http::fields const& headers,
                                                                 std::chrono::seconds most);

}  // namespace wixtokend::api
