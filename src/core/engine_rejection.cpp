// Callers report that an API refused a token: at most one mint comes of it.

#include "core/engine.hpp"

#include <algorithm>

namespace wixtokend::core {

rejection engine::reject(instance_key const& key, generation_number generation, peer_id peer,
                         instant now) {
  now = advance(now);
  auto const slot = table_.find(key);
  if (!slot) return rejection::unknown_instance;
  auto& entry = table_[*slot];
  if (!entry.usable(now)) return rejection::no_token;
  if (generation != entry.generation) return rejection::superseded;
  if (entry.rejected) return entry.in_vain ? rejection::held_off : rejection::replacing;

  auto const& before = table_.trouble_of(entry);
  bool const first = before.rejection_hold == duration{} ||
                     now - before.last_rejection >= policy_.rejection_memory;
  bool const too_soon = !first && now < before.rejection_allowed_at;
  bool const taken = !too_soon && endpoint_of(key).take_rejection(peer, now);
  if (!first || taken) table_.trouble_for(entry).last_rejection = now;
  if (!taken) return rejection::held_off;

  auto& had = table_.trouble_for(entry);
  had.rejection_hold = first ? policy_.rejection_hold_first
                             : std::min(had.rejection_hold * 2, policy_.rejection_hold_max);
  had.rejection_allowed_at = now + had.rejection_hold;
  entry.rejected = true;
  entry.background_at = std::min(entry.background_at, now);
  settle(*slot, now);
  return rejection::replacing;
}

duration engine::rejection_hold(instance_key const& key, peer_id peer, instant now) const {
  auto const slot = table_.find(key);
  auto allowed = endpoint_of(key).rejection_available_at(peer);
  if (slot) {
    auto const& entry = table_[*slot];
    allowed = std::max(allowed, table_.trouble_of(entry).rejection_allowed_at);
    if (entry.in_vain) allowed = std::max(allowed, entry.background_at);
  }
  return allowed <= now ? duration{0} : allowed - now;
}

}  // namespace wixtokend::core
