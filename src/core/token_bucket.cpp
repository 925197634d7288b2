#include "core/token_bucket.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace wixtokend::core {

token_bucket::token_bucket(double per_second, std::size_t burst) noexcept {
  set_rate(per_second, burst);
}

void token_bucket::set_rate(double per_second, std::size_t burst) noexcept {
  assert(per_second > 0 && burst >= 1);
  if (per_second == per_second_ && burst == burst_) return;
  per_second_ = per_second;
  burst_ = burst;
  interval_ = duration{static_cast<duration::rep>(std::ceil(1e9 / per_second))};
  tolerance_ = interval_ * static_cast<duration::rep>(burst - 1);
}

instant token_bucket::available_at() const noexcept {
  return next_ == instant::min() ? next_ : next_ - tolerance_;
}

bool token_bucket::try_take(instant now) noexcept {
  if (now < available_at()) return false;
  next_ = std::max(next_, now) + interval_;
  return true;
}

}  // namespace wixtokend::core
