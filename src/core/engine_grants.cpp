// Legacy grants: codes that must be exchanged in time, and installations that are said to be gone.

#include "core/engine.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::core {

bool engine::set_grant(instance_key const& key, grant how, instant now) {
  now = advance(now);
  auto const slot = table_.find(key);
  if (!slot) return false;
  auto& entry = table_[*slot];
  // What is under way is with what the old grant was; of another kind it is told by that.
  bool const same_kind = entry.how == how;
  if (entry.flight != 0 && same_kind && !entry.has_code) entry.discard_flight = true;
  entry.how = how;
  registration_changed(entry);
  restart(*slot, now);  // what the old grant was refused says nothing of the new one
  if (how == grant::none) answer_waiters(*slot, now);
  return true;
}

bool engine::offer_code(instance_key const& key, instant deadline, instant now) {
  now = advance(now);
  auto const slot = table_.find(key);
  if (!slot) return false;
  auto& entry = table_[*slot];
  entry.has_code = true;
  codes_[key] = deadline;
  restart(*slot, now);
  entry.background_at = now;
  entry.reason = schedule_reason::first_token;
  settle(*slot, now);
  return true;
}

void engine::end_code(instance_entry& entry) {
  if (!entry.has_code) return;
  entry.has_code = false;
  codes_.erase(entry.key);
}

instant engine::code_deadline(instance_entry const& entry) const noexcept {
  auto const found = codes_.find(entry.key);
  return found == codes_.end() ? never : found->second;
}

// Until when the instance has something that is worth an attempt before others.
instant engine::living_until(instance_entry const& entry, instant now) const noexcept {
  if (!entry.has_code) return entry.usable_until;
  auto const deadline = code_deadline(entry);
  return entry.usable(now) ? std::min(entry.usable_until, deadline) : deadline;
}

// The time of a code may be over while it waits for its turn. @returns whether it is.
bool engine::expire_code(slot_number slot, instant now) {
  auto& entry = table_[slot];
  if (!entry.has_code || code_deadline(entry) > now) return false;
  refuse_code(entry, now);
  notices_.push_back({grant_notice::kind::code_expired, entry.key});
  settle(slot, now);
  return true;
}

bool engine::announce_removal(instance_key const& key, instant now) {
  now = advance(now);
  auto const slot = table_.find(key);
  if (!slot || table_[*slot].probation) return false;
  auto& entry = table_[*slot];
  if (entry.removal) return true;  // told again
  entry.removal = true;
  removals_[key] = {now, std::nullopt};
  changed(entry);
  confirm_if_dead(entry);
  entry.background_at = now;
  settle(*slot, now);
  return true;
}

// What has nothing to be minted with cannot be asked for, and has nothing to lose.
void engine::confirm_if_dead(instance_entry const& entry) {
  if (!entry.removal || entry.how != grant::none || entry.has_code) return;
  notices_.push_back({grant_notice::kind::removal_confirmed, entry.key});
}

void engine::end_removal(instance_entry& entry) {
  if (!entry.removal) return;
  entry.removal = false;
  removals_.erase(entry.key);
  changed(entry);
}

namespace {

// What the upstream says of an installation that is gone (docs/upstream.md). While the app itself
// is refused, such an answer may be about the app.
bool says_gone(failure const& what) noexcept {
  if (what.status == 404) return true;
  return (what.status == 400 || what.status == 401) && what.code == "invalid_grant";
}

}  // namespace

void engine::look_for_removal(instance_entry& entry, failure const& what, instant now) {
  if (!entry.removal) return;
  auto& removal = removals_.at(entry.key);
  bool const counts = says_gone(what) && !endpoint_of(entry.key).refusal().active();
  bool const second =
      removal.confirmed_at && now - *removal.confirmed_at >= policy_.removal_confirmed_after;
  if (counts && second) {
    notices_.push_back({grant_notice::kind::removal_confirmed, entry.key});
    return;
  }
  if (counts && !removal.confirmed_at) removal.confirmed_at = now;
  entry.background_at = std::min(entry.background_at, now + policy_.removal_confirmed_after);
}

std::vector<grant_notice> engine::take_notices() {
  return std::exchange(notices_, {});
}

}  // namespace wixtokend::core
