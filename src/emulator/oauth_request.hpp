#pragma once
// The body of an OAuth call, whichever way the client wrote it.

#include "base/error.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace wixtokend::emulator {

/// The fields that any of the four calls knows. An absent, empty or non-string field is empty.
struct oauth_request {
  std::string grant_type;
  std::string client_id;
  secret client_secret;
  std::string instance_id;
  std::string code;
  std::string refresh_token;
  std::string token;
};

/// Reads JSON, or a form if the content type is `application/x-www-form-urlencoded`. Names may be
/// `snake_case` or `camelCase`; other fields are ignored (docs/upstream.md U-7, U-8).
///
/// Errors: `invalid_json` if it is no JSON object, `invalid_encoding` if it is no form.
[[nodiscard]] result<oauth_request> parse_oauth_request(std::string_view content_type,
                                                        std::string_view body);

}  // namespace wixtokend::emulator
