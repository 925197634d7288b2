// These calls are deprecated in favour of others, which allocate each time.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/secret_digest.hpp"

#include <openssl/sha.h>

#include <array>
#include <cstddef>

namespace wixtokend {

secret_digest digest_of(secret const& value) noexcept {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  auto const bytes = value.reveal();
  SHA256_CTX work;
  ::SHA256_Init(&work);
  ::SHA256_Update(&work, bytes.data(), bytes.size());
  ::SHA256_Final(digest.data(), &work);  // wipes what it has kept of the bytes
  secret_digest name = 0;
  for (std::size_t i = 0; i < sizeof name; ++i) name = name << 8U | digest[i];
  return name;
}

}  // namespace wixtokend
