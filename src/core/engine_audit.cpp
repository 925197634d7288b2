// Compares what the engine keeps twice, at every instance. For tests.

#include "core/engine.hpp"

#include <string>

namespace wixtokend::core {
namespace {

struct totals {
  std::uint64_t demand = 0;
  std::size_t instances = 0;
  std::size_t warm = 0;
  std::size_t usable = 0;
  std::size_t flights = 0;
  std::size_t waiting = 0;
};

}  // namespace

std::string engine::inconsistency(instant now) const {
  now = std::max(now, latest_);
  std::vector<totals> sums(endpoints_.size());
  std::size_t on_probation = 0;
  std::size_t evictable = 0;
  std::size_t waiters = 0;
  std::size_t troubled = 0;
  for (slot_number slot = 0; slot < table_.slots_end(); ++slot) {
    auto const& entry = table_[slot];
    if (!entry.occupied) continue;
    auto const name = " at instance " + entry.key.instance.to_string();
    auto& sum = sums[static_cast<std::size_t>(entry.key.app)];
    ++sum.instances;
    sum.demand += entry.demand;
    sum.warm += entry.counted_warm ? 1 : 0;
    sum.usable += entry.counted_usable ? 1 : 0;
    sum.flights += entry.flight != 0 ? 1 : 0;
    bool const queued = entry.where != place::nowhere && entry.where != place::timer;
    sum.waiting += queued ? 1 : 0;
    on_probation += entry.probation ? 1 : 0;
    evictable += entry.evictable ? 1 : 0;
    troubled += entry.troubles != slab<trouble>::none ? 1 : 0;

    if (table_.find(entry.key) != slot) return "the index does not lead to its slot" + name;
    if (entry.flight != 0 && queued) return "queued though a flight is under way" + name;
    if (entry.registered && (entry.probation || entry.evictable)) {
      return "registered, yet on probation or evictable" + name;
    }
    bool const forgotten =
        entry.where == place::nowhere && entry.flight == 0 && attempt_at(entry) != never;
    if (forgotten) return "due at some time, yet in no queue" + name;
    if (entry.counted_usable && !entry.usable(latest_) && entry.where == place::timer) {
      return "counted as usable, but it is not" + name;
    }
    for (auto waiter = entry.first_waiter; waiter != waiter_table::none;
         waiter = waiters_.at(waiter).next) {
      ++waiters;
      if (waiters_.at(waiter).instance != slot) return "a waiter of another instance" + name;
    }
    auto const watched = watches_.find(slot);
    if ((watched != watches_.end()) != entry.watched) return "watched without a watcher" + name;
    for (auto watcher = entry.watched ? watched->second : waiter_table::none;
         watcher != waiter_table::none; watcher = waiters_.at(watcher).next) {
      ++waiters;
      auto const& one = waiters_.at(watcher);
      if (one.instance != slot || !one.watching) return "not a watcher of it" + name;
    }
  }
  if (waiters != waiters_.size()) return "waiters outside of any instance";
  if (on_probation != probation_.size() || on_probation != probation_by_use_.size()) {
    return "the probation's count is wrong";
  }
  if (evictable != by_use_.size()) return "the order of eviction has lost or gained instances";
  if (troubled != table_.troubled()) return "trouble without an instance";

  for (auto const& [key, flight] : orphans_) ++sums[static_cast<std::size_t>(key.app)].flights;
  for (std::size_t app = 0; app < sums.size(); ++app) {
    auto const seen = endpoints_[app].view(now);
    auto const& sum = sums[app];
    auto const name = " of app " + std::to_string(app);
    if (seen.instances != sum.instances) return "the count of instances" + name;
    if (seen.kept_warm != sum.warm || seen.usable != sum.usable) return "the warmth" + name;
    if (seen.demand != static_cast<double>(sum.demand) * 1e-9) return "the demand" + name;
    if (seen.waiting() != sum.waiting) return "the lengths of the lanes" + name;
    if (seen.in_flight < sum.flights) return "the count of flights" + name;
  }
  return {};
}

}  // namespace wixtokend::core
