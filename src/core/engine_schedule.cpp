// Who is next: one timer, three lanes per app, one budget each.

#include "core/engine.hpp"
#include "core/refresh_policy.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::core {

instant engine::attempt_at(instance_entry const& entry) const noexcept {
  if (entry.flight != 0) return never;
  if (entry.has_code || entry.how == grant::none) return code_attempt_at(entry);
  return grant_attempt_at(entry);
}

// Until its time is over; that is an event as well.
instant engine::code_attempt_at(instance_entry const& entry) const noexcept {
  return entry.has_code ? std::min(grant_attempt_at(entry), code_deadline(entry)) : never;
}

instant engine::grant_attempt_at(instance_entry const& entry) const noexcept {
  if (entry.troubles == slab<trouble>::none) {
    return entry.waited_for() ? instant::min() : entry.background_at;
  }
  auto const& had = table_.trouble_of(entry);
  auto const wanted =
      entry.waited_for() ? std::min(entry.background_at, had.caller_at) : entry.background_at;
  return std::max({wanted, had.hold_until, had.not_before});
}

namespace {

constexpr unsigned ripened_max = 1'000;  // in one event

lane lane_of(place where) noexcept {
  switch (where) {
    case place::lane_a: return lane::waited_for;
    case place::lane_b: return lane::living;
    case place::blocked: return lane::blocked;
    case place::lane_c:
    case place::timer:
    case place::nowhere: break;
  }
  return lane::lapsed;
}

// Soonest end first; what was used lately counts as ending a little sooner, so that it goes before
// others that end about the same time.
instant urgency_of(instance_entry const& entry, instant now, engine_policy const& policy) noexcept {
  bool const hot =
      entry.last_used != instant::min() && now - entry.last_used < entry.expires_at - entry.sent;
  if (!hot) return entry.usable_until;
  return entry.usable_until - scaled(entry.usable_until - now, policy.hot_lead_fraction);
}

// The dead that nobody waits for: lately used ones first, the latest before all; then first come.
instant revival_order(instance_entry const& entry, instant now) noexcept {
  return entry.last_used == instant::min() ? now : instant{} - entry.last_used.time_since_epoch();
}

}  // namespace

// Brings the queues and the totals in line with an instance that has changed.
void engine::settle(slot_number slot, instant now) {
  auto& entry = table_[slot];
  recount(entry, false, now);
  auto& app = endpoint_of(entry.key);
  auto const at = attempt_at(entry);
  bool const usable_now = entry.usable(now);
  if (at > now) {
    // That a token lapses is an event as well: the totals change. (While an attempt is under way,
    // its end is soon enough.)
    bool const may_lapse = entry.counted_usable && entry.flight == 0;
    auto const event = may_lapse ? std::min(at, entry.usable_until) : at;
    app.put(slot, entry, event == never ? place::nowhere : place::timer, event);
  } else if (usable_now) {
    if (entry.where != place::lane_b) {
      auto const urgency = urgency_of(entry, now, policy_);
      auto const soonest = entry.has_code ? std::min(urgency, code_urgency(entry)) : urgency;
      app.put(slot, entry, place::lane_b, soonest);
    }
  } else if (entry.waited_for()) {
    queue_waited_for(slot);
  } else if (entry.has_code) {  // with time left, and not much
    if (entry.where != place::lane_b) app.put(slot, entry, place::lane_b, code_urgency(entry));
  } else {
    bool const is_blocked = table_.trouble_of(entry).blocked != 0;
    auto const lane = is_blocked ? place::blocked : place::lane_c;
    if (entry.where != lane) app.put(slot, entry, lane, revival_order(entry, now));
  }
}

// Every peer that waits for the instance has a claim to its place in lane A.
void engine::queue_waited_for(slot_number slot) {
  auto& entry = table_[slot];
  auto& app = endpoint_of(entry.key);
  bool const queued = entry.where == place::lane_a;
  for (auto waiter = entry.first_waiter; waiter != waiter_table::none;
       waiter = waiters_.at(waiter).next) {
    app.put_waited_for(slot, entry, waiters_.at(waiter).peer);
    if (queued) return;  // only the newest is new
  }
}

// What the instance adds to its app's totals: compared with what it has added before.
void engine::recount(instance_entry& entry, bool gone, instant now) {
  auto& app = endpoint_of(entry.key);
  share_of_app const before{entry.demand, entry.counted_warm, entry.counted_usable};
  share_of_app after;
  bool const usable_now = !gone && entry.usable(now);
  bool const blocked = !usable_now && table_.trouble_of(entry).blocked != 0;
  after.warm = !gone && !blocked && !entry.probation && kept_warm(entry, now);
  after.usable = after.warm && usable_now;
  if (after.warm) {
    auto const unknown =
        entry.how == grant::refresh_token ? policy_.life_expected_legacy : policy_.life_expected;
    auto const life = entry.token.empty() ? unknown : entry.expires_at - entry.sent;
    auto const demand = demand_of(life, app.app().resilience, policy_);
    after.demand = static_cast<std::uint32_t>(demand * 1e9);
  }
  app.count(before, after);
  entry.demand = after.demand;
  entry.counted_warm = after.warm;
  entry.counted_usable = after.usable;
}

