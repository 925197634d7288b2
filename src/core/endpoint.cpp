#include "core/endpoint.hpp"

#include "core/backoff.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace wixtokend::core {
namespace {

std::size_t burst_of(double per_second) noexcept {
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::floor(per_second)));
}

// A share of a number, but at least one.
std::size_t scaled_count(std::size_t count, double fraction) noexcept {
  return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(count) * fraction));
}

}  // namespace

endpoint::endpoint(app_policy const& app, engine_policy const& policy, slot_positions& positions)
    : app_{app},
      policy_{policy},
      timer_{positions},
      lane_a_{positions},
      lane_b_{positions},
      lane_c_{positions},
      budget_{app.requests_per_second_max, burst_of(app.requests_per_second_max)},
      rejections_{app.requests_per_second_max * policy.rejection_rate_fraction,
                  burst_of(app.requests_per_second_max * policy.rejection_rate_fraction)},
      questions_{app.requests_per_second_max * policy.question_fraction,
                 burst_of(app.requests_per_second_max * policy.question_fraction)} {}

slot_heap* endpoint::queue(place where) noexcept {
  switch (where) {
    case place::nowhere: return nullptr;
    case place::timer: return &timer_;
    case place::lane_a: return &lane_a_;
    case place::lane_b: return &lane_b_;
    case place::lane_c: return &lane_c_;
  }
  return nullptr;
}

void endpoint::put(slot_number slot, instance_entry& entry, place where, instant when) {
  if (auto* const from = queue(entry.where)) from->remove(slot);
  entry.where = where;
  if (auto* const to = queue(where)) to->push(slot, when);
}

std::optional<slot_number> endpoint::due(instant now) const noexcept {
  if (timer_.empty() || timer_.top_when() > now) return std::nullopt;
  return timer_.top();
}

std::optional<slot_number> endpoint::most_urgent() const noexcept {
  for (auto const* lane : {&lane_a_, &lane_b_, &lane_c_}) {
    if (!lane->empty()) return lane->top();
  }
  return std::nullopt;
}

instant endpoint::start_allowed_at() const noexcept {
  // A refused app gets one attempt at a time, the probe.
  bool const full = is_refused() ? in_flight_ != 0 : in_flight_ >= app_.in_flight_max;
  if (full) return never;
  return std::max({budget_.available_at(), paused_until_, probe_at_});
}

bool endpoint::may_start(instant now) const noexcept {
  return now >= start_allowed_at();
}

duration endpoint::ask_delay(instant now) const noexcept {
  auto const at = start_allowed_at();
  if (at == never) return 1s;
  return std::max({at, questions_.available_at(), now}) - now;
}

bool endpoint::may_ask(instant now) const noexcept {
  auto const places = scaled_count(app_.in_flight_max, policy_.question_fraction);
  return may_start(now) && !is_refused() && !most_urgent() && asking_ < places &&
         now >= questions_.available_at();
}

void endpoint::asked(instant now) {
  [[maybe_unused]] bool const taken = questions_.try_take(now);
  assert(taken);
  started(now);
  ++asking_;
}

void endpoint::started(instant now) {
  [[maybe_unused]] bool const taken = budget_.try_take(now);
  assert(taken);
  ++in_flight_;
  if (!is_refused()) return;
  // The next probe has to wait again, whatever becomes of this one.
  probing_ = true;
  probe_at_ = now + doubled(policy_.probe_first, refusals_, policy_.probe_max);
}

void endpoint::succeeded() noexcept {
  refusals_ = 0;
  probing_ = false;
  probe_at_ = instant::min();
}

void endpoint::throttled(slot_number slot, std::optional<duration> retry_after, instant now) {
  bool const second = last_throttled_ && *last_throttled_ != slot &&
                      now - last_throttled_at_ <= policy_.throttled_pair_window;
  last_throttled_ = slot;
  last_throttled_at_ = now;
  if (!second && instances_ > 1) return;
  if (retry_after) paused_until_ = std::max(paused_until_, saturating_add(now, *retry_after));
}

void endpoint::refused(failure const& why, instant now) {
  // Attempts that were under way together are one refusal, not many.
  if (is_refused() && !std::exchange(probing_, false)) return;
  ++refusals_;
  refusal_ = why;
  probe_at_ = now + doubled(policy_.probe_first, refusals_, policy_.probe_max);
  if (!why.retry_after) return;
  forced_probe_at_ = saturating_add(now, *why.retry_after);
  probe_at_ = std::max(probe_at_, forced_probe_at_);
}

void endpoint::probe_now(instant now) noexcept {
  if (!is_refused() || now < forced_probe_at_) return;
  forced_probe_at_ = now + policy_.forced_probe_gap;
  probe_at_ = std::min(probe_at_, now);
}

instant endpoint::wake_at() const noexcept {
  auto const timer = timer_.empty() ? never : timer_.top_when();
  return most_urgent() ? std::min(timer, start_allowed_at()) : timer;
}

}  // namespace wixtokend::core
