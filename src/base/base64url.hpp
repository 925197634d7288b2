#pragma once
// base64url without padding (RFC 4648 section 5), as JSON Web Tokens use it.

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace wixtokend {

/// Encodes without padding.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

/// Decodes text without padding. Strict: foreign characters, padding and stray bits in the last
/// character are `invalid_encoding`, so that each byte string has one spelling.
[[nodiscard]] result<std::string> base64url_decode(std::string_view text);

}  // namespace wixtokend
