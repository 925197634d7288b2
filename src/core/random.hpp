#pragma once
// The one source of randomness of the domain: seeded, so that every run can be replayed.

#include <cstdint>

namespace wixtokend::core {

/// SplitMix64 (Steele, Lea, Flood 2014): enough for jitter, the same on every platform.
class random_source {
 public:
  explicit constexpr random_source(std::uint64_t seed) noexcept : state_{seed} {}

  constexpr std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15ULL;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31U);
  }

  /// Uniform in [0, 1).
  constexpr double unit() noexcept { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace wixtokend::core
