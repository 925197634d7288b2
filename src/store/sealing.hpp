#pragma once
// Values sealed with AES-256-GCM under data keys that are derived from the operator's keys.

#include "base/error.hpp"
#include "base/secret.hpp"
#include "store/key_ring.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace wixtokend::store {

// A sealed value describes itself:
//
//     version 1 | key id 8 | salt 16 | nonce 8 | ciphertext | tag 16
//
// The data key is HKDF-SHA256(key, salt, "wixtokend data key 1"). Each process draws a salt, so
// that no two processes share a data key, not even two that started from one backup; under one data
// key the nonce, a counter, never repeats. The tag also covers the head and the associated data.

/// What a sealed value has more than what is in it.
inline constexpr std::size_t seal_overhead = 1 + 8 + 16 + 8 + 16;

/// After so many values a new data key is drawn (NIST SP 800-38D allows 2^32 by far).
inline constexpr std::uint64_t sealings_by_data_key = std::uint64_t{1} << 28U;

/// The key that a sealed value names; zeros if it is too short for one.
[[nodiscard]] key_id key_id_of(std::string_view sealed) noexcept;

namespace detail {
/// AES-256-GCM with one data key set.
class cipher;
}  // namespace detail

/// Seals with one key. Not synchronised.
class sealer {
 public:
  /// @param key  Must outlive this object.
  explicit sealer(sealing_key const& key, std::uint64_t sealings_max = sealings_by_data_key);
  ~sealer();
  sealer(sealer const&) = delete;
  sealer& operator=(sealer const&) = delete;

  /// Seals `plain` (which may be empty) so that it opens with the same `associated` data only.
  /// @returns `seal_failed`.
  [[nodiscard]] result<std::string> seal(secret const& plain, std::string_view associated);

  [[nodiscard]] key_id const& id() const noexcept { return key_.id; }

 private:
  sealing_key const& key_;
  std::uint64_t const sealings_max_;
  std::unique_ptr<detail::cipher> cipher_;
  std::string head_;  // version, key id and salt of the data key in use
  std::uint64_t sealings_ = 0;
};

/// Opens what any key of a ring has sealed. Not synchronised.
class opener {
 public:
  /// @param keys  Must outlive this object.
  explicit opener(key_ring const& keys);
  ~opener();
  opener(opener const&) = delete;
  opener& operator=(opener const&) = delete;

  /// @returns `unknown_key`, `seal_broken`, or `seal_failed` if OpenSSL cannot work.
  [[nodiscard]] result<secret> open(std::string_view sealed, std::string_view associated);

 private:
  key_ring const& keys_;
  std::map<std::string, std::unique_ptr<detail::cipher>, std::less<>> ciphers_;  // by id and salt
};

}  // namespace wixtokend::store
