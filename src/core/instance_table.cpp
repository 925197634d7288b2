#include "core/instance_table.hpp"

#include <cassert>

namespace wixtokend::core {

std::optional<slot_number> instance_table::find(instance_key const& key) const noexcept {
  auto const found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  return *found;
}

slot_number instance_table::insert(instance_key const& key) {
  assert(!find(key));
  auto const slot = rows_.take();
  if (positions_.size() < rows_.end()) positions_.resize(rows_.end());
  rows_[slot].key = key;
  rows_[slot].occupied = true;
  index_.insert(slot);
  return slot;
}

void instance_table::erase(slot_number slot) {
  auto& entry = rows_[slot];
  assert(entry.occupied && entry.where == place::nowhere && !entry.evictable);
  forget_trouble(entry);
  index_.erase(slot);
  rows_.free(slot);
}

trouble& instance_table::trouble_for(instance_entry& entry) {
  if (entry.troubles == slab<trouble>::none) entry.troubles = troubles_.take();
  return troubles_[entry.troubles];
}

void instance_table::forget_trouble(instance_entry& entry) {
  if (entry.troubles == slab<trouble>::none) return;
  troubles_.free(entry.troubles);
  entry.troubles = slab<trouble>::none;
}

}  // namespace wixtokend::core
