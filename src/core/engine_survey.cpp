// A look at every instance, in parts, so that a million of them hold nobody up.

#include "core/engine.hpp"

#include <algorithm>
#include <cassert>

namespace wixtokend::core {

slot_number engine::survey(slot_number from, std::size_t most, std::span<app_survey> into,
                           instant now) const {
  assert(into.size() == endpoints_.size());
  auto const end = table_.slots_end();
  auto const stop = std::min<std::size_t>(end, std::size_t{from} + most);
  auto slot = from;
  for (; slot < stop; ++slot) {
    auto const& entry = table_[slot];
    if (!entry.occupied) continue;
    auto& app = into[static_cast<std::size_t>(entry.key.app)];
    ++app.by_state.at(static_cast<std::size_t>(state_at(entry, now)));
    if (!kept_warm(entry, now)) continue;
    if (entry.usable(now)) {
      auto const left = entry.usable_until - now;
      app.usable.add(left);
      app.shortest = app.shortest ? std::min(*app.shortest, left) : left;
    }
    if (!entry.token.empty() && entry.refresh_at < now) {
      ++app.overdue;
      app.overdue_most = std::max(app.overdue_most, now - entry.refresh_at);
    }
  }
  return slot;
}

}  // namespace wixtokend::core
