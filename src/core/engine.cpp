#include "core/engine.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace wixtokend::core {

engine::engine(engine_policy const& policy, std::vector<app_policy> const& apps, std::uint64_t seed,
               generation_number floor)
    : policy_{policy},
      random_{seed},
      probation_{policy_},
      by_use_{use_positions_},
      probation_by_use_{use_positions_},
      floor_{std::max<generation_number>(floor, 1)} {
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

token_view engine::view_of(instance_entry const& entry) const noexcept {
  auto const& had = table_.trouble_of(entry);
  bool const stale = entry.rejected || had.failures != 0 || had.blocked != 0;
  return {&entry.token,     entry.generation, entry.usable_until,
          entry.expires_at, entry.refresh_at, stale};
}

namespace {

// Half the usable life last seen; more could not be had without minting for each request.
std::optional<duration> min_valid_max(instance_entry const& entry) noexcept {
  if (entry.usable_until <= entry.sent) return std::nullopt;  // no life was seen yet
  return (entry.usable_until - entry.sent) / 2;
}

std::optional<refusal> impossible_demand(instance_entry const& entry, token_needs const& needs) {
  auto const max = min_valid_max(entry);
  if (!max || needs.min_valid <= *max) return std::nullopt;
  return refusal{refusal_reason::impossible_validity, {}, {}, *max};
}

std::optional<failure> last_failure_of(trouble const& had) {
  if (had.last_failure_at == instant::min()) return std::nullopt;
  return had.last_failure;
}

duration until(instant when, instant now) noexcept {
  return when <= now || when == never ? duration{0} : when - now;
}

}  // namespace

std::optional<token_view> engine::usable(instance_key const& key, token_needs const& needs,
                                         instant now) const {
  auto const slot = table_.find(key);
  if (!slot || !table_[*slot].meets(needs, std::max(latest_, now))) return std::nullopt;
  return view_of(table_[*slot]);
}

request_answer engine::request(instance_key const& key, token_needs const& needs, peer_id peer,
                               instant deadline, instant now) {
  now = advance(now);
  if (stopping_) return refusal{refusal_reason::stopping, {}, {}, {}};
  auto const slot = table_.find(key);
  if (!slot) return refusal{refusal_reason::unknown_instance, {}, {}, {}};

  auto& entry = table_[*slot];
  // Not each use is worth writing down: that it is used at all is, once in a while.
  if (noting_ && now - policy_.use_noted_after > entry.last_used) changed(entry);
  entry.last_used = now;
  wake(*slot, now);
  if (auto refused = impossible_demand(entry, needs)) return *std::move(refused);
  if (entry.meets(needs, now)) return view_of(entry);
  if (auto refused = immediate_refusal(entry, needs, now)) return *std::move(refused);
  if (deadline <= now) {  // it does not wait, but others may find what it has set going
    entry.demanded = true;
    entry.background_at =
        std::min(entry.background_at, std::max(table_.trouble_of(entry).caller_at, now));
    settle(*slot, now);
    return refusal_at_deadline(entry, needs, now);
  }
  if (!entry.waited_for()) endpoint_of(key).waiting_began();
  auto const id = waiters_.add(*slot, needs, peer, deadline, entry.first_waiter);
  settle(*slot, now);
  return id;
}

std::optional<refusal> engine::immediate_refusal(instance_entry const& entry,
                                                 token_needs const& needs, instant now) const {
  if (auto refused = impossible_demand(entry, needs)) return refused;
  bool const short_lived = entry.usable(now) && entry.generation > needs.newer_than;
  auto const& app = endpoint_of(entry.key);
  auto const& had = table_.trouble_of(entry);
  if (app.refuses_callers(now)) {
    auto const reason =
        short_lived ? refusal_reason::insufficient_validity : refusal_reason::app_refused;
    // While a probe is under way its answer is near, whenever the next one would go.
    auto const wait =
        app.in_flight() != 0 ? policy_.negative_first : until(app.refusal().probe_at(), now);
    return refusal{reason, app.refusal().why(), wait, {}};
  }
  if (entry.in_vain && needs.newer_than >= entry.generation) {
    return refusal{
        refusal_reason::unavailable, last_failure_of(had), until(entry.background_at, now), {}};
  }
  if (entry.how == grant::none && !entry.has_code) {
    return refusal{refusal_reason::instance_blocked, last_failure_of(had), {}, {}};
  }
  if (now < had.negative_until) {
    auto const reason =
        short_lived ? refusal_reason::insufficient_validity : refusal_reason::instance_blocked;
    return refusal{reason, last_failure_of(had), had.negative_until - now, {}};
  }
  return std::nullopt;
}

refusal engine::refusal_at_deadline(instance_entry const& entry, token_needs const& needs,
                                    instant now) const {
  auto last = last_failure_of(table_.trouble_of(entry));
  if (entry.usable(now) && entry.generation > needs.newer_than) {
    return {refusal_reason::insufficient_validity, std::move(last), {}, {}};
  }
  if (entry.flight != 0) return {refusal_reason::wait_ended, std::move(last), {}, {}};
  auto const held = endpoint_of(entry.key).held_until();
  auto const at = held == never ? attempt_at(entry) : std::max(attempt_at(entry), held);
  return {refusal_reason::unavailable, std::move(last), until(at, now), {}};
}

// ---- waiters

void engine::remove_waiter(std::uint32_t waiter) {
  if (waiters_.at(waiter).watching) {
    remove_watcher(waiter);
    return;
  }
  auto& entry = table_[waiters_.at(waiter).instance];
  waiters_.remove(waiter, entry.first_waiter);
  if (!entry.waited_for()) endpoint_of(entry.key).waiting_ended();
}

void engine::complete(std::uint32_t waiter, std::optional<refusal> refused) {
  completions_.push_back({waiters_.id_of(waiter), std::move(refused)});
  remove_waiter(waiter);
}

void engine::abandon(waiter_id waiter, instant now) {
  now = advance(now);
  auto const which = waiters_.find(waiter);
  if (!which) return;
  auto const slot = waiters_.at(*which).instance;
  remove_waiter(*which);
  settle(slot, now);
}

void engine::answer_waiters(slot_number slot, instant now) {
  auto const& entry = table_[slot];
  for (auto waiter = entry.first_waiter; waiter != waiter_table::none;) {
    auto const following = waiters_.at(waiter).next;
    auto const& needs = waiters_.at(waiter).needs;
    if (entry.meets(needs, now)) {
      complete(waiter, std::nullopt);
    } else if (auto refused = immediate_refusal(entry, needs, now)) {
      complete(waiter, std::move(refused));
    }
    waiter = following;
  }
}

// Nobody of this app gets anything new for a while, so nobody is kept waiting for it.
void engine::answer_waiters_of(app_number app, instant now) {
  for (auto const slot : waiters_.instances()) {
    if (table_[slot].key.app != app) continue;
    answer_waiters(slot, now);
    settle(slot, now);
  }
}

bool engine::in_progress(instance_key const& key) const noexcept {
  auto const slot = table_.find(key);
  return slot && (table_[*slot].flight != 0 || table_[*slot].waited_for());
}

void engine::stop() {
  stopping_ = true;
  while (auto const waiter = waiters_.soonest()) {
    complete(*waiter, refusal{refusal_reason::stopping, {}, {}, {}});
  }
}

std::vector<completion> engine::take_completions() {
  return std::exchange(completions_, {});
}

}  // namespace wixtokend::core
