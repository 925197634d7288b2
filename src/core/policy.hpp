#pragma once
// Every constant of the engine, in one place, with its reason.

#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace wixtokend::core {

using namespace std::chrono_literals;

/// Which registered instances are refreshed although nobody asks for them. Instances created on
/// demand are always treated as `used`.
enum class keep_warm { all, used, none };

/// How long an outage of the upstream shall cost nobody a token; the price is mints. Moves the
/// centre of the refresh window to 0.90, 0.75, 0.50 of the life.
enum class resilience { economy, balanced, max };

/// What an operator decides for one app.
struct app_policy {
  bool on_demand = true;  ///< create unknown instances at their first request
  keep_warm warm = keep_warm::all;
  core::resilience resilience = core::resilience::balanced;
  std::optional<duration>
      idle_after;  ///< unused for so long: idle; nothing: twice the life, >= 1 h
  double requests_per_second_max = 50;  ///< ceiling of the upstream rate; burst is one second of it
  std::optional<double>
      requests_per_second;         ///< for instances that nobody waits for; nothing: auto
  std::size_t in_flight_max = 64;  ///< upstream attempts at the same time

  friend bool operator==(app_policy const&, app_policy const&) = default;
};

/// When a token is refreshed, how a failure is waited out, and how much state there may be.
struct engine_policy {
  // Margin: what is kept off the end of a life. 10 s cover a request's flight, 60 s a slow one.
  double margin_fraction = 0.01;
  duration margin_min = 10s;
  duration margin_max = 60s;
  duration margin_min_assumed = 30s;  ///< a life that was guessed gets more
  double margin_fraction_max = 0.25;  ///< so that lives of seconds stay usable

  duration life_min = 2s;   ///< what lives no longer is no token
  duration life_max = 24h;  ///< whatever the upstream says

  // The refresh instant as a fraction of life: a window of 0.05 around a centre, drawn from
  // uniformly once per generation. See docs/refresh.md for what each centre buys.
  double refresh_centre_economy = 0.90;
  double refresh_centre_balanced = 0.75;
  double refresh_centre_max = 0.50;
  double refresh_half_width = 0.025;
  duration economy_life_min = 1h;  ///< shorter lives leave too little after 0.90
  duration short_life = 120s;      ///< up to here the reserve is too thin for more than one half
  double short_refresh_centre = 0.50;
  duration lead_max = 2h;         ///< no token is refreshed earlier before its end...
  double spread_from = 1.0 / 14;  ///< ...but one that follows none: at U(1/14, 1) of that instant
  double delay_life_min = 0.05;   ///< a token that came late is not refreshed before this

  // What keeping warm takes of the upstream: one mint per life and centre. Unknown lives count as:
  duration life_expected = 4h;
  duration life_expected_legacy = 300s;

  // The rate for instances that nobody waits for, unless it is configured: twice the demand, so
  // that an outage is caught up with in its own length.
  double background_demand_factor = 2;
  double background_rate_min = 5;
  duration spare_slack = 1min;           ///< the living keep so much more time than they need
  double hot_lead_fraction = 0.05;       ///< lately used ones count as ending so much sooner
  double critical_life_fraction = 0.05;  ///< a due token with less left comes before callers...
  unsigned contention_share = 2;         ///< ...who have every second turn at least

  // Adaptive rate: halved when the upstream throttles, then regained.
  double rate_min = 1;             ///< per second; also where a ramp begins at the least
  duration halving_gap = 1s;       ///< between halvings: answers under way say the same
  double regain_fraction = 0.05;   ///< of the ceiling...
  duration regain_interval = 10s;  ///< ...in so much time without being throttled
  duration throttled_pause = 1s;   ///< when the upstream names no time
  double ramp_from = 1.0 / 8;      ///< of the rate, after the breaker closes...
  duration ramp_doubling = 1s;     ///< ...and doubled in so much time

  // Breaker: no more than a probe goes to an upstream that fails.
  unsigned breaker_row = 5;         ///< transient failures without anything else between
  std::size_t breaker_sample = 20;  ///< or half of at least so many...
  double breaker_share = 0.5;
  duration breaker_window = 10s;  ///< ...within so long
  duration breaker_first = 5s;
  duration breaker_max = 60s;
  duration breaker_max_waited_for = 10s;  ///< while callers wait, from probe to probe

  // Backoff after transient failures, in the background and while callers wait.
  duration backoff_first = 2s;
  duration caller_pace_memory = 1min;  ///< after so long callers' attempts start at 0.1 s again
  duration backoff_max = 5min;
  duration backoff_min = 1s;  ///< floor, also while a usable token runs out
  double backoff_remaining_fraction = 0.25;
  double jitter_from = 0.5;  ///< delays are multiplied by U(jitter_from, 1)

  // A blocked instance: how long callers get the remembered answer, when it is tried by itself.
  duration negative_first = 5s;
  duration negative_max = 5min;
  duration blocked_retry_first = 15min;
  duration blocked_retry_max = 24h;
  double blocked_rate_fraction = 0.10;  ///< of the rate, for all such retries together
  unsigned suspicion_row = 5;  ///< instances newly blocked, none served between: is it the app?

  // A refused app: only a probe goes out.
  duration probe_first = 60s;
  duration probe_max = 10min;
  duration forced_probe_gap = 10s;  ///< between probes that somebody asks for

  // Throttling.
  duration throttled_pair_window = 10s;  ///< two instances throttled within it: the app is

  // Rejection: a mint per generation, and no more often than this per instance.
  duration rejection_hold_first = 10s;
  duration rejection_hold_max = 10min;
  duration rejection_memory = 10min;      ///< without a report for so long, the hold starts afresh
  double rejection_rate_fraction = 0.25;  ///< of the app's rate
  double rejection_peer_fraction = 0.5;   ///< of that, for one user on one socket

  double question_fraction = 0.25;  ///< Token Info's share of rate and places
  duration unchanged_hold = 30s;    ///< the upstream returned the same token again

  // Idle demotion of instances that are kept warm only while they are used.
  duration idle_min = 1h;
  double idle_lives = 2;

  // A removal that the upstream has announced is believed when two mints so far apart confirm it.
  duration removal_confirmed_after = 60s;
  duration code_lead = 10min;     ///< codes count as ending so much sooner than they do
  duration code_critical = 1min;  ///< a code with less left comes before callers
  duration use_noted_after = 1h;  ///< a use so long after the last one is worth writing down

  // Bounds.
  std::size_t instances_max = 1'000'000;
  std::size_t probation_max = 4'096;  ///< on-demand instances that never got a token
  std::size_t probation_share = 4;    ///< one uid may hold 1/share of them
  double probation_per_second = 2;    ///< creations per uid
  std::size_t probation_burst = 20;
  duration probation_life = 5min;  ///< how long a failed one is remembered
};

}  // namespace wixtokend::core
