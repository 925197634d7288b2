// Who is next: one timer, three lanes per app, one budget each.

#include "core/engine.hpp"
#include "core/refresh_policy.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::core {

instant engine::attempt_at(instance_entry const& entry) const noexcept {
  if (entry.flight != 0) return never;
  auto const wanted =
      entry.waiters == 0 ? entry.background_at : std::min(entry.background_at, entry.caller_at);
  return std::max({wanted, entry.hold_until, entry.not_before});
}

void engine::reschedule(slot_number slot, instant now) {
  auto& entry = table_[slot];
  auto& app = endpoint_of(entry.key);
  auto const at = attempt_at(entry);
  if (at == never) {
    app.put(slot, entry, place::nowhere, {});
  } else if (at > now) {
    app.put(slot, entry, place::timer, at);
  } else if (entry.waiters != 0) {
    if (entry.where != place::lane_a) app.put(slot, entry, place::lane_a, now);  // first come
  } else if (entry.usable(now)) {
    app.put(slot, entry, place::lane_b, entry.usable_until);
  } else {
    if (entry.where != place::lane_c) app.put(slot, entry, place::lane_c, now);
  }
}

bool engine::kept_warm(instance_entry const& entry, instant now) const noexcept {
  auto const how = entry.registered ? endpoint_of(entry.key).app().warm : keep_warm::used;
  if (how == keep_warm::all) return true;
  if (how == keep_warm::none || entry.last_used == instant::min()) return false;
  return now - entry.last_used < idle_after(entry.expires_at - entry.sent, policy_);
}

void engine::expire_waiters(instant now) {
  while (auto const waiter = waiters_.expired(now)) {
    auto const slot = waiters_.at(*waiter).instance;
    auto const& entry = table_[slot];
    auto const needs = waiters_.at(*waiter).needs;
    auto refused = entry.meets(needs, now) ? std::nullopt
                                           : std::optional{refusal_at_deadline(entry, needs, now)};
    complete(*waiter, std::move(refused));
    reschedule(slot, now);
  }
}

void engine::ripen(endpoint& app, instant now) {
  while (auto const slot = app.due(now)) ripen_one(*slot, now);
}

// The attempt of an instance has come. Not all are still wanted.
void engine::ripen_one(slot_number slot, instant now) {
  auto& entry = table_[slot];
  bool const wanted = entry.waiters != 0 || entry.demanded || entry.rejected;
  if (!wanted && entry.probation && (entry.failures != 0 || entry.blocked != 0)) {
    erase(slot);  // it failed, and nobody has asked since
    return;
  }
  if (!wanted && !entry.probation && !kept_warm(entry, now)) {
    entry.background_at = never;  // idle: it lapses, and the next request wakes it
    entry.reason = schedule_reason::none;
  }
  reschedule(slot, now);
}

std::optional<slot_number> engine::pick(endpoint& app, instant now) {
  if (!app.may_start(now)) return std::nullopt;
  while (auto const slot = app.most_urgent()) {
    // A token may have run out while it queued: the living go first (lane B), it joins lane C.
    bool const lapsed = table_[*slot].where == place::lane_b && !table_[*slot].usable(now);
    if (!lapsed) return slot;
    reschedule(*slot, now);
  }
  return std::nullopt;
}

std::optional<flight> engine::next(instant now) {
  now = advance(now);
  expire_waiters(now);
  if (stopping_) return std::nullopt;
  for (auto& app : endpoints_) ripen(app, now);

  for (std::size_t tried = 0; tried < endpoints_.size(); ++tried) {
    auto& app = endpoints_[next_endpoint_];
    next_endpoint_ = (next_endpoint_ + 1) % endpoints_.size();
    auto const slot = pick(app, now);
    if (!slot) continue;

    auto& entry = table_[*slot];
    app.put(*slot, entry, place::nowhere, {});
    app.started(now);
    entry.flight = ++last_flight_;
    return flight{entry.flight, entry.key, grant::client_credentials};
  }
  return std::nullopt;
}

std::optional<duration> engine::admit_request(instance_key const& key, instant now) {
  now = advance(now);
  auto& endpoint = endpoint_of(key);
  auto const slot = table_.find(key);
  if (slot && now < table_[*slot].not_before) return table_[*slot].not_before - now;
  if (!endpoint.may_ask(now)) return endpoint.ask_delay(now);
  endpoint.asked(now);
  return std::nullopt;
}

void engine::request_ended(instance_key const& key, failure const* failed, instant now) {
  now = advance(now);
  auto& endpoint = endpoint_of(key);
  endpoint.ended();
  endpoint.answered();
  auto const slot = table_.find(key);
  if (!slot || failed == nullptr) return;
  if (failed->retry_after) {
    auto& entry = table_[*slot];
    entry.not_before = std::max(entry.not_before, saturating_add(now, *failed->retry_after));
    reschedule(*slot, now);
  }
  if (failed->kind == failure_class::throttled) {
    endpoint.throttled(*slot, failed->retry_after, now);
  }
}

instant engine::wake_at() const noexcept {
  auto soonest = waiters_.earliest_deadline();
  if (stopping_) return soonest;
  for (auto const& app : endpoints_) soonest = std::min(soonest, app.wake_at());
  return soonest;
}

}  // namespace wixtokend::core
