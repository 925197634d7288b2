#pragma once
// What callers send in request bodies, read strictly; tokens among it become secrets at once.

#include "api/errors.hpp"
#include "base/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wixtokend::api {

/// A report that a token was refused: its generation, or the token itself.
using rejected_token = std::variant<core::generation_number, secret>;

/// Reads `{"generation": 7}` or `{"access_token": "…"}`; exactly one of them.
/// @returns `invalid_body` for anything else.
[[nodiscard]] checked<rejected_token> read_rejection(std::string_view body);

/// How a caller wants an instance's tokens to be obtained. The last two are legacy grants.
enum class requested_grant { unchanged, client_credentials, refresh_token, authorization_code };

/// Reads `{}`, an empty body, or an object with `grant` and what that grant needs
/// (`refresh_token`, `code`). What a legacy grant carries is checked, not returned: there is no
/// store yet that may keep it.
/// @returns `invalid_body` for anything else.
[[nodiscard]] checked<requested_grant> read_registration(std::string_view body);

/// What matters of a request to the drop-in token endpoint; `client_secret` is not looked at.
struct dropin_request {
  std::optional<std::string> grant_type;
  std::optional<std::string> client_id;
  std::optional<std::string> instance_id;
};

/// Reads JSON, or a form where `form` says so, with names in snake_case or camelCase; other fields
/// are ignored (RFC 6749 section 3.2). A form body that begins with `{` is read as JSON, because
/// `curl -d` calls everything a form. Facts: docs/upstream.md U-7, U-8.
/// @returns `invalid_body`, with a clause that says what is wrong with it.
[[nodiscard]] checked<dropin_request> read_dropin_request(std::string_view body, bool form);

}  // namespace wixtokend::api
