#include "core/pace.hpp"

#include <algorithm>
#include <cmath>

namespace wixtokend::core {
namespace {

double ratio(duration part, duration whole) noexcept {
  return std::chrono::duration<double>{part} / std::chrono::duration<double>{whole};
}

}  // namespace

std::size_t burst_of(double per_second) noexcept {
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::floor(per_second)));
}

pace::pace(double ceiling, engine_policy const& policy) noexcept
    : policy_{policy}, ceiling_{ceiling}, level_{ceiling} {}

double pace::least() const noexcept {
  return std::min(ceiling_, policy_.rate_min);
}

double pace::learnt(instant now) const noexcept {
  if (level_ >= ceiling_ || since_ == instant::min()) return ceiling_;
  auto const steps = ratio(std::max(now - since_, duration{0}), policy_.regain_interval);
  return std::min(ceiling_, level_ + policy_.regain_fraction * ceiling_ * steps);
}

double pace::rate(instant now) const noexcept {
  auto const most = learnt(now);
  if (ramp_since_ == instant::min()) return most;
  auto const doublings = ratio(std::max(now - ramp_since_, duration{0}), policy_.ramp_doubling);
  if (std::exp2(-doublings) <= policy_.ramp_from) return most;
  return std::max(least(), most * policy_.ramp_from * std::exp2(doublings));
}

void pace::throttled(instant now) noexcept {
  bool const just_done = since_ != instant::min() && now - since_ < policy_.halving_gap;
  if (just_done) return;
  level_ = std::max(least(), learnt(now) / 2);
  since_ = now;
}

void pace::limit(double rate, instant now) noexcept {
  level_ = std::clamp(rate, least(), ceiling_);
  since_ = now;
}

void pace::set_ceiling(double ceiling, instant now) noexcept {
  auto const before = learnt(now);
  bool const limited = before < ceiling_;
  ceiling_ = ceiling;
  level_ = limited ? std::min(before, ceiling) : ceiling;
  if (limited) since_ = now;
}

}  // namespace wixtokend::core
