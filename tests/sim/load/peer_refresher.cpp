#include "sim/load/peer_refresher.hpp"

#include "core/backoff.hpp"
#include "core/refresh_policy.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace wixtokend::sim::load {

using namespace std::chrono_literals;

namespace {

constexpr double rounding = 1e-9;  // of an allowance that is a sum of many fractions

duration times(duration length, double factor) {
  return duration{static_cast<duration::rep>(static_cast<double>(length.count()) * factor)};
}

}  // namespace

peer_refresher::peer_refresher(peer_rule rule, budget const& allowed,
                               core::engine_policy const& policy, std::size_t instances,
                               std::uint64_t seed)
    : rule_{rule},
      allowed_{allowed},
      policy_{policy},
      random_{seed},
      rows_(instances),
      positions_(instances),
      allowance_{std::max(1.0, allowed.per_second)} {}

// From a token's beginning to its refresh.
duration peer_refresher::interval() {
  switch (rule_) {
    case peer_rule::five_minutes: return token_life - 5min;
    case peer_rule::eighty_percent: return times(token_life, 0.80) - times(10s, random_.unit());
    case peer_rule::earliest_first:
      return core::refresh_after(token_life, random_.unit(), core::resilience::balanced, policy_);
    case peer_rule::half_life: break;
  }
  // The looks at one token before its end, each with a draw of its own.
  auto const half = token_life / 2;
  auto age = token_life - times(half, 1.1) + times(5s, random_.unit());
  while (token_life - age > times(half, 0.9 + 0.2 * random_.unit())) age += 5s;
  return age;
}

void peer_refresher::add(instance_number instance, instant now) {
  rows_[instance].due = now;
  put(instance, now);
}

instant peer_refresher::add_warm(instance_number instance, double cycle, instant now) {
  auto const length = interval();
  auto const sent = now - times(length, cycle);
  rows_[instance].usable_until = sent + token_life - token_margin;
  rows_[instance].due = sent + length;
  put(instance, now);
  return sent;
}

// Into the queue if an attempt is due, else onto the timer.
void peer_refresher::put(instance_number instance, instant now) {
  auto& one = rows_[instance];
  if (one.where == place::flight) return;
  auto const at = one.waiting == 0 ? one.due : std::min(one.due, std::max(one.caller_at, now));
  if (one.where == place::queue && at <= now) return;  // it keeps its turn
  if (one.where == place::timer) timer_.remove(instance);
  if (one.where == place::queue) queue_.remove(instance);
  if (at <= now) {
    queue_.push(instance, rule_ == peer_rule::earliest_first ? one.usable_until : now);
    one.where = place::queue;
  } else {
    timer_.push(instance, at);
    one.where = place::timer;
  }
}

void peer_refresher::refill(instant now) {
  if (refilled_ != instant::min()) {
    auto const passed = std::chrono::duration<double>{now - refilled_}.count();
    allowance_ =
        std::min(std::max(1.0, allowed_.per_second), allowance_ + passed * allowed_.per_second);
  }
  refilled_ = now;
}

std::optional<attempt> peer_refresher::next(instant now) {
  expire(now);
  while (!timer_.empty() && timer_.top_when() <= now) {
    auto const instance = timer_.top();
    timer_.pop();
    rows_[instance].where = place::nowhere;
    put(instance, now);
  }
  refill(now);
  bool const full = in_flight_ >= allowed_.in_flight_max;
  if (queue_.empty() || full || allowance_ < 1 - rounding) return std::nullopt;
  auto const instance = queue_.top();
  queue_.pop();
  rows_[instance].where = place::flight;
  allowance_ -= 1;
  ++in_flight_;
  return attempt{instance, ++attempts_};
}

void peer_refresher::finished(attempt const& which, bool minted, instant sent, instant now) {
  auto& one = rows_[which.instance];
  --in_flight_;
  one.where = place::nowhere;
  if (minted) {
    one.usable_until = sent + token_life - token_margin;
    one.due = sent + interval();
    one.failures = 0;
    one.caller_at = instant::min();
    auto const waiters = waiting_.extract(which.instance);
    if (!waiters.empty()) {
      for (auto const caller : waiters.mapped()) end_wait(caller, true);
    }
  } else {
    if (one.failures != std::numeric_limits<std::uint16_t>::max()) ++one.failures;
    auto const remaining =
        one.usable_until > now ? std::optional{one.usable_until - now} : std::nullopt;
    one.due = now + core::transient_delay(one.failures, remaining, random_.unit(), policy_);
    one.caller_at = now + core::caller_delay(one.failures);
  }
  put(which.instance, now);
}

instant peer_refresher::wake_at() const {
  auto soonest = deadlines_.empty() ? never : deadlines_.front().deadline;
  if (!timer_.empty()) soonest = std::min(soonest, timer_.top_when());
  if (queue_.empty() || in_flight_ >= allowed_.in_flight_max) return soonest;
  auto const missing = std::max(0.0, 1 - allowance_);
  // Rounded up, or the allowance would still be short then.
  return std::min(soonest, refilled_ + times(1s, missing / allowed_.per_second) + 1ns);
}

found peer_refresher::ask(instance_number instance, ticket caller, instant deadline, instant now) {
  auto& one = rows_[instance];
  if (now < one.usable_until) return found::usable;
  waiting_[instance].push_back(caller);
  callers_.emplace(caller, instance);
  deadlines_.push_back({deadline, instance, caller});
  ++one.waiting;
  put(instance, now);
  return found::waits;
}

void peer_refresher::end_wait(ticket caller, bool served) {
  auto const waited = callers_.find(caller);
  --rows_[waited->second].waiting;
  callers_.erase(waited);
  ended_.push_back({caller, served});
}

void peer_refresher::expire(instant now) {
  while (!deadlines_.empty() && deadlines_.front().deadline <= now) {
    auto const [deadline, instance, caller] = deadlines_.front();
    deadlines_.pop_front();
    if (!callers_.contains(caller)) continue;
    auto const waiters = waiting_.find(instance);
    std::erase(waiters->second, caller);
    if (waiters->second.empty()) waiting_.erase(waiters);
    end_wait(caller, false);
    put(instance, now);
  }
}

std::vector<ended_wait> peer_refresher::take_ended() {
  return std::exchange(ended_, {});
}

}  // namespace wixtokend::sim::load
