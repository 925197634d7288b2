#pragma once
// Keys from keys, and random bytes: the few calls of OpenSSL that more than one file needs.

#include "base/error.hpp"
#include "base/secret.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wixtokend::store {

/// HKDF-SHA256 (RFC 5869). `size` at most 255 × 32.
/// @returns `seal_failed` if OpenSSL cannot do it: memory has run out, or a policy forbids it.
[[nodiscard]] result<secret> derive_key(secret const& key, std::string_view salt,
                                        std::string_view info, std::size_t size);

/// HMAC-SHA256 (RFC 2104).
[[nodiscard]] std::array<std::uint8_t, 32> keyed_hash(secret const& key, std::string_view bytes);

/// Fills `into` from OpenSSL's random generator. @returns false if that fails.
[[nodiscard]] bool fill_random(char* into, std::size_t size) noexcept;

}  // namespace wixtokend::store
