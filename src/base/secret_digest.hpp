#pragma once
// Names of secrets that everybody can make who has the secret, and that tell nothing to the others.

#include "base/secret.hpp"

#include <cstdint>

namespace wixtokend {

/// The first 64 bits of a SHA-256: enough to tell apart secrets that nobody has chosen.
using secret_digest = std::uint64_t;

/// The digest of a secret that cannot be guessed, such as an access token; of a password it would
/// tell too much. Takes no memory.
[[nodiscard]] secret_digest digest_of(secret const& value) noexcept;

}  // namespace wixtokend
