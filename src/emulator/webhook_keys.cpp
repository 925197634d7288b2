#include "emulator/webhook_keys.hpp"

#include "base/base64url.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <cstddef>
#include <stdexcept>

namespace wixtokend::emulator {
namespace {

constexpr std::size_t key_bits = 2048;

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* what) const noexcept {
    Free(what);
  }
};
using bio_pointer = std::unique_ptr<BIO, deleter<BIO_free_all>>;
using digest_pointer = std::unique_ptr<EVP_MD_CTX, deleter<EVP_MD_CTX_free>>;

void require(bool good, char const* what) {
  if (!good) throw std::runtime_error{std::string{"signing webhooks: "} + what};
}

std::shared_ptr<EVP_PKEY> new_key() {
  std::shared_ptr<EVP_PKEY> key{EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", key_bits),
                                EVP_PKEY_free};
  require(key != nullptr, "key");
  return key;
}

unsigned char const* bytes_of(std::string_view text) {
  return static_cast<unsigned char const*>(static_cast<void const*>(text.data()));
}

std::string text_of(std::basic_string_view<unsigned char> bytes) {
  return {bytes.begin(), bytes.end()};
}

std::string header_of(webhook_signature how) {
  char const* name = "RS256";
  if (how == webhook_signature::ps256) name = "PS256";
  if (how == webhook_signature::hs256) name = "HS256";
  if (how == webhook_signature::none) name = "none";
  return R"({"kid":"emulator","alg":")" + std::string{name} + R"("})";
}

std::string rsa_signature(EVP_PKEY& key, std::string_view text, bool pss) {
  digest_pointer const context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* padding = nullptr;  // belongs to the context
  require(context != nullptr &&
              EVP_DigestSignInit(context.get(), &padding, EVP_sha256(), nullptr, &key) == 1,
          "context");
  if (pss) {
    require(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) == 1,
            "padding");
  }
  std::array<unsigned char, key_bits / 8> bytes{};
  std::size_t size = bytes.size();
  require(EVP_DigestSign(context.get(), bytes.data(), &size, bytes_of(text), text.size()) == 1,
          "signature");
  return text_of({bytes.data(), size});
}

std::string hmac(std::string_view key, std::string_view text) {
  std::array<unsigned char, 32> bytes{};
  unsigned size = 0;
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
               bytes.data(), &size) != nullptr,
          "HMAC");
  return text_of({bytes.data(), size});
}

}  // namespace

webhook_keys::key const& webhook_keys::of(app_number app) {
  auto& found = keys_[app];
  if (found == nullptr) found = new_key();
  return found;
}

std::string webhook_keys::public_pem(app_number app) {
  bio_pointer const memory{BIO_new(BIO_s_mem())};
  require(memory != nullptr && PEM_write_bio_PUBKEY(memory.get(), of(app).get()) == 1, "PEM");
  std::string text;
  std::array<char, 1024> part{};
  int count = 0;
  while ((count = BIO_read(memory.get(), part.data(), static_cast<int>(part.size()))) > 0) {
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

std::string webhook_keys::public_line(app_number app) {
  auto const pem = public_pem(app);
  std::basic_string<unsigned char> line(4 * ((pem.size() + 2) / 3) + 1, '\0');
  auto const size = EVP_EncodeBlock(line.data(), bytes_of(pem), static_cast<int>(pem.size()));
  line.resize(static_cast<std::size_t>(size));
  return text_of(line);
}

std::string webhook_keys::sign(app_number app, std::string_view payload, webhook_signature how) {
  auto const text = base64url_encode(header_of(how)) + "." + base64url_encode(payload);
  std::string signature;
  switch (how) {
    case webhook_signature::rs256: signature = rsa_signature(*of(app), text, false); break;
    case webhook_signature::ps256: signature = rsa_signature(*of(app), text, true); break;
    case webhook_signature::hs256: signature = hmac(public_pem(app), text); break;
    case webhook_signature::none: break;
    case webhook_signature::stranger:
      if (stranger_ == nullptr) stranger_ = new_key();
      signature = rsa_signature(*stranger_, text, false);
      break;
  }
  return text + "." + base64url_encode(signature);
}

}  // namespace wixtokend::emulator
