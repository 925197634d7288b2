#pragma once
// The keys that webhooks are signed with, one for each app.

#include "base/instance_id.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;  // OpenSSL's EVP_PKEY; its headers stay in the .cpp

namespace wixtokend::emulator {

/// How a webhook is signed; only the first is right.
enum class webhook_signature : std::uint8_t {
  rs256,
  ps256,     ///< RSASSA-PSS with the app's key
  hs256,     ///< HMAC with the public key's PEM as the secret: an old attack
  none,      ///< not at all
  stranger,  ///< RS256 with a key that belongs to nobody
};

/// Makes a 2048-bit RSA key for an app when it is first needed and keeps it: making one takes some
/// tenths of a second. A restart of the emulator makes other keys. Throws `std::runtime_error` if
/// OpenSSL fails. Not synchronised.
class webhook_keys {
 public:
  /// The app's public key as PEM, and the base64 of the PEM in one line.
  [[nodiscard]] std::string public_pem(app_number app);
  [[nodiscard]] std::string public_line(app_number app);

  /// `<header>.<payload>.<signature>`, the header as the signature needs it.
  [[nodiscard]] std::string sign(app_number app, std::string_view payload, webhook_signature how);

 private:
  using key = std::shared_ptr<evp_pkey_st>;
  key const& of(app_number app);

  std::map<app_number, key> keys_;
  key stranger_;
};

}  // namespace wixtokend::emulator
