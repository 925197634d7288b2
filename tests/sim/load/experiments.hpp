#pragma once
// The three questions that are put to every contender: what a mass start leads to, what an outage
// costs, and what a day of keeping fresh costs.

#include "core/policy.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::sim::load {

/// What all experiments share.
struct fleet {
  std::size_t instances = 1'000'000;
  core::engine_policy policy;
  std::uint64_t seed = 1;

  /// Mints per second that refreshing at three quarters of a life takes: the measure of all rates.
  [[nodiscard]] double demand() const;
};

/// How quickly the upstream lets a fleet be minted that comes all at once.
struct mass_start_case {
  char const* name;
  double fill_seconds;  ///< 0: the engine finds its rate by itself, the others get twice the demand
};
inline constexpr mass_start_case mass_start_cases[]{
    {"1 minute", 60}, {"10 minutes", 600}, {"auto", 0}};

/// One line of the mass start's table: a lifetime after the fleet is filled, and what came due
/// meanwhile is done: from one and a half times the fill, and ten minutes, on.
struct mass_start_row {
  std::string contender;
  std::string start;
  double fill_seconds = 0;  ///< until the last first token
  int lifetime = 0;         ///< from 1
  double mean = 0;          ///< mints per second
  double peak = 0;          ///< mints per second over a minute
};

/// Mints per second, minute by minute.
struct mass_start_series {
  std::string contender;
  std::string start;
  std::vector<double> minutes;
};

struct mass_start_result {
  std::vector<mass_start_row> rows;
  mass_start_series series;
};

[[nodiscard]] mass_start_result mass_start(fleet const& all, std::string_view contender,
                                           mass_start_case const& start);

struct outage_row {
  std::string contender;
  double capacity = 0;   ///< the ceiling, as a multiple of the demand
  int minutes = 0;       ///< of the outage
  double lapsed = 0;     ///< share of the instances that were without a usable token at least once
  double dead_mean = 0;  ///< seconds without one, over those lapses
  double dead_all = 0;   ///< seconds without one, over all instances
  double unserved = 0;   ///< share of the callers' questions that got no token in time
  std::size_t waited = 0;  ///< callers that found nothing usable after the first mint
  double wait_p50 = 0;  ///< of those, in seconds; who was not served counts with all its patience
  double wait_p99 = 0;
  double first_request = 0;       ///< seconds from the outage's end
  bool callers_waited = false;    ///< when it ended
  double requests_in_outage = 0;  ///< per second
  /// Mints per second over a minute, once all is caught up with, over those before the outage; 0 if
  /// even those took the whole capacity.
  double echo = 0;
};

inline constexpr int outage_minutes[]{5, 30, 45, 60, 90};
inline constexpr double capacities[]{2, 1.2};

[[nodiscard]] outage_row outage(fleet const& all, std::string_view contender, double capacity,
                                int minutes);

struct price_row {
  std::string contender;
  double mints = 0;     ///< per instance and day
  double requests = 0;  ///< the same
  double peak = 0;      ///< mints per second over a minute
};

[[nodiscard]] price_row price(fleet const& all, std::string_view contender);

}  // namespace wixtokend::sim::load
