#pragma once
// The text in which metrics are read: Prometheus' own format, and OpenMetrics.

#include "observe/histogram.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace wixtokend::observe {

/// Sources: "Exposition formats" of the Prometheus documentation, version 0.0.4; the OpenMetrics
/// specification, version 1.0.0.
enum class exposition_format : std::uint8_t { prometheus, openmetrics };

/// The value of `Content-Type` for it.
[[nodiscard]] std::string_view content_type_of(exposition_format format) noexcept;

/// The better of the two that a scraper takes, by its `Accept` header; Prometheus' own if it says
/// nothing.
[[nodiscard]] exposition_format choose_format(std::string_view accept) noexcept;

/// A gauge histogram is of what there is now: its counts may fall. Prometheus' own format has no
/// word for it, and calls it a histogram.
enum class metric_kind : std::uint8_t { counter, gauge, histogram, gauge_histogram };

/// Writes one page. Families follow each other; the samples of one stand together, behind the call
/// of `family`. Counters are named without `_total`, which is added.
class exposition {
 public:
  using label = std::pair<std::string_view, std::string_view>;
  using labels = std::initializer_list<label>;

  explicit exposition(exposition_format format) noexcept : format_{format} {}

  /// @param unit  `seconds`, `bytes` or nothing; the name has to end in it.
  void family(metric_kind kind, std::string_view name, std::string_view help,
              std::string_view unit = {});
  /// One value of the family, which is a counter or a gauge.
  void sample(labels which, double value);
  void sample(labels which, std::uint64_t value);
  /// One histogram of the family, of either kind.
  void sample(labels which, histogram const& value);

  /// The whole page; nothing more can be written.
  [[nodiscard]] std::string take();

 private:
  void line(std::string_view suffix, labels which, label const* more, std::string_view value);

  exposition_format format_;
  metric_kind kind_ = metric_kind::gauge;
  std::string name_;
  std::string text_;
};

}  // namespace wixtokend::observe
