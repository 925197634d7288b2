#include "store/key_derivation.hpp"

#include "store/store_error.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <cassert>
#include <memory>
#include <string>
#include <utility>

namespace wixtokend::store {
namespace {

using kdf = std::unique_ptr<EVP_KDF, decltype(&::EVP_KDF_free)>;
using kdf_context = std::unique_ptr<EVP_KDF_CTX, decltype(&::EVP_KDF_CTX_free)>;

// OpenSSL takes pointers to what it only reads without `const`.
OSSL_PARAM octets(char const* name, std::string_view bytes) noexcept {
  auto const* const data = bytes.empty() ? "" : bytes.data();  // null would be an error
  return ::OSSL_PARAM_construct_octet_string(name, const_cast<char*>(data), bytes.size());
}

}  // namespace

result<secret> derive_key(secret const& key, std::string_view salt, std::string_view info,
                          std::size_t size) {
  static kdf const algorithm{::EVP_KDF_fetch(nullptr, "HKDF", nullptr), &::EVP_KDF_free};
  if (!algorithm) return errc::seal_failed;
  kdf_context const context{::EVP_KDF_CTX_new(algorithm.get()), &::EVP_KDF_CTX_free};
  if (!context) return errc::seal_failed;

  static constexpr std::string_view hash = "SHA256";
  std::array<OSSL_PARAM, 5> const parameters{
      ::OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(hash.data()), 0),
      octets(OSSL_KDF_PARAM_KEY, key.reveal()), octets(OSSL_KDF_PARAM_SALT, salt),
      octets(OSSL_KDF_PARAM_INFO, info), ::OSSL_PARAM_construct_end()};
  std::string derived(size, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(derived.data());
  int const done = ::EVP_KDF_derive(context.get(), out, size, parameters.data());
  auto taken = secret::take(std::move(derived));
  if (done != 1) return errc::seal_failed;
  return taken;
}

std::array<std::uint8_t, 32> keyed_hash(secret const& key, std::string_view bytes) {
  std::array<std::uint8_t, 32> hash{};
  unsigned size = 0;
  auto const* const made = ::HMAC(::EVP_sha256(), key.reveal().data(), static_cast<int>(key.size()),
                                  reinterpret_cast<unsigned char const*>(bytes.data()),
                                  bytes.size(), hash.data(), &size);
  assert(made != nullptr && size == hash.size());  // it fails only if memory has run out
  return hash;
}

bool fill_random(char* into, std::size_t size) noexcept {
  return ::RAND_bytes(reinterpret_cast<unsigned char*>(into), static_cast<int>(size)) == 1;
}

}  // namespace wixtokend::store
