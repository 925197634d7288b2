// Callers report that an API refused a token: at most one mint comes of it.

#include "core/engine.hpp"

#include <algorithm>

namespace wixtokend::core {

rejection engine::reject(instance_key const& key, generation_number generation, instant now) {
  now = advance(now);
  auto const slot = table_.find(key);
  if (!slot) return rejection::unknown_instance;
  auto& entry = table_[*slot];
  if (!entry.usable(now)) return rejection::no_token;
  if (generation != entry.generation) return rejection::superseded;
  if (entry.rejected) return entry.in_vain ? rejection::held_off : rejection::replacing;

  bool const first =
      entry.rejection_hold == duration{} || now - entry.last_rejection >= policy_.rejection_memory;
  entry.last_rejection = now;
  bool const too_soon = !first && now < entry.rejection_allowed_at;
  if (too_soon || !endpoint_of(key).take_rejection(now)) return rejection::held_off;

  entry.rejection_hold = first ? policy_.rejection_hold_first
                               : std::min(entry.rejection_hold * 2, policy_.rejection_hold_max);
  entry.rejection_allowed_at = now + entry.rejection_hold;
  entry.rejected = true;
  entry.background_at = std::min(entry.background_at, now);
  reschedule(*slot, now);
  return rejection::replacing;
}

duration engine::rejection_hold(instance_key const& key, instant now) const {
  auto const slot = table_.find(key);
  auto allowed = endpoint_of(key).rejection_available_at();
  if (slot) allowed = std::max(allowed, table_[*slot].rejection_allowed_at);
  if (slot && table_[*slot].in_vain) allowed = std::max(allowed, table_[*slot].background_at);
  return allowed <= now ? duration{0} : allowed - now;
}

}  // namespace wixtokend::core
