#pragma once
// Names of what is cached: the app, the instance, and the key made of both.

#include "base/error.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace wixtokend {

/// One installation of an app on one site: a GUID, kept as its 16 bytes.
///
/// Two spellings that differ in case are the same instance; the printed form is lower case.
class instance_id {
 public:
  /// The nil GUID.
  constexpr instance_id() noexcept = default;

  /// Reads `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in either case; no braces, no blanks.
  /// @returns `invalid_instance_id` for anything else.
  [[nodiscard]] static result<instance_id> parse(std::string_view text) noexcept;

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] std::array<std::uint8_t, 16> const& bytes() const noexcept { return bytes_; }

  friend auto operator<=>(instance_id const&, instance_id const&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// An app's place in the configuration, from 0; the default app is 0.
enum class app_number : std::uint16_t {};

/// The cache key.
struct instance_key {
  app_number app{};
  instance_id instance;

  friend auto operator<=>(instance_key const&, instance_key const&) = default;
};

/// Mixes all 128 bits; instance ids are chosen by the upstream, not by peers, yet a peer may
/// send any: the mixing keeps crafted ids from sharing a bucket.
std::size_t hash_value(instance_key const& key) noexcept;

}  // namespace wixtokend

template <>
struct std::hash<wixtokend::instance_key> {
  std::size_t operator()(wixtokend::instance_key const& key) const noexcept {
    return wixtokend::hash_value(key);
  }
};
