#include "base/fingerprint.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>
#include <new>

namespace wixtokend {
namespace {

unsigned char const* bytes_of(secret const& text) noexcept {
  return reinterpret_cast<unsigned char const*>(text.reveal().data());
}

}  // namespace

fingerprint fingerprint_key::of(secret const& value) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  auto const* const made = ::HMAC(::EVP_sha256(), bytes_of(bytes_), static_cast<int>(bytes_.size()),
                                  bytes_of(value), value.size(), digest.data(), &size);
  if (made == nullptr) throw std::bad_alloc{};  // there is no other reason
  fingerprint name = 0;
  for (std::size_t i = 0; i < sizeof name; ++i) name = name << 8U | digest[i];
  return name;
}

}  // namespace wixtokend
