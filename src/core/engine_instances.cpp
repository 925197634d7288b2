// Which instances there are: registered, created on demand, restored, evicted, removed.

#include "core/engine.hpp"
#include "core/refresh_policy.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace wixtokend::core {
namespace {
constexpr std::size_t removed_holds_max = 1'024;  // beyond it, those that have passed are dropped
constexpr unsigned reorderings_max = 256;         // in one event, so that none takes long
}  // namespace

slot_number engine::insert(instance_key const& key, generation_number floor) {
  floor_ = std::max(floor_, floor);
  auto const slot = table_.insert(key);
  if (use_positions_.size() < table_.slots_end()) use_positions_.resize(table_.slots_end());
  auto& entry = table_[slot];
  entry.floor = floor_;
  endpoint_of(key).joined();
  auto const orphan = orphans_.find(key);
  if (orphan != orphans_.end()) {  // at most one flight per key, also over a removal
    entry.flight = orphan->second;
    entry.discard_flight = true;
    orphans_.erase(orphan);
  }
  auto const held = removed_holds_.find(key);
  if (held != removed_holds_.end()) {
    table_.trouble_for(entry).not_before = held->second;
    removed_holds_.erase(held);
  }
  return slot;
}

void engine::erase(slot_number slot) {
  auto& entry = table_[slot];
  while (entry.waited_for()) {
    complete(entry.first_waiter, refusal{refusal_reason::unknown_instance, {}, {}, {}});
  }
  end_watches(slot, refusal{refusal_reason::unknown_instance, {}, {}, {}});
  bool const was_on_probation = entry.probation;
  leave_probation(slot);
  if (entry.flight != 0) orphans_.emplace(entry.key, entry.flight);
  auto const held = table_.trouble_of(entry).not_before;
  if (held > latest_) remember_hold(entry.key, held);
  floor_ = std::max(floor_, entry.generation + 1);
  set_evictable(slot, false);
  end_code(entry);
  end_removal(entry);
  if (!was_on_probation) {
    entry.unsaved = false;  // its place in the list may be of a predecessor
    changed(entry);
  }
  recount(entry, true, latest_);
  endpoint_of(entry.key).put(slot, entry, place::nowhere, {});
  endpoint_of(entry.key).left();
  table_.erase(slot);
}

void engine::leave_probation(slot_number slot) {
  auto& entry = table_[slot];
  if (!entry.probation) return;
  entry.probation = false;
  probation_.leave(entry.probation_uid);
  probation_by_use_.remove(slot);
}

// What never got its turn, since the upstream was down, say, and is asked for no more.
void engine::forget_stale_probation(instant now) {
  for (unsigned looked_at = 0; looked_at < reorderings_max; ++looked_at) {
    if (probation_by_use_.empty() || now - probation_by_use_.top_when() < policy_.probation_life) {
      return;
    }
    auto const slot = probation_by_use_.top();
    auto const& entry = table_[slot];
    bool const in_use = entry.waited_for() || entry.flight != 0 || entry.usable(now);
    if (!in_use && now - entry.last_used >= policy_.probation_life) {
      erase(slot);
      continue;
    }
    probation_by_use_.pop();
    probation_by_use_.push(slot, in_use ? now : entry.last_used);
  }
}

void engine::set_evictable(slot_number slot, bool evictable) {
  auto& entry = table_[slot];
  if (entry.evictable == evictable) return;
  entry.evictable = evictable;
  if (evictable) {
    by_use_.push(slot, entry.last_used);
  } else {
    by_use_.remove(slot);
  }
}

// Evicts the on-demand instance that has been unused for longest, if the table is full. Uses do not
// move anything; an instance that was used since it was put in order is put in order again here.
bool engine::make_room(instant now) {
  now = std::max(now, latest_);
  if (table_.size() - probation_.size() < policy_.instances_max) return true;
  auto const last_use = [&](slot_number slot) {
    return table_[slot].watched ? now : table_[slot].last_used;
  };
  std::optional<slot_number> oldest;  // of those that were put in order, should there be too many
  for (unsigned looked_at = 0; !by_use_.empty() && looked_at < reorderings_max; ++looked_at) {
    auto const slot = by_use_.top();
    auto const used = last_use(slot);
    if (!oldest || used < last_use(*oldest)) oldest = slot;
    if (used <= by_use_.top_when()) break;
    by_use_.pop();
    by_use_.push(slot, used);
  }
  if (!oldest || table_[*oldest].waited_for() || table_[*oldest].watched) return false;
  erase(*oldest);
  return true;
}

// An on-demand instance has proven itself by a token. Without room it stays on probation.
void engine::establish(slot_number slot, instant now) {
  auto& entry = table_[slot];
  if (!entry.probation || !make_room(now)) return;
  leave_probation(slot);
  set_evictable(slot, true);
}

std::optional<bool> engine::add(instance_key const& key, generation_number floor, instant now) {
  now = advance(now);
  auto known = table_.find(key);
  if (known && table_[*known].registered) {  // again: whatever blocked it may be over
    end_removal(table_[*known]);
    if (table_.trouble_of(table_[*known]).blocked != 0) restart(*known, now);
    return false;
  }
  bool const established = known && !table_[*known].probation;
  if (!established && !make_room(now)) return std::nullopt;

  auto const slot = known ? *known : insert(key, floor);
  auto& entry = table_[slot];
  entry.registered = true;
  set_evictable(slot, false);
  leave_probation(slot);
  end_removal(entry);
  registration_changed(entry);
  bool const troubled = entry.generation == 0 || table_.trouble_of(entry).blocked != 0;
  if (troubled) restart(slot, now);
  if (troubled && !kept_warm(entry, now)) {  // forgiven, but minted only when it is asked for
    entry.demanded = false;
    entry.background_at = never;
  }
  wake(slot, now);
  settle(slot, now);
  return true;
}

