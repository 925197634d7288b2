# Deliberate mistakes, at least one for each invariant; see cmake/mutate.cmake for
# wixtokend_mutation(name invariant file original replacement [seed]). A test for each demands that
# the invariant which is named here is the one that catches it.

wixtokend_mutation(no_margin usable_only core/refresh_policy.cpp
  [==[return std::min(margin, scaled(life, policy.margin_fraction_max));]==]
  [==[return @IF@ ? duration{0} : std::min(margin, scaled(life, policy.margin_fraction_max));]==])

wixtokend_mutation(second_flight one_flight core/engine_schedule.cpp
  [==[if (entry.flight != 0) return never;]==]
  [==[if (entry.flight != 0 && !@IF@) return never;]==])

wixtokend_mutation(no_wait_for_budget budget core/token_bucket.cpp
  [==[return next_ == instant::min() ? next_ : next_ - tolerance_;]==]
  [==[return next_ == instant::min() || @IF@ ? instant::min() : next_ - tolerance_;]==])

wixtokend_mutation(retry_after_forgotten retry_after core/engine_flights.cpp
  [==[if (what.retry_after) {]==]
  [==[if (what.retry_after && !@IF@) {]==])
wixtokend_mutation(no_pause_of_the_app retry_after core/endpoint.cpp
  [==[if (!second && instances_ > 1) return;]==]
  [==[if (@IF@ || (!second && instances_ > 1)) return;]==])

wixtokend_mutation(flights_without_limit in_flight core/endpoint.cpp
  [==[in_flight_ >= app_.in_flight_max]==]
  [==[in_flight_ >= app_.in_flight_max + (@IF@ ? 1U : 0U)]==] 6)

wixtokend_mutation(generation_reused generation_rises core/engine_flights.cpp
  [==[std::max(entry.generation + 1, entry.floor)]==]
  [==[std::max(entry.generation + (@IF@ ? 0U : 1U), entry.floor)]==])

wixtokend_mutation(old_reports_count rejection core/engine_rejection.cpp
  [==[if (generation != entry.generation) return rejection::superseded;]==]
  [==[if (generation != entry.generation && !@IF@) return rejection::superseded;]==])
wixtokend_mutation(replaced_again_and_again rejection core/engine_flights.cpp
  [==[if (!entry.rejected) return;]==]
  [==[if (!entry.rejected || @IF@) return;]==] 19)

wixtokend_mutation(report_takes_the_token failure_keeps core/engine_rejection.cpp
  [==[entry.rejected = true;]==]
  [==[entry.rejected = true;
  if (@IF@) entry.token = secret{};]==])
wixtokend_mutation(failure_takes_the_token failure_keeps core/engine_flights.cpp
  [==[count_up(had.caller_attempts);]==]
  [==[count_up(had.caller_attempts);
  if (@IF@) entry.token = secret{};]==])
wixtokend_mutation(shorter_life_taken failure_keeps core/engine_flights.cpp
  [==[bool const shorter = entry.usable(now) &&]==]
  [==[bool const shorter = !@IF@ && entry.usable(now) &&]==])

wixtokend_mutation(deadlines_forgotten waiter_deadline core/engine_schedule.cpp
  [==[auto soonest = waiters_.earliest_deadline();]==]
  [==[auto soonest = @IF@ ? never : waiters_.earliest_deadline();]==])

wixtokend_mutation(no_backoff backoff_bound core/backoff.cpp
  [==[return std::max(delay, policy.backoff_min);]==]
  [==[return @IF@ ? duration{50ms} : std::max(delay, policy.backoff_min);]==])
wixtokend_mutation(callers_hammer backoff_bound core/backoff.cpp
  [==[if (attempts <= quick.size()) return]==]
  [==[if (@IF@) return quick[0];
  if (attempts <= quick.size()) return]==])
wixtokend_mutation(blocked_ones_hammer backoff_bound core/engine_flights.cpp
  [==[(entry.probation ? policy_.probation_life : retry_delay)]==]
  [==[(@IF@ ? duration{60s} : entry.probation ? policy_.probation_life : retry_delay)]==])
wixtokend_mutation(refusal_is_hammered backoff_bound core/app_refusal.cpp
  [==[  why_ = why;
  probe_at_ = now + doubled(policy_.probe_first, refusals_, policy_.probe_max);]==]
  [==[  why_ = why;
  probe_at_ = now + (@IF@ ? duration{1s}
                   : doubled(policy_.probe_first, refusals_, policy_.probe_max));]==])

wixtokend_mutation(never_scheduled due_attempted core/engine_flights.cpp
  [==[entry.background_at = std::max(entry.refresh_at, now);]==]
  [==[entry.background_at = @IF@ ? never : std::max(entry.refresh_at, now);]==])
wixtokend_mutation(lanes_sleep due_attempted core/endpoint.cpp
  [==[if (!lane_b_.empty() || !lane_c_.empty()) soonest]==]
  [==[if (!@IF@ && (!lane_b_.empty() || !lane_c_.empty())) soonest]==])
wixtokend_mutation(nobody_wakes_the_engine due_attempted service/token_service.cpp
  [==[if (engine_.wake_at() < armed_for_) wake_changed_.set();]==]
  [==[if (engine_.wake_at() < armed_for_ && !@IF@) wake_changed_.set();]==])

wixtokend_mutation(refreshed_too_late warm_stays_warm core/refresh_policy.cpp
  [==[return life - lead + scaled(width, draw);]==]
  [==[return @IF@ ? life : life - lead + scaled(width, draw);]==])

wixtokend_mutation(waiters_leak no_leak core/engine.cpp
  [==[  auto const slot = waiters_.at(*which).instance;
  remove_waiter(*which);]==]
  [==[  auto const slot = waiters_.at(*which).instance;
  if (!@IF@) remove_waiter(*which);]==])
wixtokend_mutation(flights_leak no_leak core/endpoint.cpp
  [==[assert(in_flight_ != 0);
  --in_flight_;]==]
  [==[assert(in_flight_ != 0);
  if (!@IF@) --in_flight_;]==])
wixtokend_mutation(removed_ones_stay no_leak core/engine_instances.cpp
  [==[if (slot) erase(*slot);]==]
  [==[if (slot && !@IF@) erase(*slot);]==])

wixtokend_mutation(totals_drift consistent core/engine_schedule.cpp
  [==[entry.counted_usable = after.usable;]==]
  [==[entry.counted_usable = after.usable && !@IF@;]==])

wixtokend_mutation(timer_runs_hot comes_to_rest service/token_service.cpp
  [==[armed_for_ = engine_.wake_at();]==]
  [==[armed_for_ = @IF@ ? instant{} : engine_.wake_at();]==])

wixtokend_mutation(refused_for_days recovers core/app_refusal.cpp
  [==[  if (!why.retry_after) return;]==]
  [==[  if (@IF@) probe_at_ = now + 72h;
  if (!why.retry_after) return;]==])
