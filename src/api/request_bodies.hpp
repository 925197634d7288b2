#pragma once
// What callers send in request bodies, read strictly; tokens among it become secrets at once.

#include "api/errors.hpp"
#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "service/registration.hpp"

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

/// Reads `{}`, an empty body, or an object with `grant` and what that grant needs: a refresh token
/// or code of 1 byte to 16 KiB, printable ASCII (RFC 6749 appendices A.11 and A.17). `replace` is
/// left as it is: no body says it.
/// @returns `invalid_body` for anything else.
[[nodiscard]] checked<service::registration> read_registration(std::string_view body);

/// One line of a bulk registration.
struct bulk_line {
  instance_id instance;
  service::registration wanted;
};

/// Reads `{"instance_id": "…"}` with, beside it, what `read_registration` reads.
/// @returns `invalid_body`, or `invalid_instance_id`.
[[nodiscard]] checked<bulk_line> read_bulk_line(std::string_view line);

/// What matters of a request to one of the drop-in calls; `client_secret` is not looked at.
struct dropin_request {
  std::optional<std::string> grant_type;
  std::optional<std::string> client_id;
  std::optional<std::string> instance_id;
  std::optional<secret> refresh_token;
  std::optional<secret> token;
};

/// Reads JSON, or a form where `form` says so, with names in snake_case or camelCase; other fields
/// are ignored (RFC 6749 section 3.2). A form body that begins with `{` is read as JSON, because
/// `curl -d` calls everything a form. Facts: docs/upstream.md U-7, U-8.
/// @returns `invalid_body`, with a clause that says what is wrong with it.
[[nodiscard]] checked<dropin_request> read_dropin_request(std::string_view body, bool form);

}  // namespace wixtokend::api
