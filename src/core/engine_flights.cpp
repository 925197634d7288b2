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

// Whom a failure is put down to. All instances on probation are one: anybody can make up ids.
instance_key accountable(instance_entry const& entry) noexcept {
  return entry.probation ? instance_key{entry.key.app, {}} : entry.key;
}

failure nothing_new(char const* why) {
  return {failure_class::transient, 200, why, "", "", std::nullopt};
}

}  // namespace

void engine::finished(flight const& ended, flight_result result, instant now) {
  now = advance(now);
  auto const orphan = orphans_.find(ended.key);
  if (orphan != orphans_.end() && orphan->second == ended.number) {
    orphans_.erase(orphan);
    learn_only(ended.key, result, endpoint_of(ended.key).ended(ended.number), now);
    return;
  }
  auto const slot = table_.find(ended.key);
  if (!slot || table_[*slot].flight != ended.number || ended.number == 0) return;

  auto& entry = table_[*slot];
  entry.flight = 0;
  bool const was_probe = endpoint_of(ended.key).ended(ended.number);
  if (entry.discard_flight) {
    entry.discard_flight = false;
    learn_only(ended.key, result, was_probe, now);
    settle(*slot, now);
  } else if (auto* const issued = std::get_if<minted>(&result)) {
    accept(*slot, ended.grant, std::move(*issued), was_probe, now);
  } else {
    fail(*slot, ended.grant, std::move(std::get<failure>(result)), was_probe, now);
  }
}

// The result is for an instance, or a token, that is gone: it says something of the upstream only.
void engine::learn_only(instance_key const& key, flight_result const& result, bool was_probe,
                        instant now) {
  auto& app = endpoint_of(key);
  auto const* const failed = std::get_if<failure>(&result);
  if (failed == nullptr) {
    forgive(app.succeeded(key, now), now);
    return;
  }
  if (failed->retry_after) hold(key, *failed->retry_after, now);
  switch (failed->kind) {
    case failure_class::transient: app.failed(key, was_probe, random_.unit(), now); break;
    case failure_class::throttled: app.throttled(key, failed->retry_after, now); break;
    case failure_class::app_refused: app.refused(*failed, was_probe, now); break;
    case failure_class::instance_blocked: app.blocked(key, *failed, false, was_probe, now); break;
  }
}

void engine::accept(slot_number slot, grant how, minted&& result, bool was_probe, instant now) {
  auto& entry = table_[slot];
  if (how == grant::authorization_code) {  // whatever its first token is worth, it was taken
    end_code(entry);
    entry.how = grant::refresh_token;
    changed(entry);
  }
  bound_life(result, policy_, now);
  auto const life = result.expires_at - result.sent;
  auto const usable_until = result.expires_at - margin_of(life, result.life_assumed, policy_);
  bool const same = entry.generation != 0 && entry.token == result.token;
  // What cannot be used is no token: the next attempt follows at a failure's pace.
  bool const useless = life <= policy_.life_min || usable_until <= now || result.token.empty();
  if (useless || (same && !entry.usable(now))) {
    auto why = nothing_new(same ? "unchanged_token" : "short_lived_token");
    fail(slot, entry.how, std::move(why), was_probe, now);
    return;
  }
  if (entry.removal && result.sent >= removals_.at(entry.key).announced_at) end_removal(entry);
  auto const deserving = endpoint_of(entry.key).succeeded(entry.key, now);
  recover(entry, now);
  entry.demanded = false;
  entry.was_blocked = false;
  bool const shorter = entry.usable(now) && !entry.rejected && usable_until <= entry.usable_until;
  if (same || shorter) {
    keep_token(entry, same ? "unchanged_token" : "short_lived_token", now);
    // A shorter life is taken when it is the longer one: not before the stored one is that short.
    if (!same) entry.background_at = std::max(entry.background_at, entry.usable_until - life);
  } else {
    replace_token(entry, std::move(result), usable_until, now);
  }
  // Neither a code nor the question whether it was removed meanwhile waits for the next refresh.
  if (entry.has_code || entry.removal) entry.background_at = now;
  establish(slot, now);
  changed(entry);
  answer_waiters(slot, now);
  answer_watchers(slot, now);
  // Waiters whose needs are not met even so go on at the pace of callers' attempts.
  if (entry.waited_for()) table_.trouble_for(entry).caller_at = now + caller_delay(1);
  settle(slot, now);
  forgive(deserving, now);
}

void engine::replace_token(instance_entry& entry, minted&& result, instant usable_until,
                           instant now) {
  auto const life = result.expires_at - result.sent;
  auto const how = endpoint_of(entry.key).app().resilience;
  auto const ordinary = refresh_after(life, random_.unit(), how, policy_);
  auto const delay = std::max(result.sent - entry.refresh_at, duration{0});
  auto const after = entry.usable(now) ? refresh_in_turn(ordinary, delay, life, policy_)
                                       : spread_refresh(ordinary, random_.unit(), policy_);
  entry.token = std::move(result.token);
  entry.generation = std::max(entry.generation + 1, entry.floor);
  entry.sent = result.sent;
  entry.expires_at = result.expires_at;
  entry.usable_until = usable_until;
  entry.refresh_at = result.sent + after;
  entry.life_assumed = result.life_assumed;
  entry.rejected = false;
  entry.in_vain = false;
  entry.background_at = std::max(entry.refresh_at, now);
  entry.reason = schedule_reason::fraction_of_life;
}

