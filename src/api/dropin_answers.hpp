#pragma once
// The answers of the drop-in calls, given in the upstream's place and in its shapes.

#include "api/errors.hpp"
#include "http/message.hpp"
#include "service/token_info.hpp"

#include <string_view>

namespace wixtokend::api {

// Facts about the upstream: docs/upstream.md U-29, U-32 to U-34, U-44, U-98 to U-105. Whatever the
// shape, there are `error` and `error_description` of RFC 6749 section 5.2 as well: plain OAuth 2
// libraries look for nothing else.

/// The shape of RFC 6749 alone.
[[nodiscard]] http::response oauth_error(unsigned status, std::string_view code,
                                         std::string_view description);

/// The upstream's own shape for an identifier that is none.
[[nodiscard]] http::response not_a_guid(std::string_view field);

/// A refresh token that is not known, or not for this caller to know of.
[[nodiscard]] http::response bad_refresh_token();

/// Which call is answered: the legacy one has an error shape of its own.
enum class dropin_call { token, access, token_info };

/// Any other problem: in the upstream's own words where it has refused something.
[[nodiscard]] http::response dropin_problem(problem const& why, dropin_call call);

/// Token Info; dates are strings, members that are not known are left out.
[[nodiscard]] http::response token_info_answer(service::token_info const& info);

/// Token Info of a token that is not active, or that is none.
[[nodiscard]] http::response inactive_token_answer();

}  // namespace wixtokend::api
