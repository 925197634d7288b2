// What attempts come to: tokens are taken, failures are waited out, waiters are answered.

#include "core/backoff.hpp"
#include "core/engine.hpp"
#include "core/refresh_policy.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace wixtokend::core {
namespace {

void count_up(std::uint16_t& counter) noexcept {
  if (counter != std::numeric_limits<std::uint16_t>::max()) ++counter;
}

failure nothing_new(char const* why) {
  return {failure_class::transient, 200, why, "", "", std::nullopt};
}

void remember(instance_entry& entry, failure&& why, instant now) {
  entry.last_failure = std::make_unique<failure_record>(failure_record{std::move(why), now});
}

}  // namespace

void engine::finished(flight const& ended, flight_result result, instant now) {
  now = advance(now);
  auto const orphan = orphans_.find(ended.key);
  if (orphan != orphans_.end() && orphan->second == ended.number) {
    orphans_.erase(orphan);
    endpoint_of(ended.key).ended();
    return;
  }
  auto const slot = table_.find(ended.key);
  if (!slot || table_[*slot].flight != ended.number || ended.number == 0) return;

  auto& entry = table_[*slot];
  entry.flight = 0;
  endpoint_of(ended.key).ended();
  if (std::exchange(entry.discard_flight, false)) {
    reschedule(*slot, now);
  } else if (auto* const issued = std::get_if<minted>(&result)) {
    accept(*slot, std::move(*issued), now);
  } else {
    fail(*slot, std::move(std::get<failure>(result)), now);
  }
}

void engine::accept(slot_number slot, minted&& result, instant now) {
  auto& entry = table_[slot];
  endpoint_of(entry.key).succeeded();
  auto const life = result.expires_at - result.sent;
  auto const usable_until = result.expires_at - margin_of(life, result.life_assumed, policy_);
  bool const same = entry.generation != 0 && entry.token == result.token;
  // What cannot be used is no token: the next attempt follows at a failure's pace.
  if (usable_until <= now || (same && !entry.usable(now))) {
    fail(slot, nothing_new(same ? "unchanged_token" : "short_lived_token"), now);
    return;
  }
  if (std::exchange(entry.probation, false)) probation_.leave(entry.probation_uid);
  entry.failures = 0;
  entry.caller_attempts = 0;
  entry.blocked = 0;
  entry.caller_at = now + caller_delay(1);  // for waiters whose needs are not met even so
  entry.negative_until = instant::min();
  entry.demanded = false;
  bool const shorter = entry.usable(now) && !entry.rejected && usable_until <= entry.usable_until;
  if (same || shorter) {
    keep_token(entry, same ? "unchanged_token" : "short_lived_token", now);
    // A shorter life is taken when it is the longer one: not before the stored one is that short.
    if (!same) entry.background_at = std::max(entry.background_at, entry.usable_until - life);
  } else {
    replace_token(entry, std::move(result), usable_until, now);
  }
  answer_waiters(slot, now);
  reschedule(slot, now);
}

void engine::replace_token(instance_entry& entry, minted&& result, instant usable_until,
                           instant now) {
  auto const life = result.expires_at - result.sent;
  entry.token = std::move(result.token);
  entry.generation = std::max(entry.generation + 1, entry.floor);
  entry.sent = result.sent;
  entry.expires_at = result.expires_at;
  entry.usable_until = usable_until;
  entry.refresh_at = result.sent + refresh_after(life, random_.unit(), policy_);
  entry.life_assumed = result.life_assumed;
  entry.rejected = false;
  entry.in_vain = false;
  entry.hold_until = instant::min();
  entry.background_at = std::max(entry.refresh_at, now);
  entry.reason = schedule_reason::fraction_of_life;
}

// The upstream answered, but with nothing better than what is there: ask again, not at once.
void engine::keep_token(instance_entry& entry, char const* why, instant now) {
  remember(entry, nothing_new(why), now);
  auto const share = std::max(policy_.backoff_min, (entry.usable_until - now) / 4);
  entry.hold_until = now + std::min(policy_.unchanged_hold, share);
  entry.background_at = entry.hold_until;
  entry.reason = schedule_reason::unchanged;
  if (!entry.rejected) return;
  entry.in_vain = true;  // one mint per rejected generation: the next one is its ordinary refresh
  entry.background_at = std::max(entry.background_at, entry.refresh_at);
}

void engine::fail(slot_number slot, failure&& why, instant now) {
  auto& entry = table_[slot];
  remember(entry, std::move(why), now);
  entry.demanded = false;
  auto const& what = entry.last_failure->what;
  if (what.retry_after) {  // whatever the class: nothing goes out against it
    entry.not_before = std::max(entry.not_before, saturating_add(now, *what.retry_after));
  }
  switch (what.kind) {
    case failure_class::transient:
    case failure_class::throttled: back_off(slot, what, now); break;
    case failure_class::app_refused: refuse_app(slot, what, now); break;
    case failure_class::instance_blocked: block(slot, now); break;
  }
  reschedule(slot, now);
}

void engine::back_off(slot_number slot, failure const& why, instant now) {
  auto& entry = table_[slot];
  count_up(entry.failures);
  count_up(entry.caller_attempts);
  auto const remaining = entry.usable(now) ? std::optional{entry.usable_until - now} : std::nullopt;
  entry.background_at = now + transient_delay(entry.failures, remaining, random_.unit(), policy_);
  entry.caller_at = now + caller_delay(entry.caller_attempts);
  entry.reason = schedule_reason::backoff;
  if (why.retry_after) entry.reason = schedule_reason::retry_after;
  if (why.kind == failure_class::throttled) {
    endpoint_of(entry.key).throttled(slot, why.retry_after, now);
  }
}

// Waiters that hold out for something newer are refused as well: the upstream will not give it.
void engine::block(slot_number slot, instant now) {
  auto& entry = table_[slot];
  count_up(entry.blocked);
  entry.failures = 0;
  entry.negative_until = now + doubled(policy_.negative_first, entry.blocked, policy_.negative_max);
  entry.caller_at = entry.negative_until;
  entry.background_at = now + (entry.probation ? policy_.probation_life
                                               : doubled(policy_.blocked_retry_first, entry.blocked,
                                                         policy_.blocked_retry_max));
  entry.reason = schedule_reason::blocked;
  answer_waiters(slot, now);
}

void engine::refuse_app(slot_number slot, failure const& why, instant now) {
  auto& entry = table_[slot];
  auto& app = endpoint_of(entry.key);
  app.refused(why, now);
  count_up(entry.failures);
  entry.background_at =
      now + transient_delay(entry.failures, std::nullopt, random_.unit(), policy_);
  entry.reason = schedule_reason::backoff;

  // Nobody of this app gets anything new for a while, so nobody is kept waiting for it.
  if (waiters_.size() == 0) return;
  for (slot_number other = 0; other < table_.slots_end(); ++other) {
    bool const concerned = table_[other].waiters != 0 && table_[other].key.app == entry.key.app;
    if (concerned) answer_waiters(other, now);
  }
}

void engine::answer_waiters(slot_number slot, instant now) {
  auto& entry = table_[slot];
  for (auto waiter = entry.first_waiter; waiter != waiter_table::none;) {
    auto const following = waiters_.at(waiter).next;
    auto const& needs = waiters_.at(waiter).needs;
    if (entry.meets(needs, now)) {
      complete(waiter, std::nullopt);
    } else if (auto refused = immediate_refusal(entry, needs, now)) {
      complete(waiter, std::move(refused));
    }
    waiter = following;
  }
}

}  // namespace wixtokend::core
