#include "core/endpoint.hpp"

#include "core/backoff.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace wixtokend::core {
namespace {

// A share of a number, but at least one.
std::size_t scaled_count(std::size_t count, double fraction) noexcept {
  return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(count) * fraction));
}

token_bucket bucket_of(double per_second) noexcept {
  return token_bucket{per_second, burst_of(per_second)};
}

void set_rate(token_bucket& bucket, double per_second) noexcept {
  bucket.set_rate(per_second, burst_of(per_second));
}

}  // namespace

endpoint::endpoint(app_policy const& app, engine_policy const& policy, slot_positions& positions)
    : app_{app},
      policy_{policy},
      timer_{positions},
      lane_a_{positions},
      lane_b_{positions},
      lane_c_{positions},
      blocked_lane_{positions},
      pace_{app.requests_per_second_max, policy},
      breaker_{policy},
      refusal_{policy},
      budget_{bucket_of(app.requests_per_second_max)},
      background_{bucket_of(background_rate(app.requests_per_second_max))},
      blocked_{bucket_of(app.requests_per_second_max * policy.blocked_rate_fraction)},
      rejections_{bucket_of(app.requests_per_second_max * policy.rejection_rate_fraction)},
      rejections_by_peer_{app.requests_per_second_max * policy.rejection_rate_fraction *
                          policy.rejection_peer_fraction},
      questions_{bucket_of(app.requests_per_second_max * policy.question_fraction)} {}

void endpoint::configure(app_policy const& app, instant now) {
  app_ = app;
  auto const ceiling = app.requests_per_second_max;
  pace_.set_ceiling(ceiling, now);
  refresh_rates(now);
  rejections_by_peer_.set_rate(ceiling * policy_.rejection_rate_fraction *
                               policy_.rejection_peer_fraction);
}

// ---- queues

slot_heap* endpoint::queue(place where) noexcept {
  switch (where) {
    case place::timer: return &timer_;
    case place::lane_b: return &lane_b_;
    case place::lane_c: return &lane_c_;
    case place::blocked: return &blocked_lane_;
    case place::lane_a:
    case place::nowhere: break;
  }
  return nullptr;
}

void endpoint::take_out(slot_number slot, place from) {
  if (from == place::lane_a) {
    lane_a_.remove(slot);
  } else if (auto* const lane = queue(from)) {
    lane->remove(slot);
  }
}

void endpoint::put(slot_number slot, instance_entry& entry, place where, instant when) {
  assert(where != place::lane_a);
  auto* const to = queue(where);
  bool const stays = entry.where == where && (to == nullptr || to->when(slot) == when);
  if (stays) return;
  take_out(slot, entry.where);
  entry.where = where;
  if (to != nullptr) to->push(slot, when);
}

void endpoint::put_waited_for(slot_number slot, instance_entry& entry, peer_id peer) {
  if (entry.where == place::lane_a) {
    lane_a_.join(slot, peer);
    return;
  }
  take_out(slot, entry.where);
  entry.where = place::lane_a;
  lane_a_.push(slot, peer);
}

std::optional<slot_number> endpoint::due(instant now) const noexcept {
  if (timer_.empty() || timer_.top_when() > now) return std::nullopt;
  return timer_.top();
}

std::optional<slot_number> endpoint::first_living() const noexcept {
  if (lane_b_.empty()) return std::nullopt;
  return lane_b_.top();
}

// The living first; then those that the upstream blocks (few, at their own small rate), and the
// dead that nobody has asked for: from what the living can spare. They can when even the most
// urgent has more time left than all of them together take. For a probe, a blocked one is the last
// resort.
slot_heap const* endpoint::background_lane(instant now) const noexcept {
  if (now < background_allowed_at()) return nullptr;
  auto const* const living = lane_b_.empty() ? nullptr : &lane_b_;
  auto const* const dead = lane_c_.empty() ? nullptr : &lane_c_;
  bool const retry_due = !blocked_lane_.empty() && now >= blocked_.available_at();
  auto const* const retry = retry_due ? &blocked_lane_ : nullptr;
  if (is_closed_off()) return living ? living : dead ? dead : retry;
  if (living != nullptr && !can_spare(now)) return living;
  return retry ? retry : dead ? dead : living;
}

