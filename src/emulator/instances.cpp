#include "emulator/instances.hpp"

#include <chrono>

namespace wixtokend::emulator {

instance_row* instances::find_or_add(instance_key const& key) {
  auto const found = rows_.find(key);
  if (found != rows_.end()) return &found->second;
  if (rows_.size() >= rows_max) return nullptr;
  return &rows_[key];
}

instance_row const* instances::find(instance_key const& key) const {
  auto const found = rows_.find(key);
  return found == rows_.end() ? nullptr : &found->second;
}

bool instances::installed(instance_key const& key, bool listed_only) const {
  if (key.instance == instance_id{}) return false;
  auto const* const row = find(key);
  auto const state = row == nullptr ? installation::unlisted : row->state;
  return state == installation::installed || (state == installation::unlisted && !listed_only);
}

void instances::reset_counters() {
  for (auto& [key, row] : rows_) {
    row.mints = 0;
    row.requests = 0;
  }
}

std::optional<std::chrono::seconds> over_limit(instance_row& row, wall_time now,
                                               std::uint32_t per_minute) {
  using namespace std::chrono;
  if (per_minute == 0) return std::nullopt;
  // Time that stepped back starts a window too.
  if (now < row.window_start || now - row.window_start >= minutes{1}) {
    row.window_start = now;
    row.window_requests = 0;
  }
  if (row.window_requests >= per_minute) return ceil<seconds>(row.window_start + minutes{1} - now);
  ++row.window_requests;
  return std::nullopt;
}

}  // namespace wixtokend::emulator
