// What is checked after each step, and at all instances now and then.

#include "sim/checker.hpp"

#include <algorithm>

namespace wixtokend::sim {
namespace {

constexpr std::uint64_t scan_interval = 10'000;  // steps

}  // namespace

double demand_of(issued_token const& held, core::app_policy const& policy) noexcept {
  if (held.serial == 0 || held.life() <= duration{0}) return 0;
  auto const life = std::chrono::duration<double>(held.life()).count();
  auto const centre = policy.resilience == core::resilience::max || life <= 120 ? 0.5 : 0.75;
  return 1 / std::max(life * centre, life - 7200);
}

void checker::after_step(instant woken_at) {
  for (auto const index : touched_) look(index);
  touched_.clear();
  if (!deadlines_.empty()) {
    auto const& [deadline, index] = *deadlines_.begin();
    auto const limit = std::max(deadline, resumed_at_);
    if (now() > limit) {
      report("waiter_deadline", index,
             "a caller still waits, " + seconds_text(now() - limit) + " after its wait has ended");
    }
  }
  if (engine_->waiters() != deadlines_.size()) {
    book_.report("no_leak", std::to_string(engine_->waiters()) + " waiters in the engine, " +
                                std::to_string(deadlines_.size()) + " callers");
  }
  if (woken_at > engine_->wake_at()) {
    book_.report("due_attempted", "the engine wants to be woken, but nobody is going to");
  }
  if (engine_->size() >= plan_.policy.instances_max) was_full_ = true;
  check_lapses();
  check_progress(static_cast<std::size_t>(book_.steps % known_.apps().size()));
  // More rarely with very many instances, so that the scans do not cost more than the steps.
  if (book_.steps >= next_scan_) {
    full_scan();
    next_scan_ = book_.steps + std::max<std::uint64_t>(scan_interval, known_.size());
  }
}

// Registered instances of an app that keeps all of them warm, as far as the upstream knows them.
bool checker::must_be_warm(instance_model const& of) const {
  auto const& app = known_.apps()[static_cast<std::size_t>(of.key.app)];
  return of.registered && !of.gone && app.policy.warm == core::keep_warm::all;
}

// Guarantee 4. What it demands has to have been so during the whole life of the token: nothing went
// wrong, everything that did before has been made up for, and there was room. Relaxed where it
// cannot be had: lives below two minutes leave less than the 10 s that an answer may take.
void checker::check_lapses() {
  while (!lapses_.empty() && lapses_.top().at <= now()) {
    auto const ended = lapses_.top();
    lapses_.pop();
    auto const& of = known_.at(ended.index);
    if (of.held.serial != ended.serial || !must_be_warm(of)) continue;
    auto const& app = known_.app_of(ended.index);
    auto const since = of.held.sent;
    bool const calm = app.calm_since <= since && app.busy_at < since;
    if (!calm || of.held.life() <= 120s) continue;
    report("warm_stays_warm", ended.index,
           "the token of generation " + std::to_string(of.generation) + ", minted " +
               seconds_text(now() - since) + " ago for " + seconds_text(of.held.life()) +
               ", has run out in calm weather; its refresh was due " +
               seconds_text(now() - of.refresh_at) + " ago; calm since " +
               seconds_text(app.calm_since - book_.begins) + ", demand " +
               std::to_string(app.demand) + "/s");
  }
}

// Work that waits while nothing hinders it must go on at the pace that the engine itself names. The
// slowest lawful one: blocked instances, a tenth of the background rate. Ten times that, as draws
// may put an attempt off to the next turn.
void checker::check_progress(std::size_t number) {
  auto& app = known_.apps()[number];
  auto const seen = engine_->app_view_at(app_number{static_cast<std::uint16_t>(number)}, now());
  if (seen.in_flight != app.under_way) {
    report_app("no_leak", app,
               std::to_string(seen.in_flight) + " requests count as under way, " +
                   std::to_string(app.under_way) + " are");
  }
  bool const hindered = seen.waiting() == 0 || seen.background_rate <= 0 ||
                        seen.breaker != core::breaker_state::closed || seen.refusal != nullptr ||
                        seen.suspected || (seen.paused_until && *seen.paused_until > now()) ||
                        now() < app.paused_until || app.under_way >= app.policy.in_flight_max;
  if (hindered) {
    app.stuck_since = never;
    return;
  }
  if (app.stuck_since == never) app.stuck_since = now();
  auto const turn = std::chrono::duration<double>(20 / std::min(1.0, seen.background_rate) + 1);
  bool const asleep = engine_->wake_at() - now() > turn;
  if (!asleep && now() - app.stuck_since <= turn) return;
  report_app("due_attempted", app,
             std::to_string(seen.waiting()) + " instances are due, but nothing has gone out for " +
                 seconds_text(now() - app.stuck_since) +
                 (asleep ? ", nor is anything to wake it" : ""));
}

void checker::check_instance(std::size_t index) {
  auto const& of = known_.at(index);
  auto const seen = service_->view(of.key);
  if (!seen) {
    if (of.registered) report("no_leak", index, "is registered, but not known any more");
    if (of.waiting != 0) report("no_leak", index, "callers wait for what is not known");
    return;
  }
  look(index);
  if (seen->registered != of.registered) report("no_leak", index, "who has registered it?");
  if (seen->waiters != of.waiting) {
    report("no_leak", index,
           std::to_string(seen->waiters) + " waiters in the engine, " + std::to_string(of.waiting) +
               " callers");
  }
  using enum core::schedule_reason;
  bool const flying = seen->scheduled == in_flight;
  if (flying != (of.mints_under_way != 0)) {
    report("no_leak", index,
           flying ? "a flight that is not under way" : "a flight that is forgotten");
  }
  // (What became due while the machine was suspended is about to be seen.)
  bool const ripe = seen->next_attempt_at && *seen->next_attempt_at <= now() && now() > resumed_at_;
  if (ripe && !flying && seen->scheduled != due) {
    report("due_attempted", index,
           std::string{"its attempt is due, but it is not in a queue: "} +
               core::to_string(seen->scheduled));
  }
  if (must_be_warm(of) && !flying && !seen->next_attempt_at) {
    report("due_attempted", index, "is kept warm, but no attempt is scheduled");
  }
}

void checker::full_scan() {
  std::size_t registered = 0;
  for (std::size_t index = 0; index < known_.size() && !book_.broken; ++index) {
    check_instance(index);
    registered += known_.at(index).registered ? 1U : 0U;
  }
  if (engine_->size() < registered ||
      engine_->size() > plan_.policy.instances_max + plan_.policy.probation_max) {
    book_.report("no_leak", std::to_string(engine_->size()) + " instances in the engine, " +
                                std::to_string(registered) + " are registered");
  }
  if (auto const wrong = engine_->inconsistency(now()); !wrong.empty()) {
    book_.report("consistent", wrong);
  }
}

// Each instance waits for what it was told last: a backoff of 5 min at most, a Retry-After, the
// slow retry of a blocked one (15 min doubled up to 24 h), and for its app: a pause, a probe (10
// min at most) and the breaker (60 s). From then on it takes what it takes for all to be minted at
// the rate that is left beside the demand, the blocked ones at a tenth of the rate.
duration checker::recovery_bound() const {
  auto longest = duration{0};
  for (std::size_t index = 0; index < known_.size(); ++index) {
    auto const& of = known_.at(index);
    if (!must_be_warm(of)) continue;
    auto pending = duration{5min};
    if (of.not_before != long_ago) pending = std::max(pending, of.not_before - now());
    if (of.blocked_most != 0) {
      auto retry = duration{15min};
      for (unsigned times = 1; times < of.blocked_most && retry < 24h; ++times) retry *= 2;
      pending = std::max(pending, std::min(retry, duration{24h}));
    }
    longest = std::max(longest, pending);
  }
  auto slowest = duration{0};
  for (auto const& app : known_.apps()) {
    auto pending = calm_delay(app) + 10min + 60s;
    if (app.paused_until != long_ago) pending += std::max(app.paused_until - now(), duration{0});
    auto const tenth = 0.1 * std::min(app.rate(), std::max(5.0, 2 * app.demand));
    auto const blocked = std::chrono::duration<double>(static_cast<double>(app.registered) / tenth);
    slowest = std::max(slowest, pending + std::chrono::duration_cast<duration>(blocked));
  }
  return longest + slowest;
}

// More cannot be expected of the rate; nothing is promised above 80 %.
bool checker::feasible(app_model const& app) const {
  return app.plan->demand(app.policy, app.registered) <= 0.75 * app.rate();
}

bool checker::recovered() const {
  for (std::size_t index = 0; index < known_.size(); ++index) {
    auto const& of = known_.at(index);
    auto const& app = known_.apps()[static_cast<std::size_t>(of.key.app)];
    if (feasible(app) && must_be_warm(of) && !of.usable(now())) return false;
  }
  return true;
}

void checker::must_be_recovered() {
  for (std::size_t index = 0; index < known_.size() && !book_.broken; ++index) {
    auto const& of = known_.at(index);
    auto const& app = known_.app_of(index);
    if (!feasible(app) || !must_be_warm(of) || of.usable(now())) continue;
    auto const seen = service_->view(of.key);
    auto const state = seen ? core::to_string(seen->state) : "unknown";
    auto const why = seen ? core::to_string(seen->scheduled) : "unknown";
    report(
        "recovers", index,
        "is still without a usable token; it is " + std::string{state} + ", next attempt: " + why);
  }
}

void checker::must_be_tidy() {
  full_scan();
  if (engine_->waiters() != 0) book_.report("no_leak", "waiters are left although no caller is");
}

}  // namespace wixtokend::sim
