#include "core/engine.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace wixtokend::core {

engine::engine(engine_policy const& policy, std::vector<app_policy> const& apps, std::uint64_t seed,
               generation_number floor)
    : policy_{policy}, random_{seed}, probation_{policy_}, floor_{floor} {
  assert(!apps.empty());
  for (auto const& app : apps) endpoints_.emplace_back(app, policy_, table_.positions());
}

endpoint& engine::endpoint_of(instance_key const& key) noexcept {
  return endpoints_[static_cast<std::size_t>(key.app)];
}

endpoint const& engine::endpoint_of(instance_key const& key) const noexcept {
  assert(static_cast<std::size_t>(key.app) < endpoints_.size());
  return endpoints_[static_cast<std::size_t>(key.app)];
}

instant engine::advance(instant now) noexcept {
  latest_ = std::max(latest_, now);
  return latest_;
}

token_view engine::view_of(instance_entry const& entry) noexcept {
  return {&entry.token,     entry.generation, entry.usable_until,
          entry.expires_at, entry.refresh_at, entry.rejected || entry.failures != 0};
}

namespace {

// Half the usable life last seen; more could not be had without minting for each request.
std::optional<duration> min_valid_max(instance_entry const& entry) noexcept {
  if (entry.generation == 0) return std::nullopt;
  return std::max((entry.usable_until - entry.sent) / 2, duration{0});
}

std::optional<refusal> impossible_demand(instance_entry const& entry, token_needs const& needs) {
  auto const max = min_valid_max(entry);
  if (!max || needs.min_valid <= *max) return std::nullopt;
  return refusal{refusal_reason::impossible_validity, {}, {}, *max};
}

std::optional<failure> last_failure_of(instance_entry const& entry) {
  if (!entry.last_failure) return std::nullopt;
  return entry.last_failure->what;
}

}  // namespace

std::optional<token_view> engine::usable(instance_key const& key, token_needs const& needs,
                                         instant now) const {
  auto const slot = table_.find(key);
  if (!slot || !table_[*slot].meets(needs, std::max(latest_, now))) return std::nullopt;
  return view_of(table_[*slot]);
}

request_answer engine::request(instance_key const& key, token_needs const& needs, instant deadline,
                               instant now) {
  now = advance(now);
  if (stopping_) return refusal{refusal_reason::stopping, {}, {}, {}};
  auto const slot = table_.find(key);
  if (!slot) return refusal{refusal_reason::unknown_instance, {}, {}, {}};

  auto& entry = table_[*slot];
  entry.last_used = now;
  wake(*slot, now);
  if (auto refused = impossible_demand(entry, needs)) return *std::move(refused);
  if (entry.meets(needs, now)) return view_of(entry);
  if (auto refused = immediate_refusal(entry, needs, now)) return *std::move(refused);
  if (deadline <= now) {  // it does not wait, but others may find what it has set going
    entry.demanded = true;
    entry.background_at = std::min(entry.background_at, std::max(entry.caller_at, now));
    reschedule(*slot, now);
    return refusal_at_deadline(entry, needs, now);
  }
  auto const id = waiters_.add(*slot, needs, deadline, entry.first_waiter);
  ++entry.waiters;
  reschedule(*slot, now);
  return id;
}

// An idle instance that should be warm (again) gets its next attempt scheduled.
void engine::wake(slot_number slot, instant now) {
  auto& entry = table_[slot];
  if (entry.background_at != never || !kept_warm(entry, now)) return;
  bool const usable_now = entry.usable(now);
  entry.background_at = usable_now ? entry.refresh_at : now;
  entry.reason = usable_now ? schedule_reason::fraction_of_life : schedule_reason::first_token;
  reschedule(slot, now);
}

std::optional<refusal> engine::immediate_refusal(instance_entry const& entry,
                                                 token_needs const& needs, instant now) const {
  if (auto refused = impossible_demand(entry, needs)) return refused;
  bool const short_lived = entry.usable(now) && entry.generation > needs.newer_than;
  auto const& app = endpoint_of(entry.key);
  if (app.refuses_callers(now)) {
    auto const reason =
        short_lived ? refusal_reason::insufficient_validity : refusal_reason::app_refused;
    return refusal{reason, app.refusal(), std::max(app.probe_at() - now, duration{0}), {}};
  }
  if (entry.in_vain && needs.newer_than >= entry.generation) {
    auto const wait = std::max(entry.background_at - now, duration{0});
    return refusal{refusal_reason::unavailable, last_failure_of(entry), wait, {}};
  }
  if (now < entry.negative_until) {
    auto const reason =
        short_lived ? refusal_reason::insufficient_validity : refusal_reason::instance_blocked;
    return refusal{reason, last_failure_of(entry), entry.negative_until - now, {}};
  }
  return std::nullopt;
}

refusal engine::refusal_at_deadline(instance_entry const& entry, token_needs const& needs,
                                    instant now) const {
  if (entry.usable(now) && entry.generation > needs.newer_than) {
    return {refusal_reason::insufficient_validity, last_failure_of(entry), {}, {}};
  }
  if (entry.flight != 0) return {refusal_reason::wait_ended, last_failure_of(entry), {}, {}};
  auto const at = std::max({attempt_at(entry), endpoint_of(entry.key).held_until(), now});
  auto const wait = at == never ? duration{0} : at - now;
  return {refusal_reason::unavailable, last_failure_of(entry), wait, {}};
}

