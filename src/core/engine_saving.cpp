// What outlives a restart: which instances have changed, as what they are given to a store, and how
// they come back.

#include "core/engine.hpp"
#include "core/refresh_policy.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::core {

// Whatever is worth keeping of an instance is different from now on.
void engine::changed(instance_entry& entry) {
  if (!noting_ || entry.unsaved || entry.probation) return;
  entry.unsaved = true;
  changes_.push_back(entry.key);
  ++changes_noted_;
}

void engine::registration_changed(instance_entry& entry) {
  entry.unkept = noting_;
  changed(entry);
}

void engine::note_change(instance_key const& key) {
  if (!noting_) return;
  // An entry on probation is not kept, but a store may know of a predecessor.
  if (auto const slot = table_.find(key); slot && !table_[*slot].probation) {
    changed(table_[*slot]);
    return;
  }
  changes_.push_back(key);
  ++changes_noted_;
}

void engine::saved(instance_key const& key) {
  if (auto const slot = table_.find(key)) table_[*slot].keeping = false;
}

void engine::not_saved(instance_key const& key) {
  if (auto const slot = table_.find(key)) {
    auto& entry = table_[*slot];
    entry.unkept = entry.unkept || entry.keeping;
    entry.keeping = false;
  }
  note_change(key);
}

namespace {

std::optional<saved_trouble> worth_saving(instance_entry const& entry, trouble const& had,
                                          instant now) {
  if (had.blocked == 0 && had.not_before <= now && entry.how != grant::none) return std::nullopt;
  if (had.last_failure_at == instant::min()) return std::nullopt;
  return saved_trouble{had.last_failure,   had.last_failure_at, had.blocked,
                       had.negative_until, had.not_before,      entry.background_at};
}

}  // namespace

std::vector<engine::change> engine::take_changes(std::size_t max, instant now) {
  now = advance(now);
  std::vector<change> taken;
  while (!changes_.empty() && taken.size() < max) {
    auto const key = changes_.front();
    changes_.pop_front();
    auto const slot = table_.find(key);
    if (!slot || table_[*slot].probation) {
      taken.push_back({key, std::nullopt});
      continue;
    }
    auto& entry = table_[*slot];
    if (!entry.unsaved) continue;  // a predecessor's place in the list
    entry.unsaved = false;
    entry.keeping = entry.unkept;
    entry.unkept = false;
    saved_instance state;
    state.key = key;
    state.registered = entry.registered;
    state.how = entry.how;
    state.generation = entry.generation;
    if (entry.usable(now) && !entry.rejected) {
      state.token.token = entry.token.copy();
      state.token.sent = entry.sent;
      state.token.expires_at = entry.expires_at;
      state.token.life_assumed = entry.life_assumed;
      state.refresh_at = entry.refresh_at;
    }
    if (entry.last_used != instant::min()) state.last_used = entry.last_used;
    state.trouble = worth_saving(entry, table_.trouble_of(entry), now);
    if (entry.removal) state.removal = removals_.at(key);
    taken.push_back({key, std::move(state)});
  }
  return taken;
}

bool engine::restore(saved_instance&& known, generation_number floor, instant now) {
  now = advance(now);
  if (table_.find(known.key) || table_.size() >= policy_.instances_max) return false;
  auto const slot = insert(known.key, floor);
  auto& entry = table_[slot];
  entry.registered = known.registered;
  entry.how = known.how;
  entry.generation = known.generation;
  entry.last_used = known.last_used.value_or(instant::min());
  bound_life(known.token, policy_, now);
  auto const life = known.token.expires_at - known.token.sent;
  auto const usable_until =
      known.token.expires_at - margin_of(life, known.token.life_assumed, policy_);
  bool const has_token = known.generation != 0 && !known.token.token.empty() && usable_until > now;
  if (has_token) {
    entry.token = std::move(known.token.token);
    entry.sent = known.token.sent;
    entry.expires_at = known.token.expires_at;
    entry.usable_until = usable_until;
    entry.refresh_at = std::clamp(known.refresh_at, entry.sent, usable_until);
    entry.life_assumed = known.token.life_assumed;
  }
  if (!entry.registered) set_evictable(slot, true);
  if (known.removal) {
    entry.removal = true;
    removals_[known.key] = *known.removal;
  }
  wake(slot, now);
  if (known.trouble) {
    auto& had = table_.trouble_for(entry);
    had.last_failure = std::move(known.trouble->why);
    had.last_failure_at = std::min(known.trouble->at, now);
    had.blocked = known.trouble->blocked;
    had.negative_until = known.trouble->negative_until;
    had.not_before = known.trouble->not_before;
    if (had.blocked != 0) {
      had.caller_at = had.negative_until;
      entry.was_blocked = true;
      entry.background_at = known.trouble->background_at;
      entry.reason = schedule_reason::blocked;
    }
  }
  if (entry.removal) {
    auto const first = removals_.at(known.key).confirmed_at;
    auto const next = first ? *first + policy_.removal_confirmed_after : now;
    entry.background_at = std::min(entry.background_at, next);
  }
  settle(slot, now);
  return true;
}

saved_app engine::save_app(app_number app, instant now) const {
  auto out = endpoints_[static_cast<std::size_t>(app)].save(std::max(now, latest_));
  out.app = app;
  return out;
}

void engine::restore_app(saved_app const& known, instant now) {
  endpoints_[static_cast<std::size_t>(known.app)].restore(known, advance(now));
}

void engine::raise_floor(generation_number floor) {
  floor_ = std::max(floor_, floor);
  for (slot_number slot = 0; slot < table_.slots_end(); ++slot) {
    auto& entry = table_[slot];
    if (entry.occupied) entry.floor = std::max(entry.floor, floor_);
  }
}

}  // namespace wixtokend::core
