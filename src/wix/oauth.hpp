#pragma once
// What is sent to Wix's OAuth endpoints, and what their answers mean. Pure.

#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "core/upstream.hpp"
#include "http/message.hpp"
#include "service/ports.hpp"
#include "service/token_info.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace wixtokend::wix {

/// Paths below the base URL (docs/upstream.md U-1 to U-4, U-21).
inline constexpr std::string_view token_path = "/oauth2/token";
inline constexpr std::string_view access_path = "/oauth/access";
inline constexpr std::string_view token_info_path = "/oauth2/token-info";

/// Lives (docs/upstream.md U-16, U-17): the longest that is believed, the one that is assumed if
/// the answer names none (for custom authentication: unless configured otherwise, U-25), and the
/// longest that is of no use.
inline constexpr std::chrono::seconds life_max{24 * 60 * 60};
inline constexpr std::chrono::seconds life_assumed{300};
inline constexpr std::chrono::seconds life_useless{2};

/// A whole HTTP answer, and the moments that a token's life depends on.
struct timed_reply {
  http::response message;
  instant sent{};             ///< just before the request's first byte was written
  instant received{};         ///< when the answer was whole
  wall_time received_wall{};  ///< the same by the local calendar
};

/// Where a mint by that grant goes to.
[[nodiscard]] std::string_view mint_path(core::grant how) noexcept;

/// The JSON body of a mint (docs/upstream.md U-1 to U-3, U-5 to U-8). It holds secrets: the caller
/// wipes it. The texts are valid UTF-8.
/// @param asked  By any grant but `none`; its credential is ignored with `client_credentials`.
[[nodiscard]] std::string mint_body(std::string_view app_id, secret const& app_secret,
                                    service::mint_request const& asked);

/// The JSON body of Token Info (docs/upstream.md U-4). It holds the token: the caller wipes it.
[[nodiscard]] std::string token_info_body(secret const& token);

using mint_result = std::variant<core::minted, core::failure>;
using info_result = std::variant<service::token_info, core::failure>;

/// Tells what the answer to a mint means: docs/upstream.md U-51 to U-59, first match; all but
/// 200 is told by `refusal`.
///
/// A 200 is `minted` if it is a JSON object with a usable `access_token` (not empty, at most 16
/// KiB, printable ASCII as RFC 6749 appendix A.12 has it; U-10, U-37), if the token does not name
/// another instance than the one asked for (U-41), and if more than `life_useless` is left when the
/// answer is there. The life counts from `sent`; it is `expires_in`, a number or a numeric string,
/// at most `life_max`, or if that is absent or null an assumed one: `life_assumed`, or
/// `legacy_life` with the two grants of custom authentication (U-25). What the token says of itself
/// may only shorten it (U-19): `exp - iat`, and `exp` compared with the upstream's own clock.
/// Claims that contradict each other (`exp <= iat`) are not believed.
///
/// With the grants of custom authentication a `refresh_token` goes along; the rules of
/// `access_token` hold for it, that of the instance included (U-26, U-108, U-109). A code must
/// bring one; an answer to `refresh_token` may lack it, or have null or "" there, and what is
/// minted then has none. With `client_credentials` it is ignored.
///
/// Any other 200 is transient and has a code of ours: `not_json`, `access_token_missing`,
/// `access_token_unusable`, `refresh_token_missing`, `refresh_token_unusable`,
/// `instance_mismatch`, `expires_in_unusable` or `life_too_short`.
///
/// A code is good for once: if the answer brings a refresh token and nothing else of use, that is
/// `minted` all the same, with an empty access token that has ended.
///
/// The texts of a failure are printable, bounded and hold neither the app secret nor the credential
/// nor a token, even if the upstream echoes them. `retry_after` is there whenever the answer asks
/// for it.
/// @param asked        What the request was made from.
/// @param app_secret   The one that the request was made with.
/// @param legacy_life  More than nothing; counts as `life_max` at most.
[[nodiscard]] mint_result classify_mint(timed_reply const& reply,
                                        service::mint_request const& asked,
                                        secret const& app_secret,
                                        duration legacy_life = life_assumed);

/// Tells what the answer to Token Info means. A 200 that can be read, and a 400 with an error
/// shape, which means an inactive token (docs/upstream.md U-34, U-89); everything else as for a
/// mint, with the codes `not_json` and `token_info_unusable` for any other 200.
/// @param token  The one that was asked about.
[[nodiscard]] info_result classify_token_info(timed_reply const& reply, secret const& token);

}  // namespace wixtokend::wix
