#pragma once
// Tokens in the upstream's shapes, made and checked by the emulator itself.

#include "base/instance_id.hpp"
#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::emulator {

/// What a token is good for.
enum class token_kind : std::uint8_t {
  access,         ///< `OauthNG.JWS.…` of an app instance
  visitor,        ///< `OauthNG.JWS.…` of grant `anonymous`
  legacy_access,  ///< `OAUTH2.…`, 5 minutes
  refresh,        ///< `OAUTH2.…`, never expires
  code,           ///< `OAUTH2.…`, an authorization code
};

/// What a token says. Equal claims of equal size make equal tokens.
struct claims {
  token_kind kind = token_kind::access;
  std::string app_id;  ///< a GUID in lower case
  instance_id instance;
  wall_time issued;
  std::chrono::seconds life{};  ///< from `issued`, cut to whole seconds; 0: it never expires
  std::uint64_t serial = 0;     ///< tells apart tokens that are otherwise equal

  /// The first moment at which the token is dead.
  [[nodiscard]] wall_time expires() const noexcept;

  friend bool operator==(claims const&, claims const&) = default;
};

/// The site on which an instance is installed, and the site's owner: made up from the instance id,
/// so that they are the same in every token and reply.
[[nodiscard]] std::string site_of(instance_id const& instance);
[[nodiscard]] std::string owner_of(instance_id const& instance);

/// An instance id that is not `instance`, always the same one for it.
[[nodiscard]] instance_id another_instance(instance_id const& instance);

/// Signs and reads tokens. The key is the same in every emulator and known to everybody: tokens
/// survive a restart, and protect nothing. Not synchronised.
class token_mint {
 public:
  static constexpr std::size_t size_min = 640;         ///< measured for app tokens, U-37
  static constexpr std::size_t size_max = 64 * 1024;   ///< for tests of a client's limit
  static constexpr std::size_t size_with_owner = 704;  ///< from here on `siteOwnerId` fits in

  token_mint();
  token_mint(token_mint const&) = delete;
  token_mint& operator=(token_mint const&) = delete;
  ~token_mint();

  /// Makes a token of `size` bytes or one less (base64url cannot have every length), but not less
  /// than its claims need, and at most `size_max`.
  ///
  /// `OauthNG.JWS.<header>.<payload>.<signature>`; header `{"kid","alg":"HS256"}`, payload
  /// `{"data":"<JSON string>","iat","exp"}` (U-36 to U-40); the filling is in the claim `nonce`.
  /// The legacy kinds are `OAUTH2.<header>.<payload>.<signature>` (U-30).
  [[nodiscard]] std::string make(claims const& about, std::size_t size) const;

  /// Reads a token back if its signature is right; whether it has expired is not looked at.
  [[nodiscard]] std::optional<claims> read(std::string_view token) const;

 private:
  struct signer;
  std::unique_ptr<signer> signer_;
};

}  // namespace wixtokend::emulator
