#pragma once
// Random numbers for scripts: each concern draws from a stream of its own, all from one seed.

#include "base/time.hpp"
#include "core/random.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace wixtokend::sim {

/// A number that depends on all its arguments and looks random: for decisions that must come out
/// the same each time they are asked for.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t a, std::uint64_t b,
                                            std::uint64_t c = 0) noexcept {
  core::random_source source{a ^ core::random_source{b ^ core::random_source{c}.next()}.next()};
  return source.next();
}

/// A stream of draws. What one concern draws does not shift what another one gets.
class draws {
 public:
  draws(std::uint64_t seed, std::uint64_t stream) noexcept : source_{mixed(seed, stream)} {}

  std::uint64_t next() noexcept { return source_.next(); }
  double unit() noexcept { return source_.unit(); }
  bool chance(double probability) noexcept { return source_.unit() < probability; }

  /// Uniform in [0, count); `count` is not 0.
  std::size_t below(std::size_t count) noexcept {
    return static_cast<std::size_t>(source_.unit() * static_cast<double>(count));
  }
  double between(double from, double to) noexcept { return from + (to - from) * source_.unit(); }
  duration between(duration from, duration to) noexcept {
    return duration{static_cast<duration::rep>(
        between(static_cast<double>(from.count()), static_cast<double>(to.count())))};
  }

  /// Uniform on a logarithmic scale: as likely between 1 s and 10 s as between 10 s and 100 s.
  double log_between(double from, double to) noexcept {
    return from * std::exp(std::log(to / from) * source_.unit());
  }
  duration log_between(duration from, duration to) noexcept {
    return duration{static_cast<duration::rep>(
        log_between(static_cast<double>(from.count()), static_cast<double>(to.count())))};
  }

  /// The gap to the next of events that come independently of each other.
  duration gap(duration mean) noexcept {
    auto const length = -std::log(1 - source_.unit()) * static_cast<double>(mean.count());
    return duration{static_cast<duration::rep>(length) + 1};
  }

  template <class T, std::size_t Size>
  T pick(std::array<T, Size> const& choices) noexcept {
    return choices[below(Size)];
  }

 private:
  core::random_source source_;
};

}  // namespace wixtokend::sim
