#pragma once
// How often values fell into which of a few ranges, as Prometheus counts them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wixtokend::observe {

/// The upper bounds of durations in seconds that most histograms use: 1 ms to 30 s.
inline constexpr std::array<double, 14> latency_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                       0.25,  0.5,    1,     2.5,  5,     10,   30};

/// Not synchronized.
class histogram {
 public:
  static constexpr std::size_t bounds_max = 16;

  /// @param bounds  Rising, `bounds_max` at most; outlives the histogram.
  explicit histogram(std::span<double const> bounds) noexcept : bounds_{bounds} {}

  void add(double value) noexcept {
    std::size_t range = 0;
    while (range < bounds_.size() && value > bounds_[range]) ++range;
    ++counts_.at(range);
    sum_ += value;
  }
  /// Takes over what was counted otherwise: `counts` for each range, the open one last.
  void assign(std::span<std::uint64_t const> counts, double sum) {
    for (std::size_t range = 0; range < counts.size(); ++range) counts_.at(range) = counts[range];
    sum_ = sum;
  }

  [[nodiscard]] std::span<double const> bounds() const noexcept { return bounds_; }
  /// How many fell into range `range` and no lower one; the one after the last bound is open.
  [[nodiscard]] std::uint64_t in_range(std::size_t range) const { return counts_.at(range); }
  [[nodiscard]] double sum() const noexcept { return sum_; }

 private:
  std::span<double const> bounds_;
  std::array<std::uint64_t, bounds_max + 1> counts_{};
  double sum_ = 0;
};

}  // namespace wixtokend::observe
