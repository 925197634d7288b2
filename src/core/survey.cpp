#include "core/survey.hpp"

#include <algorithm>
#include <cmath>

namespace wixtokend::core {
namespace {

using seconds_real = std::chrono::duration<double>;

}  // namespace

// Bin 0 is what lasts less than a second; the others divide each doubling of the time evenly.
std::size_t lives::bin_of(duration left) noexcept {
  auto const seconds = std::chrono::duration_cast<seconds_real>(left).count();
  if (seconds < 1) return 0;
  auto const octaves = std::log2(seconds) * static_cast<double>(bins_per_octave);
  return std::min(static_cast<std::size_t>(octaves) + 1, bins - 1);
}

duration lives::start_of(std::size_t bin) noexcept {
  if (bin == 0) return {};
  auto const octaves = static_cast<double>(bin - 1) / static_cast<double>(bins_per_octave);
  return std::chrono::duration_cast<duration>(seconds_real{std::exp2(octaves)});
}

void lives::add(duration left) noexcept {
  ++counts_.at(bin_of(left));
  ++count_;
  sum_seconds_ += std::chrono::duration_cast<seconds_real>(left).count();
}

std::size_t lives::up_to(duration length) const noexcept {
  std::size_t seen = 0;
  for (std::size_t bin = 0; bin < bin_of(length); ++bin) seen += counts_.at(bin);
  return seen;
}

std::optional<duration> lives::quantile(double share) const noexcept {
  if (count_ == 0) return std::nullopt;
  auto const wanted = std::max(1.0, std::ceil(share * static_cast<double>(count_)));
  std::size_t seen = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    seen += counts_.at(bin);
    if (static_cast<double>(seen) >= wanted) return start_of(bin);
  }
  return start_of(bins - 1);
}

std::optional<duration> outage_budget(app_view const& seen, app_survey const& surveyed,
                                      double share) {
  if (surveyed.usable.count() == 0) {
    return seen.kept_warm == 0 ? std::nullopt : std::optional{duration{}};
  }
  return share == 0 ? surveyed.shortest : surveyed.usable.quantile(share);
}

}  // namespace wixtokend::core