bool engine::kept_warm(instance_entry const& entry, instant now) const noexcept {
  if (entry.how == grant::none) return false;
  auto const& app = endpoint_of(entry.key).app();
  auto const how = entry.registered ? app.warm : keep_warm::used;
  if (how == keep_warm::all) return true;
  if (how == keep_warm::none) return false;
  if (entry.watched) return true;
  if (entry.last_used == instant::min()) return false;
  return now - entry.last_used < idle_after(entry.expires_at - entry.sent, app, policy_);
}

void engine::expire_waiters(instant now) {
  while (auto const waiter = waiters_.expired(now)) {
    auto const slot = waiters_.at(*waiter).instance;
    auto const& entry = table_[slot];
    auto const needs = waiters_.at(*waiter).needs;
    std::optional<refusal> refused;
    bool const watching = waiters_.at(*waiter).watching;  // what there is for it, it has
    if (!watching && !entry.meets(needs, now)) refused = refusal_at_deadline(entry, needs, now);
    complete(*waiter, std::move(refused));
    settle(slot, now);
  }
}

// Not all at once: after a long sleep a million may be due, and others want their answers
// meanwhile. What is left makes `wake_at` a time in the past.
void engine::ripen(endpoint& app, instant now) {
  for (unsigned done = 0; done < ripened_max; ++done) {
    auto const slot = app.due(now);
    if (!slot) return;
    ripen_one(*slot, now);
  }
}

// The attempt of an instance has come. Not all are still wanted.
void engine::ripen_one(slot_number slot, instant now) {
  auto& entry = table_[slot];
  if (expire_code(slot, now)) return;
  bool const usable_now = entry.usable(now);
  bool const asked_for = entry.waited_for() || entry.demanded || (entry.rejected && usable_now) ||
                         entry.has_code || entry.removal;
  bool const due = attempt_at(entry) <= now;  // else its token has lapsed, no more
  // Whoever is left when an upstream does not serve the app may be the one to find out when it
  // does.
  bool const may_probe = endpoint_of(entry.key).is_closed_off();
  if (due && !asked_for && !may_probe) {
    auto const& had = table_.trouble_of(entry);
    bool const failed = had.failures != 0 || had.blocked != 0;
    bool const warm = kept_warm(entry, now);
    if (entry.probation && !usable_now && (failed || (entry.generation != 0 && !warm))) {
      erase(slot);  // it failed, or there was no room for it, and nobody has asked since
      return;
    }
    if (!warm) {
      // Idle: it lapses, and the next request wakes it. On probation it is forgotten then.
      entry.background_at = entry.probation ? entry.usable_until : never;
      entry.reason = schedule_reason::none;
    }
  }
  settle(slot, now);
}

std::optional<slot_number> engine::pick(endpoint& app, instant now) {
  // A token may have run out while it queued: the living go first (lane B), it joins the others.
  bool critical = false;
  for (unsigned lapsed = 0; lapsed < ripened_max; ++lapsed) {
    auto const first = app.first_living();
    if (!first) break;
    auto const& entry = table_[*first];
    if (entry.usable(now)) {
      auto const life = entry.expires_at - entry.sent;
      critical = entry.usable_until - now < scaled(life, policy_.critical_life_fraction);
    }
    if (expire_code(*first, now)) continue;
    if (entry.has_code) {
      critical = critical || code_deadline(entry) - now < policy_.code_critical;
    }
    if (entry.usable(now) || (entry.has_code && !entry.waited_for())) break;
    settle(*first, now);
  }
  return app.startable(critical, now);
}

std::optional<flight> engine::next(instant now) {
  now = advance(now);
  expire_waiters(now);
  if (stopping_) return std::nullopt;
  for (auto& app : endpoints_) ripen(app, now);

  for (std::size_t tried = 0; tried < endpoints_.size(); ++tried) {
    auto& app = endpoints_[next_endpoint_];
    next_endpoint_ = (next_endpoint_ + 1) % endpoints_.size();
    auto slot = pick(app, now);
    while (slot && expire_code(*slot, now)) slot = pick(app, now);
    if (!slot) continue;

    auto& entry = table_[*slot];
    entry.flight = ++last_flight_;
    auto const from = lane_of(entry.where);
    app.started(*slot, entry, entry.flight, now);
    auto const how = entry.has_code ? grant::authorization_code : entry.how;
    return flight{entry.flight, entry.key, how, from};
  }
  return std::nullopt;
}

std::optional<duration> engine::admit_request(instance_key const& key, instant now) {
  now = advance(now);
  auto& endpoint = endpoint_of(key);
  auto const slot = table_.find(key);
  auto const not_before = slot ? table_.trouble_of(table_[*slot]).not_before : instant::min();
  if (now < not_before) return not_before - now;
  if (!endpoint.may_ask(now)) return endpoint.ask_delay(now);
  endpoint.asked(now);
  return std::nullopt;
}

void engine::request_ended(instance_key const& key, failure const* failed, instant now) {
  now = advance(now);
  auto& endpoint = endpoint_of(key);
  endpoint.answered();
  if (failed == nullptr) return;
  if (failed->retry_after) hold(key, *failed->retry_after, now);
  if (failed->kind == failure_class::throttled) {
    endpoint.throttled(key, failed->retry_after, now);
  }
}

instant engine::wake_at() const noexcept {
  auto soonest = waiters_.earliest_deadline();
  if (stopping_) return soonest;
  for (auto const& app : endpoints_) {
    soonest = std::min(soonest, app.wake_at());
    auto const first = app.first_living();  // its lapse is an event, though it may not start
    if (first) soonest = std::min(soonest, living_until(table_[*first], latest_));
  }
  return soonest;
}

}  // namespace wixtokend::core
