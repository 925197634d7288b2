#include "core/app_refusal.hpp"

#include "core/backoff.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::core {
namespace {
constexpr std::size_t remembered_max = 64;  // of the instances blocked under suspicion
}

void app_refusal::again(failure const& why, instant now) {
  ++refusals_;
  why_ = why;
  probe_at_ = now + doubled(policy_.probe_first, refusals_, policy_.probe_max);
  if (!why.retry_after) return;
  forced_probe_at_ = std::max(forced_probe_at_, saturating_add(now, *why.retry_after));
  probe_at_ = std::max(probe_at_, forced_probe_at_);
}

void app_refusal::refused(failure const& why, bool was_probe, instant now) {
  if (active() && !was_probe && !suspected_) return;
  suspected_ = false;  // the upstream says it itself
  again(why, now);
}

bool app_refusal::blocked(instance_key const& key, failure const& why, bool newly, bool was_probe,
                          instant now) {
  if (active() && !suspected_) return false;  // there is a better reason already
  bool const known = std::find(blocked_.begin(), blocked_.end(), key) != blocked_.end();
  if (newly && !known && blocked_.size() < remembered_max) blocked_.push_back(key);
  if (suspected_) {
    if (was_probe) again(why, now);
    return false;
  }
  if (!newly || blocked_.size() < policy_.suspicion_row) return false;
  suspected_ = true;
  again(why, now);
  return true;
}

std::vector<instance_key> app_refusal::succeeded() {
  bool const was_suspected = std::exchange(suspected_, false);
  auto blocked = std::exchange(blocked_, {});
  refusals_ = 0;
  probe_at_ = instant::min();
  if (!was_suspected) blocked.clear();
  return blocked;
}

void app_refusal::probe_started(instant now) noexcept {
  probe_at_ = now + doubled(policy_.probe_first, refusals_, policy_.probe_max);
}

void app_refusal::probe_now(instant now) noexcept {
  if (!active() || now < forced_probe_at_) return;
  forced_probe_at_ = now + policy_.forced_probe_gap;
  probe_at_ = std::min(probe_at_, now);
}

void app_refusal::save(saved_app& out) const {
  if (!active()) return;
  out.refusals = refusals_;
  out.suspected = suspected_;
  out.refusal = why_;
  out.probe_at = probe_at_;
}

void app_refusal::restore(saved_app const& known) {
  refusals_ = known.refusals;
  if (!active()) return;
  suspected_ = known.suspected;
  why_ = known.refusal;
  probe_at_ = known.probe_at;
}

}  // namespace wixtokend::core
