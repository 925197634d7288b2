// What goes upstream, and what comes back.

#include "sim/checker.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace wixtokend::sim {
namespace {

// Numbers of the specification, written down here a second time on purpose.
constexpr duration background_first = 2s;
constexpr duration background_max = 5min;
constexpr duration background_min = 1s;
constexpr duration hold_max = 30s;
constexpr duration negative_first = 5s;
constexpr duration negative_max = 5min;
constexpr duration blocked_first = 15min;
constexpr duration blocked_max = 24h;
constexpr duration probation_life = 5min;
constexpr duration probe_first = 60s;
constexpr duration probe_max = 10min;
constexpr duration timeout_max = 10s;
constexpr duration pair_window = 10s;
constexpr duration life_min = 2s;
constexpr std::size_t suspicious = 5;  // instances newly blocked in a row
// After so long callers count as new ones, whose attempts begin at 0.1 s again.
constexpr duration caller_memory = 1min;

duration doubled(duration first, unsigned times, duration most) {
  auto length = first;
  for (unsigned i = 1; i < times && length < most; ++i) length *= 2;
  return std::min(length, most);
}

// While callers wait: 0.1, 0.3, 0.9 s, then 1 s, doubled up to 10 s.
duration caller_gap(unsigned failures) {
  constexpr std::array<duration, 3> quick{100ms, 300ms, 900ms};
  if (failures <= quick.size()) return quick[std::max(failures, 1U) - 1];
  return doubled(1s, failures - 3, 10s);
}

// By itself: 2 s doubled up to 5 min, or a quarter of what a usable token has left; of that between
// a half and all, but at least 1 s.
duration background_gap(unsigned failures, instance_model const& of, instant now) {
  auto length = doubled(background_first, failures, background_max);
  if (of.usable(now)) length = std::min(length, (of.held.usable_until() - now) / 4);
  return std::max(length / 2, background_min);
}

}  // namespace

std::string seconds_text(duration length) {
  auto text = std::to_string(std::chrono::duration<double>(length).count());
  text.resize(text.size() - 3);
  return text + " s";
}

void checker::report(char const* invariant, std::size_t index, std::string facts) {
  auto const& key = known_.at(index).key;
  book_.report(invariant, "instance " + std::to_string(index) + " (" + key.instance.to_string() +
                              ", app " + std::to_string(static_cast<unsigned>(key.app)) +
                              "): " + std::move(facts));
}

void checker::report_app(char const* invariant, app_model const& app, std::string facts) {
  auto const number = &app - known_.apps().data();
  book_.report(invariant, "app " + std::to_string(number) + ": " + std::move(facts));
}

// Each request is checked at the moment when it reaches the upstream.
void checker::began(std::size_t index, request_kind kind) {
  auto& of = known_.at(index);
  auto& app = known_.app_of(index);
  bool const mint = kind == request_kind::mint;
  book_.saw(mint ? "mint" : "question", index, 0);
  app.stuck_since = never;

  if (++app.under_way > app.policy.in_flight_max) {
    report("in_flight", index,
           std::to_string(app.under_way) + " requests are under way, " +
               std::to_string(app.policy.in_flight_max) + " are allowed");
  }
  if (app.under_way >= app.policy.in_flight_max) app.busy_at = now();
  if (!app.requests.take(now())) {
    report("budget", index,
           "request " + std::to_string(app.requests.level()) + " in a bucket for " +
               std::to_string(app.requests.burst()) + " at " +
               std::to_string(app.policy.requests_per_second_max) + "/s");
  }
  if (now() < of.not_before) {
    report("retry_after", index,
           "a request, " + seconds_text(of.not_before - now()) + " before its Retry-After is over");
  }
  if (now() < app.paused_until) {
    report("retry_after", index,
           "a request, " + seconds_text(app.paused_until - now()) +
               " before the Retry-After of its app is over");
  }
  if (now() < app.refused_until) {
    report("backoff_bound", index,
           "the app is refused, and its next probe was due only in " +
               seconds_text(app.refused_until - now()));
  }
  if (app.refusals != 0) {
    app.refused_until = now() + doubled(probe_first, app.refusals, probe_max);
    app.probe = index;
  }

  bool const for_callers = !mint || of.waiting != 0 || of.wanted_once;
  auto const passed = std::chrono::duration<double>(now() - app.caller_load_at).count();
  app.caller_load = app.caller_load * std::exp(-passed / 60) + (for_callers ? 1.0 / 60 : 0.0);
  app.caller_load_at = now();
  if (app.demand + app.caller_load > 0.8 * app.rate()) app.busy_at = now();

  if (!mint) return;
  check_pace(index);
  of.wanted_once = false;
  if (++of.mints_under_way > 1) report("one_flight", index, "a second mint while one is under way");
}

