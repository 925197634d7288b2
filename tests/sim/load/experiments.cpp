#include "sim/load/experiments.hpp"

#include "sim/load/contenders.hpp"
#include "sim/load/fleet_run.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

namespace wixtokend::sim::load {

using namespace std::chrono_literals;

namespace {

constexpr duration day = 24h;
constexpr instant epoch{24h};

double seconds(duration length) {
  return std::chrono::duration<double>{length}.count();
}

conditions conditions_of(fleet const& all, double per_second) {
  conditions made;
  made.instances = all.instances;
  made.policy = all.policy;
  made.seed = all.seed;
  made.allowed.per_second = per_second;
  // What is under way at once is per_second times the latency; the rate shall be what limits.
  made.allowed.in_flight_max = std::max<std::size_t>(64, static_cast<std::size_t>(per_second / 4));
  return made;
}

outcome play(scenario const& what, refresher& subject, std::uint64_t seed,
             std::string const& name) {
  try {
    return fleet_run{what, subject, seed}.play();
  } catch (std::runtime_error const& failure) {
    throw std::runtime_error{name + ": " + failure.what()};
  }
}

double quantile(std::vector<double> values, double which) {
  if (values.empty()) return 0;
  auto const place = static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * which);
  std::ranges::nth_element(values, values.begin() + place);
  return values[static_cast<std::size_t>(place)];
}

// What came due in an outage is caught up with by what the capacity exceeds the demand; with a
// fifth to spare, and ten minutes.
duration catching_up(int minutes, double capacity) {
  return duration{static_cast<duration::rep>(minutes * 60e9 / (capacity - 1) * 1.2 + 600e9)};
}

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double fleet::demand() const {
  return static_cast<double>(instances) / seconds(token_life) / 0.75;
}

mass_start_result mass_start(fleet const& all, std::string_view contender,
                             mass_start_case const& start) {
  bool const automatic = start.fill_seconds == 0;
  auto const rate =
      automatic ? 2 * all.demand() : static_cast<double>(all.instances) / start.fill_seconds;
  auto given = conditions_of(all, rate);
  if (!automatic) given.background_per_second = rate;
  bool const is_ours = contender.starts_with(ours);
  if (automatic && is_ours) given.allowed.per_second = 5 * all.demand();

  auto const subject = make_contender(contender, given);
  scenario what;
  what.instances = all.instances;
  what.length = day;
  auto const result = play(what, *subject, all.seed, std::string{contender} + ", mass start");
  auto const filled = result.seen.all_minted_at();
  if (filled == never) throw std::runtime_error{"some instances never got a token"};

  mass_start_result found;
  auto const& mints = result.seen.mints();
  // What came due while the fleet was filled has waited, and is done by then as well.
  auto from = (filled - epoch) * 3 / 2 + 10min;
  for (int lifetime = 1; from + token_life <= day; ++lifetime, from += token_life) {
    found.rows.push_back({std::string{contender}, start.name, seconds(filled - epoch), lifetime,
                          mean_of(mints, from, from + token_life),
                          peak_of(mints, from, from + token_life)});
  }
  found.series = {std::string{contender}, start.name, {}};
  for (duration minute{0}; minute < day; minute += 1min) {
    found.series.minutes.push_back(mean_of(mints, minute, minute + 1min));
  }
  return found;
}

outage_row outage(fleet const& all, std::string_view contender, double capacity, int minutes) {
  scenario what;
  what.instances = all.instances;
  what.warm = true;
  what.outage_from = 1h;
  what.outage_to = what.outage_from + minutes * 1min;
  what.asks_from = what.outage_from - 1min;
  what.asks_per_second = 200 * static_cast<double>(all.instances) / 1e6;
  // What came due in the outage is caught up with by what the capacity exceeds the demand.
  auto const drained =
      what.outage_to +
      duration{static_cast<duration::rep>(minutes * 60e9 / (capacity - 1) * 1.2 + 600e9)};
  what.length = drained + token_life;

  auto const subject = make_contender(contender, conditions_of(all, capacity * all.demand()));
  auto const result = play(what, *subject, all.seed,
                           std::string{contender} + ", outage " + std::to_string(minutes));
  auto const& seen = result.seen;

  outage_row row;
  row.contender = contender;
  row.capacity = capacity;
  row.minutes = minutes;
  row.lapsed = share(seen.lapsed_instances(), all.instances);
  row.dead_mean = seen.lapses() == 0 ? 0 : seen.dead_seconds() / static_cast<double>(seen.lapses());
  row.dead_all = seen.dead_seconds() / static_cast<double>(all.instances);
  auto const back = epoch + what.outage_to + result.first_mint.value_or(duration{0});
  std::vector<double> waits;
  std::size_t unserved = 0;
  for (auto const& one : seen.waited()) {
    if (!one.served) ++unserved;
    if (one.asked >= back) waits.push_back(one.served ? seconds(one.length) : seconds(patience));
  }
  row.unserved = share(unserved, seen.callers());
  row.waited = waits.size();
  row.wait_p50 = quantile(waits, 0.50);
  row.wait_p99 = quantile(waits, 0.99);
  row.first_request = seconds(result.first_request.value_or(duration{0}));
  row.callers_waited = result.callers_waited;
  row.requests_in_outage = mean_of(seen.requests(), what.outage_from, what.outage_to);

  auto const steady = mean_of(seen.mints(), 0s, what.outage_from);
  auto const ceiling = capacity * all.demand();
  if (steady < 0.95 * ceiling) {
    auto const caught_up = what.outage_to + catching_up(minutes, ceiling / steady);
    row.echo = peak_of(seen.mints(), caught_up, what.length) / steady;
  }
  return row;
}

price_row price(fleet const& all, std::string_view contender) {
  scenario what;
  what.instances = all.instances;
  what.warm = true;
  what.length = day;
  auto const subject = make_contender(contender, conditions_of(all, 2 * all.demand()));
  auto const result = play(what, *subject, all.seed, std::string{contender} + ", price");
  auto const per_instance = seconds(day) / static_cast<double>(all.instances);
  auto const& seen = result.seen;
  return {std::string{contender}, mean_of(seen.mints(), 0s, day) * per_instance,
          mean_of(seen.requests(), 0s, day) * per_instance, peak_of(seen.mints(), 0s, day)};
}

}  // namespace wixtokend::sim::load
