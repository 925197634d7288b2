#pragma once
// What a look at every instance of an app finds: how many are in which state, and for how long
// their tokens last.

#include "base/time.hpp"
#include "core/engine_types.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace wixtokend::core {

/// How long many tokens last from one moment on, in bins of about 4 % each.
class lives {
 public:
  void add(duration left) noexcept;
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] double sum_seconds() const noexcept { return sum_seconds_; }

  /// How many last no longer than that, to within a bin.
  [[nodiscard]] std::size_t up_to(duration length) const noexcept;
  /// The time after which `share` of all have ended, 0 < share <= 1; at least one has. Up to 5 %
  /// too short, never too long. Nothing if there are none.
  [[nodiscard]] std::optional<duration> quantile(double share) const noexcept;

 private:
  static constexpr std::size_t bins_per_octave = 16;
  static constexpr std::size_t bins = 20 * bins_per_octave + 1;  // to 2^20 s, twelve days

  [[nodiscard]] static std::size_t bin_of(duration left) noexcept;
  [[nodiscard]] static duration start_of(std::size_t bin) noexcept;

  std::array<std::uint32_t, bins> counts_{};
  std::size_t count_ = 0;
  double sum_seconds_ = 0;
};

/// One app's part of a survey.
struct app_survey {
  std::array<std::size_t, instance_state_count> by_state{};  ///< by `instance_state`
  lives usable;  ///< how long the usable tokens of instances that are kept warm last
  std::optional<duration> shortest;  ///< of these lives
  /// How far the one that is most behind is past the instant at which it should have been
  /// refreshed; 0: none is behind.
  duration overdue_most{};
  std::size_t overdue = 0;  ///< how many are behind
};

/// How long after the upstream goes down a share of the usable tokens that are kept warm has ended,
/// 0: the first; nothing if no instance is kept warm, 0 s if none of them has a usable token.
[[nodiscard]] std::optional<duration> outage_budget(app_view const& seen,
                                                    app_survey const& surveyed, double share);

}  // namespace wixtokend::core