// The upstream answered, but with nothing better than what is there: ask again, not at once.
void engine::keep_token(instance_entry& entry, char const* why, instant now) {
  auto& had = table_.trouble_for(entry);
  had.last_failure = nothing_new(why);
  had.last_failure_at = now;
  auto const share = std::max(policy_.backoff_min, (entry.usable_until - now) / 4);
  had.hold_until = now + std::min(policy_.unchanged_hold, share);
  entry.background_at = had.hold_until;
  entry.reason = schedule_reason::unchanged;
  if (!entry.rejected) return;
  entry.in_vain = true;  // one mint per rejected generation: the next one is its ordinary refresh
  entry.background_at = std::max(entry.background_at, entry.refresh_at);
}

// A token came: nothing that went wrong counts any more. What it was can be seen until the next
// one.
void engine::recover(instance_entry& entry, instant now) {
  if (entry.troubles == slab<trouble>::none) return;
  auto& had = table_.trouble_for(entry);
  if (had.over(now, policy_.rejection_memory)) {
    table_.forget_trouble(entry);
    return;
  }
  had.failures = 0;
  had.caller_attempts = 0;
  had.blocked = 0;
  had.caller_at = instant::min();
  had.hold_until = instant::min();
  had.negative_until = instant::min();
}

void engine::fail(slot_number slot, grant how, failure&& why, bool was_probe, instant now) {
  auto& entry = table_[slot];
  auto const key = entry.key;
  auto& app = endpoint_of(key);
  auto& had = table_.trouble_for(entry);
  entry.demanded = false;
  bool const long_ago = had.last_failure_at == instant::min() ||
                        now - had.last_failure_at > policy_.caller_pace_memory;
  if (long_ago) had.caller_attempts = 0;
  had.last_failure = std::move(why);
  had.last_failure_at = now;
  auto const& what = had.last_failure;
  if (what.retry_after) {  // whatever the class: nothing goes out against it
    had.not_before = std::max(had.not_before, saturating_add(now, *what.retry_after));
    changed(entry);
  }
  bool nobody_gets_any = false;
  switch (what.kind) {
    case failure_class::transient:
      app.failed(accountable(entry), was_probe, random_.unit(), now);
      back_off(entry, now);
      break;
    case failure_class::throttled:
      app.throttled(key, what.retry_after, now);
      back_off(entry, now);
      break;
    case failure_class::app_refused:
      app.refused(what, was_probe, now);
      back_off(entry, now);
      nobody_gets_any = true;
      break;
    case failure_class::instance_blocked: {
      if (how == grant::authorization_code) {  // it says nothing of the instance: anybody can offer
        refuse_code(entry, now);               // a code
        app.blocked(key, what, false, was_probe, now);
        break;
      }
      if (how != entry.how) {  // what it was obtained with has been replaced meanwhile
        app.blocked(key, what, false, was_probe, now);
        entry.background_at = now;
        break;
      }
      bool const news = !entry.was_blocked && !entry.probation;  // anybody can make up ids
      block(entry, now);
      look_for_removal(entry, what, now);
      if (entry.has_code) {  // another key to the same site, which nobody has refused yet
        entry.background_at = now;
        entry.reason = schedule_reason::first_token;
      }
      changed(entry);
      nobody_gets_any = app.blocked(key, what, news, was_probe, now);
      answer_waiters(slot, now);  // also those who hold out for something newer
      if (app.refusal().suspected()) find_probe(entry, now);
      break;
    }
  }
  settle(slot, now);
  if (nobody_gets_any) answer_waiters_of(key.app, now);
}

// Who shall find out whether the app is refused? Best the one that was good last, if it still is;
// its refresh is brought forward. Else the one that has just been blocked.
void engine::find_probe(instance_entry& blocked, instant now) {
  auto const& app = endpoint_of(blocked.key);
  auto const probe_at = app.refusal().probe_at();
  auto const good = app.last_good() ? table_.find(*app.last_good()) : std::nullopt;
  if (good && table_[*good].usable(now) && table_[*good].troubles == slab<trouble>::none) {
    table_[*good].background_at = std::min(table_[*good].background_at, probe_at);
    settle(*good, now);
  } else {
    blocked.background_at = std::min(blocked.background_at, probe_at);
  }
}

void engine::back_off(instance_entry& entry, instant now) {
  auto& had = table_.trouble_for(entry);
  count_up(had.failures);
  count_up(had.caller_attempts);
  std::optional<duration> remaining;
  if (auto const until = living_until(entry, now); until > now) remaining = until - now;
  entry.background_at = now + transient_delay(had.failures, remaining, random_.unit(), policy_);
  had.caller_at = now + caller_delay(had.caller_attempts);
  if (entry.probation && entry.generation == 0) {  // tried again if somebody asks, else forgotten
    entry.background_at = now + policy_.probation_life;
  }
  entry.reason =
      had.last_failure.retry_after ? schedule_reason::retry_after : schedule_reason::backoff;
}

// The next flight is by the grant that the instance has beside the code, if it has one.
void engine::refuse_code(instance_entry& entry, instant now) {
  end_code(entry);
  confirm_if_dead(entry);
  auto& had = table_.trouble_for(entry);
  had.failures = 0;
  had.caller_attempts = 0;
  had.caller_at = now;
  entry.background_at = entry.usable(now) ? entry.refresh_at : now;
  entry.reason = schedule_reason::first_token;
  changed(entry);
}

void engine::block(instance_entry& entry, instant now) {
  auto& had = table_.trouble_for(entry);
  entry.was_blocked = true;
  count_up(had.blocked);
  had.failures = 0;
  had.negative_until = now + doubled(policy_.negative_first, had.blocked, policy_.negative_max);
  had.caller_at = had.negative_until;
  auto const retry_delay =
      doubled(policy_.blocked_retry_first, had.blocked, policy_.blocked_retry_max);
  entry.background_at = now + (entry.probation ? policy_.probation_life : retry_delay);
  entry.reason = schedule_reason::blocked;
}

}  // namespace wixtokend::core
