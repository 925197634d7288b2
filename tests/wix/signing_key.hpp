#pragma once
// Keys that sign webhooks, rightly and wrongly.

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace wixtokend::test {

/// A private key and what can be told of it. Throws `std::runtime_error` if OpenSSL fails.
class signing_key {
 public:
  static signing_key rsa(unsigned bits);
  static signing_key rsa_pss(int bits);
  static signing_key elliptic();

  /// PEM texts. `traditional` is PKCS #1, for RSA only.
  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string traditional_public_pem() const;
  [[nodiscard]] std::string private_pem() const;

  /// The signature of `text` with this digest, with PKCS #1 v1.5 or (`pss`) PSS padding.
  [[nodiscard]] std::string sign(std::string_view text, char const* digest = "SHA256",
                                 bool pss = false) const;

  /// `header.payload.signature` in base64url, signed as `sign` does by default.
  [[nodiscard]] std::string jwt(std::string_view header, std::string_view payload) const;

 private:
  explicit signing_key(std::shared_ptr<evp_pkey_st> key) : key_{std::move(key)} {}
  std::shared_ptr<evp_pkey_st> key_;
};

/// HMAC-SHA256, as HS256 has it.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view text);

/// Base64 with padding (RFC 4648 section 4).
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace wixtokend::test