// No attempt before its time. What may make one earlier has moved that time when it happened:
// success, registration, removal, retry, a dropped token, the first report of a generation.
void checker::check_pace(std::size_t index) {
  auto const& of = known_.at(index);
  bool const asked_for = of.waiting != 0 || of.wanted_once;
  auto const allowed = asked_for ? std::min(of.pace_until, of.caller_until) : of.pace_until;
  // Any instance may have to be the probe of a suspected app, also one that is in no need; it goes
  // when its time comes, though the suspicion may have ended before.
  auto const& app = known_.app_of(index);
  bool const probe = app.blocked.size() >= suspicious || now() <= app.suspected_until;
  if (now() < allowed && !probe) {
    report("backoff_bound", index,
           "a mint " + seconds_text(allowed - now()) + " too early, after " +
               std::to_string(of.failures) + " failures and " + std::to_string(of.blocked) +
               " refusals in a row" + (asked_for ? ", callers wait" : "") +
               "; its refresh is due in " + seconds_text(of.refresh_at - now()));
  }
  // (A mint for callers who need more life may fail, and is then tried again by itself.)
  bool const replaced_in_vain =
      of.in_vain && of.rejected == of.generation && of.usable(now()) && of.failures == 0;
  if (replaced_in_vain && !asked_for && now() < of.refresh_at) {
    report("rejection", index,
           "a second mint for the rejected generation " + std::to_string(of.rejected) +
               ", before its ordinary refresh");
  }
}

void checker::over(std::size_t index, request_kind kind) {
  --known_.app_of(index).under_way;
  auto& of = known_.at(index);
  if (kind != request_kind::mint) return;
  of.discard = false;
  --of.mints_under_way;
}

void checker::minted(std::size_t index, issued_token const& token) {
  auto& of = known_.at(index);
  auto& app = known_.app_of(index);
  ++book_.mints;
  book_.saw("minted", index, token.serial);
  touched_.push_back(index);
  bool const holds = of.usable(now());
  bool const same = token.serial == of.held.serial;
  bool const as_planned = token.life() >= app.plan->life.from && token.life() <= app.plan->life.to;
  if (!as_planned || same) disturbed(app);
  bool const useless = token.life() <= life_min || token.usable_until() <= now();
  if (!of.discard && (useless || (same && !holds))) return fell_short(of);

  app.refusals = 0;
  app.refused_until = long_ago;
  // The app itself was suspected, perhaps; now its instances deserve another try.
  if (app.blocked.size() >= suspicious) {
    for (auto const one : app.blocked) {
      auto const most = known_.at(one).blocked_most;
      known_.at(one).forgive();
      known_.at(one).blocked_most = most;
    }
  }
  app.blocked.clear();
  if (of.discard) return;

  of.failures = 0;
  of.caller_row = 0;
  of.blocked = 0;
  of.blocked_most = 0;
  of.caller_until = of.waiting != 0 ? now() + caller_gap(1) : long_ago;
  bool const unwanted = of.rejected == of.generation && of.rejected != 0;
  if (same || (holds && !unwanted && token.usable_until() <= of.held.usable_until())) {
    auto const share = std::max((of.held.usable_until() - now()) / 4, background_min);
    of.pace_until = now() + std::min(hold_max, share);
    of.caller_until = std::max(of.caller_until, of.pace_until);
    of.in_vain = unwanted;
    disturbed(app);
    return;
  }
  // The earliest refresh that is ever drawn: the wide first draw after a mass start begins at a
  // fifteenth of the refresh instant, which is never earlier than at 0.45 of the life.
  of.pace_until = token.sent + duration{token.life().count() / 34};
}

