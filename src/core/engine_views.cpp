// What may be known of the engine's state.

#include "core/engine.hpp"

#include <algorithm>

namespace wixtokend::core {
namespace {

schedule_reason reason_of(instance_entry const& entry) noexcept {
  if (entry.flight != 0) return schedule_reason::in_flight;
  bool const queued = entry.where != place::nowhere && entry.where != place::timer;
  return queued ? schedule_reason::due : entry.reason;
}

}  // namespace

instance_state engine::state_at(instance_entry const& entry, instant now) const noexcept {
  auto const& had = table_.trouble_of(entry);
  if (entry.usable(now)) {
    bool const stale = entry.rejected || had.failures != 0 || had.blocked != 0;
    return stale ? instance_state::stale : instance_state::warm;
  }
  if (endpoint_of(entry.key).refusal().active()) return instance_state::app_refused;
  if (had.blocked != 0 || (entry.how == grant::none && !entry.has_code)) {
    return instance_state::blocked;
  }
  bool const idle = entry.background_at == never && !entry.waited_for() && entry.flight == 0;
  return idle ? instance_state::idle : instance_state::cold;
}

std::optional<instance_view> engine::view(instance_key const& key, instant now) const {
  auto const slot = table_.find(key);
  return slot ? view_at(*slot, now) : std::nullopt;
}

std::optional<instance_view> engine::view_at(slot_number slot, instant now) const {
  auto const& entry = table_[slot];
  if (!entry.occupied) return std::nullopt;

  auto const& app = endpoint_of(entry.key);
  auto const& had = table_.trouble_of(entry);
  instance_view seen;
  seen.key = entry.key;
  seen.state = state_at(entry, now);
  seen.grant = entry.how;
  seen.registered = entry.registered;
  seen.generation = entry.generation;
  if (!entry.token.empty()) {
    seen.minted_at = entry.sent;
    seen.usable_until = entry.usable_until;
    seen.expires_at = entry.expires_at;
  }
  if (entry.last_used != instant::min()) seen.last_used = entry.last_used;
  if (auto const at = attempt_at(entry); at != never) {
    auto const held = app.held_until();
    seen.next_attempt_at = std::max({at, held == never ? now : held, now});
  }
  seen.scheduled = reason_of(entry);
  seen.life_assumed = entry.life_assumed;
  seen.rejected = entry.rejected;
  seen.failures_in_row = had.blocked != 0 ? had.blocked : had.failures;
  for (auto waiter = entry.first_waiter; waiter != waiter_table::none;) {
    ++seen.waiters;
    waiter = waiters_.at(waiter).next;
  }
  if (had.last_failure_at != instant::min()) {
    seen.last_failure = had.last_failure;
    seen.last_failure_at = had.last_failure_at;
  }
  if (entry.has_code) seen.code_until = code_deadline(entry);
  if (entry.removal) seen.removal_announced = removals_.at(entry.key).announced_at;
  seen.unkept = entry.unkept || entry.keeping;
  return seen;
}

std::size_t engine::in_flight(app_number app) const noexcept {
  return endpoints_[static_cast<std::size_t>(app)].in_flight();
}

failure const* engine::app_refusal(app_number app) const noexcept {
  auto const& refusal = endpoints_[static_cast<std::size_t>(app)].refusal();
  return refusal.active() ? &refusal.why() : nullptr;
}

app_view engine::app_view_at(app_number app, instant now) const noexcept {
  return endpoints_[static_cast<std::size_t>(app)].view(std::max(now, latest_));
}

}  // namespace wixtokend::core
