// Callers that have a token and wait for the next one: they demand nothing.

#include "core/engine.hpp"

#include <algorithm>

namespace wixtokend::core {
namespace {

// From when on the token that is there can not be confirmed any more to somebody with these needs.
instant lapse_of(instance_entry const& entry, token_needs const& needs) noexcept {
  return std::min(entry.usable_until, entry.usable_until - needs.min_valid + duration{1});
}

}  // namespace

std::variant<waiter_id, refusal> engine::watch(instance_key const& key, token_needs const& has,
                                               peer_id peer, instant deadline, instant now) {
  now = advance(now);
  if (stopping_) return refusal{refusal_reason::stopping, {}, {}, {}};
  auto const slot = table_.find(key);
  if (!slot) return refusal{refusal_reason::unknown_instance, {}, {}, {}};

  auto& entry = table_[*slot];
  auto const until = std::min(deadline, lapse_of(entry, has));
  bool const changed_already = entry.token.empty() || entry.generation != has.newer_than;
  if (changed_already || until <= now) return refusal{refusal_reason::wait_ended, {}, {}, {}};

  auto& first = watches_.try_emplace(*slot, waiter_table::none).first->second;
  auto const id = waiters_.add_watcher(*slot, has, peer, until, first);
  entry.watched = true;
  entry.last_used = now;
  wake(*slot, now);
  settle(*slot, now);
  return id;
}

// The use lasted until now.
void engine::remove_watcher(std::uint32_t watcher) {
  auto const slot = waiters_.at(watcher).instance;
  auto& entry = table_[slot];
  auto const first = watches_.find(slot);
  waiters_.remove(watcher, first->second);
  entry.last_used = std::max(entry.last_used, latest_);
  if (first->second != waiter_table::none) return;
  watches_.erase(first);
  entry.watched = false;
}

// All in one pass: there may be thousands of them.
void engine::answer_watchers(slot_number slot, instant now) {
  auto const& entry = table_[slot];
  if (!entry.watched) return;
  for (auto watcher = watches_.at(slot); watcher != waiter_table::none;) {
    auto const following = waiters_.at(watcher).next;
    auto const& has = waiters_.at(watcher).needs;
    bool const confirmed = entry.generation == has.newer_than &&
                           entry.meets({.min_valid = has.min_valid, .newer_than = 0}, now);
    if (!confirmed) complete(watcher, std::nullopt);
    watcher = following;
  }
}

void engine::end_watches(slot_number slot, refusal const& why) {
  while (table_[slot].watched) complete(watches_.at(slot), why);
}

void engine::end_watches() {
  while (!watches_.empty()) complete(watches_.begin()->second, std::nullopt);
}

}  // namespace wixtokend::core
