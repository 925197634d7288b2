#pragma once
// The keys that a store is sealed with, as the operator's key file lists them.

#include "base/secret.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace wixtokend::store {

/// Names a key without telling anything of it: 8 bytes derived by HKDF-SHA256.
using key_id = std::array<std::uint8_t, 8>;

/// Sixteen hexadecimal digits.
[[nodiscard]] std::string to_string(key_id const& id);

/// One key: 32 random bytes.
struct sealing_key {
  key_id id{};
  secret bytes;
};

/// The keys of a file, in its order. Rows are sealed with the first; all of them open.
class key_ring {
 public:
  /// @param keys  At least one (asserted), no two with the same id.
  explicit key_ring(std::vector<sealing_key> keys);

  [[nodiscard]] sealing_key const& first() const noexcept { return keys_.front(); }
  /// Null if there is no such key. Valid as long as the ring.
  [[nodiscard]] sealing_key const* find(key_id const& id) const noexcept;
  [[nodiscard]] std::vector<sealing_key> const& all() const noexcept { return keys_; }

 private:
  std::vector<sealing_key> keys_;
};

/// Why a text lists no usable keys; completes "FILE: …" and never contains any of the text.
struct key_error {
  std::string text;
};

/// No key file may list more.
inline constexpr std::size_t keys_max = 16;

/// Reads the text of a key file: one key a line, `wixtokend-key-1:` and the base64url of 32 bytes.
/// Empty lines and lines that begin with `#` are passed over; blanks at either end of a line, too.
[[nodiscard]] std::variant<key_ring, key_error> parse_keys(secret const& text);

/// The text of a new key file with one key, from OpenSSL's random generator. Empty if that fails.
[[nodiscard]] secret generate_key_text();

}  // namespace wixtokend::store
