#pragma once
// Wix's webhooks: JSON Web Tokens that an app's public key verifies.

#include "base/error.hpp"
#include "service/ports.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY; its headers stay in the .cpp

namespace wixtokend::wix {

/// Bodies that are longer are malformed, as are public keys.
inline constexpr std::size_t webhook_size_max = std::size_t{64} * 1024;
inline constexpr std::size_t public_key_size_max = std::size_t{16} * 1024;

/// A modulus of RS256 has at least so many bits (RFC 7518 section 3.3), and one that OpenSSL
/// verifies with at most so many.
inline constexpr int rsa_bits_min = 2048;
inline constexpr int rsa_bits_max = 16384;

/// Why a text is no public key that webhooks can be verified with. The texts complete the sentence
/// "the key cannot be used: …".
enum class public_key_error {
  not_a_key = 1,  ///< neither a PEM nor the base64 of one
  private_key,    ///< a private key; it does not belong here
  not_rsa,        ///< a key of another kind
  bad_size,       ///< an RSA key outside of the limits, or an impossible one
};

error_code make_error_code(public_key_error value) noexcept;

/// An RSA key that verifies RS256. Copies share the key, which never changes.
class public_key {
 public:
  /// True if `signature` is the RSASSA-PKCS1-v1_5 signature with SHA-256 of `text`.
  [[nodiscard]] bool verifies(std::string_view text, std::string_view signature) const noexcept;

 private:
  friend result<public_key> parse_public_key(std::string_view text);
  explicit public_key(std::shared_ptr<evp_pkey_st> key) noexcept : key_{std::move(key)} {}
  std::shared_ptr<evp_pkey_st> key_;
};

/// Reads the public key that an app's dashboard shows: a PEM (`PUBLIC KEY` or `RSA PUBLIC KEY`), or
/// the base64 of the PEM, in one line or several (docs/upstream.md U-67, U-113). White space around
/// it is dropped; anything else beside the one key is an error. May take some milliseconds.
/// @returns the key, or an error of `public_key_error`.
[[nodiscard]] result<public_key> parse_public_key(std::string_view text);

/// How the webhooks of one app are verified.
struct webhook_settings {
  std::string app_id;
  std::optional<public_key> key;        ///< without one, all webhooks are `not_configured`
  bool require_exp = true;              ///< a webhook without `exp` counts as expired (U-72)
  std::chrono::seconds exp_leeway{60};  ///< `exp` may be past by less than this (U-96, U-112)
};

/// Verifies by docs/upstream.md U-111: exactly three parts of unpadded base64url, the header a JSON
/// object with `alg` exactly `RS256` and without `crit`, the signature that of the app's key. Only
/// then is the payload read (`read_webhook_claims`), so that nobody else learns more than that the
/// signature is wrong.
class webhook_verifier final : public service::webhook_verifier {
 public:
  /// The leeway is not negative.
  explicit webhook_verifier(webhook_settings settings) : settings_{std::move(settings)} {}

  [[nodiscard]] std::variant<service::webhook, service::webhook_refusal> verify(
      std::string_view body, wall_time now) const override;

 private:
  webhook_settings settings_;
};

}  // namespace wixtokend::wix

template <>
struct boost::system::is_error_code_enum<wixtokend::wix::public_key_error> : std::true_type {};