void engine::complete(std::uint32_t waiter, std::optional<refusal> refused) {
  auto& entry = table_[waiters_.at(waiter).instance];
  completions_.push_back({waiters_.id_of(waiter), std::move(refused)});
  waiters_.remove(waiter, entry.first_waiter);
  --entry.waiters;
}

void engine::abandon(waiter_id waiter, instant now) {
  now = advance(now);
  auto const which = waiters_.find(waiter);
  if (!which) return;
  auto const slot = waiters_.at(*which).instance;
  waiters_.remove(*which, table_[slot].first_waiter);
  --table_[slot].waiters;
  reschedule(slot, now);
}

bool engine::in_progress(instance_key const& key) const noexcept {
  auto const slot = table_.find(key);
  return slot && (table_[*slot].flight != 0 || table_[*slot].waiters != 0);
}

slot_number engine::insert(instance_key const& key, generation_number floor) {
  floor_ = std::max(floor_, floor);
  auto const slot = table_.insert(key);
  table_[slot].floor = floor_;
  endpoint_of(key).joined();
  auto const orphan = orphans_.find(key);
  if (orphan != orphans_.end()) {  // at most one flight per key, also over a removal
    table_[slot].flight = orphan->second;
    table_[slot].discard_flight = true;
    orphans_.erase(orphan);
  }
  return slot;
}

std::optional<bool> engine::add(instance_key const& key, generation_number floor, instant now) {
  now = advance(now);
  auto const known = table_.find(key);
  if (!known && table_.size() >= policy_.instances_max) return std::nullopt;

  auto const slot = known ? *known : insert(key, floor);
  auto& entry = table_[slot];
  if (std::exchange(entry.registered, true)) return false;
  if (std::exchange(entry.probation, false)) probation_.leave(entry.probation_uid);
  bool const troubled = entry.generation == 0 || entry.blocked != 0;
  if (troubled) restart(slot, now);
  if (troubled && !kept_warm(entry, now)) {  // forgiven, but minted only when it is asked for
    entry.demanded = false;
    entry.background_at = never;
    reschedule(slot, now);
  }
  wake(slot, now);
  return true;
}

std::optional<refusal> engine::create_on_demand(instance_key const& key, std::uint32_t uid,
                                                generation_number floor, instant now) {
  now = advance(now);
  if (stopping_) return refusal{refusal_reason::stopping, {}, {}, {}};
  if (table_.find(key)) return std::nullopt;
  auto const& app = endpoint_of(key);
  if (!app.app().on_demand) return refusal{refusal_reason::unknown_instance, {}, {}, {}};
  if (app.refuses_callers(now)) {
    auto const wait = std::max(app.probe_at() - now, duration{0});
    return refusal{refusal_reason::app_refused, app.refusal(), wait, {}};
  }
  if (table_.size() >= policy_.instances_max) {
    return refusal{refusal_reason::too_many, {}, policy_.negative_max, {}};
  }
  if (auto const wait = probation_.admit(uid, now)) {
    return refusal{refusal_reason::too_many, {}, *wait, {}};
  }
  auto const slot = insert(key, floor);
  table_[slot].probation = true;
  table_[slot].probation_uid = uid;
  table_[slot].background_at = now;
  table_[slot].reason = schedule_reason::first_token;
  reschedule(slot, now);
  return std::nullopt;
}

void engine::erase(slot_number slot) {
  auto& entry = table_[slot];
  while (entry.first_waiter != waiter_table::none) {
    complete(entry.first_waiter, refusal{refusal_reason::unknown_instance, {}, {}, {}});
  }
  if (entry.probation) probation_.leave(entry.probation_uid);
  if (entry.flight != 0) orphans_.emplace(entry.key, entry.flight);
  floor_ = std::max(floor_, entry.generation + 1);
  endpoint_of(entry.key).put(slot, entry, place::nowhere, {});
  endpoint_of(entry.key).left();
  table_.erase(slot);
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
  if (entry.flight != 0) entry.discard_flight = true;  // it may bring what was just dropped
  restart(*slot, advance(now));
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

// Forgets what went wrong, but not what the upstream asked for.
void engine::restart(slot_number slot, instant now) {
  auto& entry = table_[slot];
  entry.demanded = true;
  entry.in_vain = false;
  entry.hold_until = instant::min();
  entry.blocked = 0;
  entry.failures = 0;
  entry.caller_attempts = 0;
  entry.caller_at = instant::min();
  entry.negative_until = instant::min();
  if (!entry.usable(now) || entry.rejected) {
    entry.background_at = now;
    entry.reason = schedule_reason::first_token;
  } else {
    entry.background_at = entry.refresh_at;
    entry.reason = schedule_reason::fraction_of_life;
  }
  reschedule(slot, now);
}

void engine::stop() {
  stopping_ = true;
  for (slot_number slot = 0; slot < table_.slots_end(); ++slot) {
    while (table_[slot].first_waiter != waiter_table::none) {
      complete(table_[slot].first_waiter, refusal{refusal_reason::stopping, {}, {}, {}});
    }
  }
}

std::vector<completion> engine::take_completions() {
  return std::exchange(completions_, {});
}

}  // namespace wixtokend::core