void checker::failed(std::size_t index, request_kind kind, core::failure const& why) {
  auto& of = known_.at(index);
  auto& app = known_.app_of(index);
  book_.saw("failed", index, static_cast<std::uint64_t>(why.kind));
  disturbed(app);
  if (kind == request_kind::mint) touched_.push_back(index);
  if (why.retry_after) of.not_before = std::max(of.not_before, now() + *why.retry_after);
  // What comes back for an instance that was removed meanwhile concerns nobody else.
  if (!service_->view(of.key)) return;
  if (why.kind == core::failure_class::throttled) throttled(index, why);
  if (kind == request_kind::question || of.discard) return;

  switch (why.kind) {
    case core::failure_class::transient:
    case core::failure_class::throttled: fell_short(of); break;
    case core::failure_class::app_refused:
      app_refused(index);
      ++of.failures;
      of.pace_until = now() + background_min;
      of.caller_until = long_ago;  // it may be the app's probe, which has its own pace
      break;
    case core::failure_class::instance_blocked:
      ++of.blocked;
      ++of.blocked_most;
      app.blocked.push_back(index);
      if (app.blocked.size() >= suspicious) app.suspected_until = now() + probe_max + timeout_max;
      of.failures = 0;
      of.caller_until = now() + doubled(negative_first, of.blocked, negative_max);
      of.pace_until = now() + doubled(blocked_first, of.blocked, blocked_max) / 2;
      // One that was never proven by a token is not kept that long.
      if (!of.registered) of.pace_until = std::min(of.pace_until, now() + probation_life);
      break;
  }
}

void checker::fell_short(instance_model& of) {
  if (of.failed_at != long_ago && now() - of.failed_at > caller_memory) of.caller_row = 0;
  of.failed_at = now();
  ++of.failures;
  ++of.caller_row;
  of.pace_until = now() + background_gap(of.failures, of, now());
  of.caller_until = now() + caller_gap(of.caller_row);
}

// One throttled instance may be that instance's own matter; two within 10 s are the app's, and so
// is one if the app has no other.
void checker::throttled(std::size_t index, core::failure const& why) {
  auto& app = known_.app_of(index);
  bool const second = app.last_throttled && *app.last_throttled != index &&
                      now() - app.last_throttled_at <= pair_window;
  app.last_throttled = index;
  app.last_throttled_at = now();
  bool const alone = engine_->app_view_at(known_.at(index).key.app, now()).instances == 1;
  if (!(second || alone) || !why.retry_after) return;
  app.paused_until = std::max(app.paused_until, now() + *why.retry_after);
}

// Requests that were under way together bring one refusal, not many.
void checker::app_refused(std::size_t index) {
  auto& app = known_.app_of(index);
  if (app.refusals != 0 && app.probe != index) return;
  app.probe = known_.size();
  ++app.refusals;
  app.refused_until = now() + doubled(probe_first, app.refusals, probe_max);
}

// Something is wrong with the app, or was done to it: what was put off has to be made up for before
// it can be expected that everything is in time.
void checker::disturbed(app_model& app) {
  app.calm_since = std::max(app.calm_since, now() + calm_delay(app));
}

// The longest backoff (5 min), the breaker's pause (60 s) and the recovery of the rate (5 % of the
// ceiling each 10 s: 200 s), then all instances at the rate that is left beside the demand.
duration checker::calm_delay(app_model const& app) const {
  auto const background = std::min(app.rate(), std::max(5.0, 2 * app.demand));
  auto const spare = std::max(background - app.demand, background / 50);
  auto const all = static_cast<double>(app.registered + 1) / spare;
  return 600s + std::chrono::duration_cast<duration>(std::chrono::duration<double>(all));
}

}  // namespace wixtokend::sim
