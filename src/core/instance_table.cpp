#include "core/instance_table.hpp"

#include <cassert>

namespace wixtokend::core {

std::optional<slot_number> instance_table::find(instance_key const& key) const noexcept {
  auto const found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

slot_number instance_table::insert(instance_key const& key) {
  if (free_.empty()) {
    free_.push_back(static_cast<slot_number>(slots_.size()));
    slots_.emplace_back();
    positions_.emplace_back();
  }
  auto const slot = free_.back();
  [[maybe_unused]] bool const added = index_.emplace(key, slot).second;
  assert(added);
  free_.pop_back();
  slots_[slot].key = key;
  slots_[slot].occupied = true;
  return slot;
}

void instance_table::erase(slot_number slot) {
  assert(slots_[slot].occupied && slots_[slot].where == place::nowhere);
  index_.erase(slots_[slot].key);
  slots_[slot] = instance_entry{};
  free_.push_back(slot);
}

}  // namespace wixtokend::core
