// What may be known of the engine's state.

#include "core/engine.hpp"

#include <algorithm>

namespace wixtokend::core {
namespace {

instance_state state_of(instance_entry const& entry, endpoint const& app, instant now) noexcept {
  if (entry.usable(now)) {
    bool const stale = entry.rejected || entry.failures != 0;
    return stale ? instance_state::stale : instance_state::warm;
  }
  if (app.is_refused()) return instance_state::app_refused;
  if (entry.blocked != 0) return instance_state::blocked;
  bool const idle = entry.background_at == never && entry.waiters == 0 && entry.flight == 0;
  return idle ? instance_state::idle : instance_state::cold;
}

schedule_reason reason_of(instance_entry const& entry) noexcept {
  if (entry.flight != 0) return schedule_reason::in_flight;
  bool const queued = entry.where != place::nowhere && entry.where != place::timer;
  return queued ? schedule_reason::due : entry.reason;
}

}  // namespace

std::optional<instance_view> engine::view(instance_key const& key, instant now) const {
  auto const slot = table_.find(key);
  return slot ? view_at(*slot, now) : std::nullopt;
}

std::optional<instance_view> engine::view_at(slot_number slot, instant now) const {
  auto const& entry = table_[slot];
  if (!entry.occupied) return std::nullopt;

  auto const& app = endpoint_of(entry.key);
  instance_view seen;
  seen.key = entry.key;
  seen.state = state_of(entry, app, now);
  seen.registered = entry.registered;
  seen.generation = entry.generation;
  if (!entry.token.empty()) {
    seen.minted_at = entry.sent;
    seen.usable_until = entry.usable_until;
    seen.expires_at = entry.expires_at;
  }
  if (entry.last_used != instant::min()) seen.last_used = entry.last_used;
  if (auto const at = attempt_at(entry); at != never) {
    seen.next_attempt_at = std::max({at, app.held_until(), now});
  }
  seen.scheduled = reason_of(entry);
  seen.life_assumed = entry.life_assumed;
  seen.rejected = entry.rejected;
  seen.failures_in_row = entry.blocked != 0 ? entry.blocked : entry.failures;
  seen.waiters = entry.waiters;
  if (entry.last_failure) {
    seen.last_failure = entry.last_failure->what;
    seen.last_failure_at = entry.last_failure->when;
  }
  return seen;
}

engine::warmth engine::warmth_at(instant now) const noexcept {
  warmth seen;
  for (slot_number slot = 0; slot < table_.slots_end(); ++slot) {
    auto const& entry = table_[slot];
    bool const usable_now = entry.usable(now);
    bool const blocked = entry.blocked != 0 && !usable_now;
    if (!entry.occupied || entry.probation || blocked || !kept_warm(entry, now)) continue;
    ++seen.kept_warm;
    if (usable_now) ++seen.usable;
  }
  return seen;
}

std::size_t engine::in_flight(app_number app) const noexcept {
  return endpoints_[static_cast<std::size_t>(app)].in_flight();
}

failure const* engine::app_refusal(app_number app) const noexcept {
  auto const& endpoint = endpoints_[static_cast<std::size_t>(app)];
  return endpoint.is_refused() ? &endpoint.refusal() : nullptr;
}

}  // namespace wixtokend::core
