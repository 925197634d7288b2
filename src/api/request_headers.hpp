#pragma once
// The request headers that the local API looks at.

#include "core/engine_types.hpp"
#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::api {

/// The name of the header that shows that a request came through a proxy or from a browser:
/// `Forwarded`, `X-Forwarded-For` or `Origin`. Such a request may be somebody else's, sent by a
/// program that was tricked into it.
[[nodiscard]] std::optional<std::string_view> forwarding_header(
    http::fields const& headers) noexcept;

/// True if `Accept` ranks `text/plain` above `application/json` (RFC 9110 section 12.5.1).
[[nodiscard]] bool prefers_plain_text(std::string_view accept) noexcept;

/// The values of all fields of that name as one list (RFC 9110 section 5.3); empty if there is
/// none.
[[nodiscard]] std::string combined(http::fields const& headers, std::string_view name);

/// True if `If-None-Match` names the entity tag of a generation, weakly compared, or is `*` (RFC
/// 9110 section 13.1.2). Malformed lists match up to the fault.
[[nodiscard]] bool names_generation(std::string_view if_none_match,
                                    core::generation_number generation);

/// The entity tag of a generation: `"7"`.
[[nodiscard]] std::string entity_tag(core::generation_number generation);

/// The user of `Authorization: Basic …` as OAuth 2 clients write it: their `client_id`, encoded
/// like a form (RFC 6749 section 2.3.1). The password is not looked at.
/// @returns nothing for any other header, or a broken one.
[[nodiscard]] std::optional<std::string> basic_user(std::string_view authorization);

/// Whether a caller's `X-Request-Id` is taken over: 1 to 128 visible ASCII characters.
[[nodiscard]] bool is_request_id(std::string_view text) noexcept;

}  // namespace wixtokend::api
