#pragma once
// What an attempt to obtain a token can come to, as values between the upstream client and the
// engine.

#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wixtokend::core {

/// How an instance's token is obtained: the "grant" of OAuth 2. The last three belong to Wix's
/// custom authentication (legacy).
enum class grant : std::uint8_t {
  client_credentials,
  refresh_token,
  authorization_code,  ///< of a flight: it exchanges a code for a refresh token
  none,                ///< there is nothing to mint with: its code came to nothing
};

/// The grant's name as the local API and the upstream spell it.
[[nodiscard]] char const* to_string(grant how) noexcept;

/// What a failure means for the instance and for its app's endpoint. See docs/upstream.md.
enum class failure_class {
  transient,         ///< may pass by itself: network, timeout, 5xx, an unusable answer
  throttled,         ///< the upstream asked for fewer requests
  app_refused,       ///< the app's id or secret is refused; every instance of it is concerned
  instance_blocked,  ///< the upstream refuses this instance
};

[[nodiscard]] char const* to_string(failure_class kind) noexcept;

/// One failed attempt, with what the upstream said of it. Texts are bounded and free of secrets.
struct failure {
  failure_class kind = failure_class::transient;
  unsigned status = 0;                  ///< HTTP status; 0 if there was no answer
  std::string code;                     ///< `error` or `applicationError.code`, may be empty
  std::string message;                  ///< for people; may be empty
  std::string request_id;               ///< `x-wix-request-id`, may be empty
  std::optional<duration> retry_after;  ///< from now, at most an hour

  friend bool operator==(failure const&, failure const&) = default;
};

/// A token that the upstream issued. Its life counts from `sent`.
struct minted {
  secret token;
  instant sent{};             ///< just before the request was written
  instant expires_at{};       ///< the raw end of life, after all clamps
  bool life_assumed = false;  ///< the answer named no life
  secret refresh_token{};     ///< of a legacy grant: what the answer brought; else empty
};

}  // namespace wixtokend::core