bool endpoint::can_spare(instant now) const noexcept {
  auto const needed = static_cast<double>(lane_b_.size()) / background_rate(pace_.rate(now));
  auto const left = lane_b_.top_when() - now - policy_.spare_slack;
  return std::chrono::duration<double>{left}.count() > needed;
}

std::optional<slot_number> endpoint::startable(bool critical, instant now) noexcept {
  refresh_rates(now);
  if (now < start_allowed_at()) return std::nullopt;
  auto const* const background = background_lane(now);
  if (lane_a_.empty()) return background ? std::optional{background->top()} : std::nullopt;
  if (background == nullptr) return lane_a_.top();

  // Callers first, unless a token is about to lapse: then they take turns with it. As for
  // probes, one instance that callers insist on must not stand for the whole app.
  bool const rescue = critical && background == &lane_b_ && turn_ % policy_.contention_share != 0;
  bool const others_first = is_closed_off() ? probe_background_ : rescue;
  return others_first ? background->top() : lane_a_.top();
}

// ---- attempts

instant endpoint::start_allowed_at() const noexcept {
  // A refused app gets one attempt at a time, the probe.
  bool const full = refusal_.active() ? in_flight_ != 0 : in_flight_ >= app_.in_flight_max;
  if (full) return never;
  return std::max(budget_.available_at(), held_until());
}

instant endpoint::background_allowed_at() const noexcept {
  return std::max(start_allowed_at(), background_.available_at());
}

instant endpoint::held_until() const noexcept {
  return std::max({paused_until_, refusal_.probe_at(), breaker_.probe_at(waited_for_ != 0)});
}

double endpoint::background_rate(double rate) const noexcept {
  auto const demand = static_cast<double>(demand_) * 1e-9;
  auto const automatic =
      std::max(policy_.background_demand_factor * demand, policy_.background_rate_min);
  return std::min(app_.requests_per_second.value_or(automatic), rate);
}

void endpoint::refresh_rates(instant now) noexcept {
  auto const rate = pace_.rate(now);
  set_rate(budget_, rate);
  auto const background = background_rate(rate);
  set_rate(background_, background);
  set_rate(blocked_, background * policy_.blocked_rate_fraction);
  set_rate(rejections_, rate * policy_.rejection_rate_fraction);
  set_rate(questions_, rate * policy_.question_fraction);
}

void endpoint::started(slot_number slot, instance_entry& entry, std::uint64_t flight, instant now) {
  [[maybe_unused]] bool taken = budget_.try_take(now);
  assert(taken);
  if (entry.where == place::lane_a) {
    lane_a_.serve_top();
  } else {
    taken = background_.try_take(now);
    assert(taken);
    if (entry.where == place::blocked) taken = blocked_.try_take(now);
    assert(taken);
    take_out(slot, entry.where);
  }
  ++turn_;
  if (is_closed_off()) {
    probe_flight_ = flight;
    probe_background_ = entry.where == place::lane_a;
    if (!breaker_.closed()) breaker_.probe_started(now);
    if (refusal_.active()) refusal_.probe_started(now);
  }
  entry.where = place::nowhere;
  ++in_flight_;
}

bool endpoint::ended(std::uint64_t flight) noexcept {
  assert(in_flight_ != 0);
  --in_flight_;
  if (flight != probe_flight_) return false;
  probe_flight_ = 0;
  breaker_.probe_abandoned();
  return true;
}

std::vector<instance_key> endpoint::succeeded(instance_key const& key, instant now) {
  last_good_ = key;
  if (breaker_.answered(now)) pace_.resume(now);
  return refusal_.succeeded();
}

void endpoint::failed(instance_key const& key, bool was_probe, double draw, instant now) noexcept {
  breaker_.failed(key, was_probe, draw, now);
}

void endpoint::throttled(instance_key const& key, std::optional<duration> retry_after,
                         instant now) {
  if (breaker_.answered(now)) pace_.resume(now);
  if (last_throttled_ && *last_throttled_ != key) other_throttled_at_ = last_throttled_at_;
  bool const second = other_throttled_at_ != instant::min() &&
                      now - other_throttled_at_ <= policy_.throttled_pair_window;
  last_throttled_ = key;
  last_throttled_at_ = now;
  if (!second && instances_ > 1) return;
  pace_.throttled(now);
  auto const pause = retry_after.value_or(policy_.throttled_pause);
  paused_until_ = std::max(paused_until_, saturating_add(now, pause));
}

