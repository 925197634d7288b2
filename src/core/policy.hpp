#pragma once
// Every constant of the engine, in one place, with its reason.

#include "base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace wixtokend::core {

using namespace std::chrono_literals;

/// Which registered instances are refreshed although nobody asks for them. Instances created on
/// demand are always treated as `used`.
enum class keep_warm { all, used, none };

/// What an operator decides for one app.
struct app_policy {
  bool on_demand = true;  ///< create unknown instances at their first request
  keep_warm warm = keep_warm::all;
  double requests_per_second_max = 50;  ///< ceiling of the upstream rate; burst is one second of it
  std::size_t in_flight_max = 64;       ///< upstream attempts at the same time
};

/// When a token is refreshed, how a failure is waited out, and how much state there may be.
struct engine_policy {
  // Margin: what is kept off the end of a life. 10 s cover a request's flight, 60 s a slow one.
  double margin_fraction = 0.01;
  duration margin_min = 10s;
  duration margin_max = 60s;
  duration margin_min_assumed = 30s;  ///< a life that was guessed gets more
  double margin_fraction_max = 0.25;  ///< so that lives of seconds stay usable

  // The refresh instant as a fraction of life, drawn uniformly once per generation.
  double refresh_from = 0.70;
  double refresh_to = 0.80;
  duration short_life = 120s;  ///< up to here the reserve is too thin for 0.75
  double short_refresh_from = 0.45;
  double short_refresh_to = 0.55;
  duration lead_max = 2h;  ///< no token is refreshed earlier before its end

  // Backoff after transient failures, in the background and while callers wait.
  duration backoff_first = 2s;
  duration backoff_max = 5min;
  duration backoff_min = 1s;  ///< floor, also while a usable token runs out
  double backoff_remaining_fraction = 0.25;
  double jitter_from = 0.5;  ///< delays are multiplied by U(jitter_from, 1)

  // A blocked instance: how long callers get the remembered answer, when it is tried by itself.
  duration negative_first = 5s;
  duration negative_max = 5min;
  duration blocked_retry_first = 15min;
  duration blocked_retry_max = 24h;

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

  double question_fraction = 0.25;  ///< Token Info's share of rate and places
  duration unchanged_hold = 30s;    ///< the upstream returned the same token again

  // Idle demotion of instances that are kept warm only while they are used.
  duration idle_min = 1h;
  double idle_lives = 2;

  // Bounds.
  std::size_t instances_max = 1'000'000;
  std::size_t probation_max = 4'096;  ///< on-demand instances that never got a token
  std::size_t probation_share = 4;    ///< one uid may hold 1/share of them
  double probation_per_second = 2;    ///< creations per uid
  std::size_t probation_burst = 20;
  duration probation_life = 5min;  ///< how long a failed one is remembered
};

}  // namespace wixtokend::core