std::optional<refusal> engine::create_on_demand(instance_key const& key, peer_id peer,
                                                generation_number floor, instant now) {
  now = advance(now);
  if (stopping_) return refusal{refusal_reason::stopping, {}, {}, {}};
  if (table_.find(key)) return std::nullopt;
  auto const& app = endpoint_of(key);
  if (!app.app().on_demand) return refusal{refusal_reason::unknown_instance, {}, {}, {}};
  if (app.refuses_callers(now)) {
    auto const wait = std::max(app.refusal().probe_at() - now, duration{0});
    return refusal{refusal_reason::app_refused, app.refusal().why(), wait, {}};
  }
  forget_stale_probation(now);
  if (auto const wait = probation_.admit(peer.uid, now)) {
    return refusal{refusal_reason::too_many, {}, *wait, {}};
  }
  auto const slot = insert(key, floor);
  auto& entry = table_[slot];
  entry.probation = true;
  entry.probation_uid = peer.uid;
  entry.last_used = now;
  probation_by_use_.push(slot, now);
  entry.background_at = now;
  entry.reason = schedule_reason::first_token;
  settle(slot, now);
  return std::nullopt;
}

bool engine::remove(instance_key const& key) {
  auto const slot = table_.find(key);
  if (slot) erase(*slot);
  return slot.has_value();
}

bool engine::drop_token(instance_key const& key, instant now) {
  auto const slot = table_.find(key);
  if (!slot) return false;
  auto& entry = table_[*slot];
  entry.token = secret{};
  entry.rejected = false;
  // A flight may bring what was just dropped; not the exchange of a code.
  if (entry.flight != 0 && !entry.has_code) entry.discard_flight = true;
  changed(entry);
  answer_watchers(*slot, advance(now));
  restart(*slot, latest_);
  return true;
}

bool engine::retry(instance_key const& key, instant now) {
  now = advance(now);
  auto const slot = table_.find(key);
  if (!slot) return false;
  endpoint_of(key).probe_now(now);
  restart(*slot, now);
  return true;
}

// An idle instance that should be warm (again) gets its next attempt scheduled.
void engine::wake(slot_number slot, instant now) {
  auto& entry = table_[slot];
  if (entry.background_at != never || !kept_warm(entry, now)) return;
  bool const usable_now = entry.usable(now);
  entry.background_at = usable_now ? entry.refresh_at : now;
  entry.reason = usable_now ? schedule_reason::fraction_of_life : schedule_reason::first_token;
  settle(slot, now);
}

// Forgets what went wrong, but not what the upstream asked for, nor who has rejected what.
void engine::restart(slot_number slot, instant now) {
  auto& entry = table_[slot];
  entry.demanded = true;
  entry.in_vain = false;
  if (table_.trouble_of(entry).blocked != 0) changed(entry);
  if (entry.troubles != slab<trouble>::none) {
    auto& had = table_.trouble_for(entry);
    had.hold_until = instant::min();
    had.blocked = 0;
    had.failures = 0;
    had.caller_attempts = 0;
    had.caller_at = instant::min();
    had.negative_until = instant::min();
  }
  if (!entry.usable(now) || entry.rejected || entry.removal) {
    entry.background_at = now;
    entry.reason = schedule_reason::first_token;
  } else {
    entry.background_at = entry.refresh_at;
    entry.reason = schedule_reason::fraction_of_life;
  }
  settle(slot, now);
}

// They were blocked while the app was suspected, wrongly as it turns out.
void engine::forgive(std::vector<instance_key> const& wronged, instant now) {
  for (auto const& key : wronged) {
    if (auto const slot = table_.find(key)) restart(*slot, now);
  }
}

// Nothing goes out for an instance against the upstream's word, also if it was removed meanwhile.
void engine::hold(instance_key const& key, duration retry_after, instant now) {
  auto const until = saturating_add(now, retry_after);
  auto const slot = table_.find(key);
  if (!slot) {
    remember_hold(key, until);
    return;
  }
  auto& not_before = table_.trouble_for(table_[*slot]).not_before;
  not_before = std::max(not_before, until);
  settle(*slot, now);
}

void engine::remember_hold(instance_key const& key, instant until) {
  if (removed_holds_.size() >= removed_holds_max) {
    std::erase_if(removed_holds_, [this](auto const& one) { return one.second <= latest_; });
  }
  auto& held = removed_holds_.try_emplace(key, until).first->second;
  held = std::max(held, until);
}

void engine::configure(app_number app, app_policy const& policy, instant now) {
  now = advance(now);
  auto& changed = endpoints_[static_cast<std::size_t>(app)];
  changed.configure(policy, now);
  for (slot_number slot = 0; slot < table_.slots_end(); ++slot) {
    auto const& entry = table_[slot];
    if (!entry.occupied || entry.key.app != app) continue;
    wake(slot, now);
    settle(slot, now);
  }
}

void engine::probe_now(app_number app, instant now) {
  endpoints_[static_cast<std::size_t>(app)].probe_now(advance(now));
}

}  // namespace wixtokend::core