void endpoint::refused(failure const& why, bool was_probe, instant now) {
  if (breaker_.answered(now)) pace_.resume(now);
  refusal_.refused(why, was_probe, now);
}

bool endpoint::blocked(instance_key const& key, failure const& why, bool newly, bool was_probe,
                       instant now) {
  if (breaker_.answered(now)) pace_.resume(now);
  return refusal_.blocked(key, why, newly, was_probe, now);
}

// ---- requests that are no attempts

bool endpoint::may_ask(instant now) noexcept {
  auto const places = scaled_count(app_.in_flight_max, policy_.question_fraction);
  return !is_closed_off() && asking_ < places && now >= questions_.available_at() &&
         now >= start_allowed_at() && !startable(false, now);
}

duration endpoint::ask_delay(instant now) noexcept {
  refresh_rates(now);
  auto const at = start_allowed_at();
  if (at == never) return 1s;
  auto const delay = std::max({at, questions_.available_at(), now}) - now;
  return std::max(delay, is_closed_off() ? duration{1s} : duration{100ms});
}

void endpoint::asked(instant now) {
  [[maybe_unused]] bool taken = questions_.try_take(now);
  assert(taken);
  taken = budget_.try_take(now);
  assert(taken);
  ++in_flight_;
  ++asking_;
}

void endpoint::answered() noexcept {
  --in_flight_;
  --asking_;
}

bool endpoint::take_rejection(peer_id peer, instant now) {
  refresh_rates(now);
  if (now < rejections_.available_at()) return false;
  return rejections_by_peer_.try_take(peer, now) && rejections_.try_take(now);
}

// ---- what is known

instant endpoint::wake_at() const noexcept {
  auto soonest = timer_.empty() ? never : timer_.top_when();
  if (!lane_a_.empty()) soonest = std::min(soonest, start_allowed_at());
  auto const background = background_allowed_at();
  if (!lane_b_.empty() || !lane_c_.empty()) soonest = std::min(soonest, background);
  if (!blocked_lane_.empty()) {
    soonest = std::min(soonest, std::max(background, blocked_.available_at()));
  }
  return soonest;
}

void endpoint::count(share_of_app const& before, share_of_app const& after) noexcept {
  demand_ = demand_ - before.demand + after.demand;
  warm_ = warm_ - (before.warm ? 1 : 0) + (after.warm ? 1 : 0);
  usable_ = usable_ - (before.usable ? 1 : 0) + (after.usable ? 1 : 0);
}

app_view endpoint::view(instant now) const noexcept {
  app_view seen;
  seen.instances = instances_;
  seen.kept_warm = warm_;
  seen.usable = usable_;
  seen.demand = static_cast<double>(demand_) * 1e-9;
  seen.ceiling = app_.requests_per_second_max;
  seen.rate = pace_.rate(now);
  seen.background_rate = background_rate(seen.rate);
  seen.in_flight = in_flight_;
  seen.queued = {lane_a_.size(), lane_b_.size(), lane_c_.size(), blocked_lane_.size()};
  seen.breaker = breaker_.state(waited_for_ != 0, now);
  if (paused_until_ > now) seen.paused_until = paused_until_;
  if (refusal_.active()) seen.refusal = &refusal_.why();
  seen.suspected = refusal_.suspected();
  return seen;
}

// ---- over restarts

saved_app endpoint::save(instant now) const {
  saved_app out;
  out.rate = pace_.is_limited(now) ? pace_.rate(now) : 0;
  out.paused_until = paused_until_ > now ? paused_until_ : instant::min();
  breaker_.save(out);
  refusal_.save(out);
  return out;
}

void endpoint::restore(saved_app const& known, instant now) {
  if (known.rate > 0) pace_.limit(known.rate, now);
  paused_until_ = std::max(paused_until_, known.paused_until);
  breaker_.restore(known, now);
  refusal_.restore(known);
  refresh_rates(now);
}

}  // namespace wixtokend::core
