#pragma once
// What the service and the API need of the world, as interfaces; `wix` implements them.

#include "async/task.hpp"
#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "core/upstream.hpp"
#include "service/token_info.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <variant>

namespace wixtokend::service {

/// What an instance's token is obtained with.
struct mint_request {
  instance_id instance;
  core::grant how = core::grant::client_credentials;
  secret credential;  ///< the refresh token or the code; empty with client credentials
};

/// The upstream of one app. Each call makes at most one request, ends within the total timeout by
/// itself, and returns failures as values; cancelling it abandons the request.
class token_source {
 public:
  virtual ~token_source() = default;

  /// Obtains a token for an instance by the grant that the request names (not `none`).
  virtual task<std::variant<core::minted, core::failure>> mint(mint_request request) = 0;

  /// Asks what the upstream knows of a token.
  virtual task<std::variant<token_info, core::failure>> info(secret token) = 0;

  /// The instance that a token says it is for. Asks nobody and verifies nothing: a hint.
  /// @returns nothing if the token does not say.
  [[nodiscard]] virtual std::optional<instance_id> named_in(secret const& token) const = 0;

  /// How far the local clock was ahead of the upstream's at the last answer that told.
  [[nodiscard]] virtual std::optional<std::chrono::seconds> last_clock_offset() const noexcept = 0;
};

/// What happened to an installation, as a verified webhook tells it.
enum class webhook_event : std::uint8_t {
  installed,
  removed,
  other,  ///< of no concern here; to be acknowledged all the same
};

/// One verified webhook.
struct webhook {
  webhook_event event = webhook_event::other;
  instance_id instance;  ///< nil with `other` if it names none
};

/// Why a webhook is not taken.
enum class webhook_refusal : std::uint8_t {
  not_configured,  ///< the app has no public key
  malformed,       ///< not a JWT of the form that Wix sends
  bad_signature,   ///< wrong algorithm, or not signed with the app's key
  expired,         ///< `exp` is past or absent
  other_app,       ///< for another app
};

/// Verifies the webhooks of one app. Pure but for the time that it is given.
class webhook_verifier {
 public:
  virtual ~webhook_verifier() = default;

  /// @param body  The whole body of the request: a JWT, possibly with white space around it.
  [[nodiscard]] virtual std::variant<webhook, webhook_refusal> verify(std::string_view body,
                                                                      wall_time now) const = 0;
};

}  // namespace wixtokend::service
