#pragma once
// The inside of an access token, as far as it can be guessed: a hint, never verified.

#include "base/instance_id.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wixtokend::wix {

/// No access token is longer (docs/upstream.md U-37).
inline constexpr std::size_t token_size_max = std::size_t{16} * 1024;

/// What a token says of itself. Nobody but the upstream can verify it (docs/upstream.md U-38), and
/// the layout is undocumented (U-40): each field may be absent, none may lengthen a life.
struct token_claims {
  std::optional<instance_id> instance;     ///< the installation that it is for
  std::optional<std::int64_t> issued_at;   ///< Unix seconds, by the upstream's clock
  std::optional<std::int64_t> expires_at;  ///< Unix seconds, by the upstream's clock
};

/// Reads the two forms; the payload is base64url without padding.
///
/// - `OauthNG.JWS.<header>.<payload>.<signature>`: exactly five parts (docs/upstream.md U-36), with
///   the payload `{"data": "{\"instance\":{\"instanceId\":…}}", "iat": s, "exp": s}` (U-39, U-40).
/// - `OAUTH2.<header>.<payload>.<signature>`, of custom authentication: exactly four parts, with
///   the payload `{"data": "{\"instanceId\":…}"}`, of which only the instance is read (U-30,
///   U-108). Its refresh tokens have this form too.
///
/// @returns nothing for a token of any other form, or longer than `token_size_max`; it is opaque
///          then, which is no error.
[[nodiscard]] std::optional<token_claims> decode_token(std::string_view token);

}  // namespace wixtokend::wix
