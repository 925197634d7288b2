#pragma once
// Bounds on what unknown instance ids can cost: who may create how many entries on demand.

#include "core/policy.hpp"
#include "core/token_bucket.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace wixtokend::core {

/// Counts the unproven on-demand entries, in all and by uid, and limits how fast a uid makes them.
/// An entry leaves by its first token or by being forgotten; nobody is evicted for another.
class probation {
 public:
  explicit probation(engine_policy const& policy) noexcept : policy_{policy} {}

  /// Takes a place for `uid`. @returns how long to wait if there is none.
  std::optional<duration> admit(std::uint32_t uid, instant now);
  void leave(std::uint32_t uid) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  struct account {
    std::size_t held = 0;
    token_bucket rate;
  };
  void forget_quiet(instant now);

  engine_policy const& policy_;
  std::size_t size_ = 0;
  std::unordered_map<std::uint32_t, account> accounts_;
};

}  // namespace wixtokend::core
