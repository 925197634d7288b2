#pragma once
// Short keyed names of secrets, to find in a table what must not stand there.

#include "base/secret.hpp"

#include <cstdint>
#include <string_view>

namespace wixtokend {

/// The first 64 bits of an HMAC-SHA256.
using fingerprint = std::uint64_t;

/// Makes fingerprints. Without the key nobody can tell which secret one is of, nor make two secrets
/// that share one; two may share one by chance, so whoever finds something by it compares the
/// secrets themselves.
class fingerprint_key {
 public:
  /// @param bytes  Random, 16 or more, for one run of the process.
  explicit fingerprint_key(std::string_view bytes) : bytes_{bytes} {}

  [[nodiscard]] fingerprint of(secret const& value) const;

 private:
  secret bytes_;
};

}  // namespace wixtokend
