#pragma once
// What the scripted upstream issues: tokens that say what the checker has to know of them.

#include "base/secret.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace wixtokend::sim {

/// The content of a token. The engine sees its bytes only.
struct issued_token {
  std::uint64_t serial = 0;  ///< tells tokens apart; 0: none
  std::uint64_t index = 0;   ///< the instance that it was issued for
  instant sent{};
  instant expires_at{};
  bool assumed = false;

  /// Whatever the upstream says, a day at the most.
  [[nodiscard]] duration life() const noexcept;

  /// Calculated apart from the engine, from the words of the specification: what is kept off the
  /// end of a life is 1 % of it, 10 s at least and 60 s at most (30 s at least where the life is
  /// assumed), but never more than a quarter of it.
  [[nodiscard]] instant usable_until() const noexcept;

  [[nodiscard]] secret to_secret() const;
  /// @returns nothing if these are not bytes that `to_secret` made.
  [[nodiscard]] static std::optional<issued_token> from(secret const& bytes) noexcept;
};

}  // namespace wixtokend::sim
