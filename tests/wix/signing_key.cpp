#include "wix/signing_key.hpp"

#include "base/base64url.hpp"

#include <openssl/encoder.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace wixtokend::test {
namespace {

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using encoder = std::unique_ptr<OSSL_ENCODER_CTX, deleter<OSSL_ENCODER_CTX_free>>;
using digest_context = std::unique_ptr<EVP_MD_CTX, deleter<EVP_MD_CTX_free>>;
using key_context = std::unique_ptr<EVP_PKEY_CTX, deleter<EVP_PKEY_CTX_free>>;

void require(bool good) {
  if (!good) throw std::runtime_error{"OpenSSL cannot make what the test needs"};
}

unsigned char const* bytes_of(std::string_view text) {
  return reinterpret_cast<unsigned char const*>(text.data());
}

std::string pem_of(EVP_PKEY* key, int selection, char const* structure) {
  encoder const context{OSSL_ENCODER_CTX_new_for_pkey(key, selection, "PEM", structure, nullptr)};
  unsigned char* bytes = nullptr;
  std::size_t size = 0;
  require(context != nullptr && OSSL_ENCODER_to_data(context.get(), &bytes, &size) == 1);
  std::string text(size, '\0');
  std::copy_n(bytes, size, text.begin());
  OPENSSL_free(bytes);
  return text;
}

}  // namespace

signing_key signing_key::rsa(unsigned bits) {
  std::shared_ptr<EVP_PKEY> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits}),
                                EVP_PKEY_free};
  require(key != nullptr);
  return signing_key{std::move(key)};
}

signing_key signing_key::rsa_pss(int bits) {
  key_context const context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA-PSS", nullptr)};
  EVP_PKEY* key = nullptr;
  require(EVP_PKEY_keygen_init(context.get()) == 1 &&
          EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1 &&
          EVP_PKEY_generate(context.get(), &key) == 1);
  return signing_key{std::shared_ptr<EVP_PKEY>{key, EVP_PKEY_free}};
}

signing_key signing_key::elliptic() {
  std::shared_ptr<EVP_PKEY> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free};
  require(key != nullptr);
  return signing_key{std::move(key)};
}

std::string signing_key::public_pem() const {
  return pem_of(key_.get(), EVP_PKEY_PUBLIC_KEY, "SubjectPublicKeyInfo");
}

std::string signing_key::traditional_public_pem() const {
  return pem_of(key_.get(), EVP_PKEY_PUBLIC_KEY, "type-specific");
}

std::string signing_key::private_pem() const {
  return pem_of(key_.get(), EVP_PKEY_KEYPAIR, "PrivateKeyInfo");
}

std::string signing_key::sign(std::string_view text, char const* digest, bool pss) const {
  digest_context const context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* padding = nullptr;  // belongs to the context
  require(EVP_DigestSignInit(context.get(), &padding, EVP_get_digestbyname(digest), nullptr,
                             key_.get()) == 1);
  require(!pss || EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1);
  std::size_t size = 0;
  require(EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1);
  std::string signature(size, '\0');
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                         bytes_of(text), text.size()) == 1);
  signature.resize(size);
  return signature;
}

std::string signing_key::jwt(std::string_view header, std::string_view payload) const {
  auto const text = base64url_encode(header) + "." + base64url_encode(payload);
  return text + "." + base64url_encode(sign(text));
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> code{};
  unsigned size = 0;
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
               code.data(), &size) != nullptr);
  return {reinterpret_cast<char const*>(code.data()), size};
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  auto const size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                                    static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace wixtokend::test
