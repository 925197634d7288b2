#include "async/clock_steps.hpp"

#include <algorithm>

namespace wixtokend {

bool clock_steps::unchanged(clock_reading const& now) const noexcept {
  auto const change = now.offset() - seen_;
  return change < reading_error && change > -reading_error;
}

duration clock_steps::note(clock_reading const& now) noexcept {
  seen_ = now.offset();
  // Time never goes back; and after a step back the next step forward is one from there.
  if (seen_ <= base_ || !synchronised_) {
    base_ = seen_;
    return {};
  }
  auto const ahead = seen_ - base_;
  if (ahead <= ignored_max) return {};
  base_ = seen_;
  auto const passed = std::min<duration>(ahead, step_max);
  counted_ += passed;
  return passed;
}

}  // namespace wixtokend
