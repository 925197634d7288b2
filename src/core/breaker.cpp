#include "core/breaker.hpp"

#include "core/backoff.hpp"
#include "core/refresh_policy.hpp"

#include <algorithm>

namespace wixtokend::core {
namespace {

std::int64_t second_of(instant now) noexcept {
  return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

}  // namespace

breaker::second& breaker::cell(instant now) noexcept {
  auto const which = second_of(now);
  auto& found = seconds_[static_cast<std::size_t>(which) % seconds_.size()];
  if (found.which != which) found = second{which, 0, 0};
  return found;
}

bool breaker::half_fail(instant now) const noexcept {
  auto const oldest = second_of(now - policy_.breaker_window);
  std::size_t all = 0;
  std::size_t failed = 0;
  for (auto const& one : seconds_) {
    if (one.which <= oldest) continue;
    all += one.all;
    failed += one.failed;
  }
  return all >= policy_.breaker_sample &&
         static_cast<double>(failed) >= policy_.breaker_share * static_cast<double>(all);
}

void breaker::open(double draw, instant now) noexcept {
  ++openings_;
  probing_ = false;
  auto const jitter = policy_.jitter_from + (1 - policy_.jitter_from) * draw;
  auto const pause = doubled(policy_.breaker_first, openings_, policy_.breaker_max);
  open_until_ = now + scaled(pause, jitter);
  jittered_max_ = scaled(policy_.breaker_max_waited_for, jitter);
  if (openings_ == 1) last_probe_ = now;
}

void breaker::failed(instance_key const& instance, bool was_probe, double draw,
                     instant now) noexcept {
  auto& current = cell(now);
  ++current.all;
  ++current.failed;
  several_ = row_ != 0 && (several_ || instance != last_failed_);
  last_failed_ = instance;
  ++row_;
  if (!closed()) {  // requests that were under way when it opened say nothing new
    if (was_probe) open(draw, now);
    return;
  }
  if ((several_ && row_ >= policy_.breaker_row) || half_fail(now)) open(draw, now);
}

bool breaker::answered(instant now) noexcept {
  ++cell(now).all;
  row_ = 0;
  several_ = false;
  if (closed()) return false;
  openings_ = 0;
  probing_ = false;
  open_until_ = instant::min();
  seconds_ = {};  // what failed before is known and over
  return true;
}

void breaker::probe_started(instant now) noexcept {
  probing_ = true;
  last_probe_ = now;
}

instant breaker::probe_at(bool callers_wait) const noexcept {
  if (closed()) return instant::min();
  if (probing_) return never;
  // Callers are worth a probe more; it is counted from the last one's start, since an upstream that
  // hangs has kept them waiting for all that time already.
  return callers_wait ? std::min(open_until_, last_probe_ + jittered_max_) : open_until_;
}

breaker_state breaker::state(bool callers_wait, instant now) const noexcept {
  if (closed()) return breaker_state::closed;
  return probing_ || now >= probe_at(callers_wait) ? breaker_state::half_open : breaker_state::open;
}

void breaker::save(saved_app& out) const noexcept {
  out.breaker_openings = openings_;
  out.breaker_until = open_until_;
}

void breaker::restore(saved_app const& known, instant now) noexcept {
  openings_ = known.breaker_openings;
  if (closed()) return;
  open_until_ = std::min(known.breaker_until, now + policy_.breaker_max);
  last_probe_ = now;
  jittered_max_ = policy_.breaker_max_waited_for;
}

}  // namespace wixtokend::core
