#include "emulator/control_views.hpp"

#include "emulator/dates.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;

json::object totals_view(counters::totals const& totals) {
  json::object by_status;
  std::array<std::uint64_t, 6> classes{};
  for (auto const& [status, count] : totals.by_status) {
    by_status.emplace(std::to_string(status), count);
    classes.at(status / 100) += count;
  }
  json::object by_class;
  for (std::size_t i = 1; i < classes.size(); ++i) {
    if (classes.at(i) != 0) by_class.emplace(std::to_string(i) + "xx", classes.at(i));
  }
  return {{"requests", totals.requests},   {"unanswered", totals.unanswered},
          {"by_class", by_class},          {"by_status", by_status},
          {"in_flight", totals.in_flight}, {"in_flight_max", totals.in_flight_max}};
}

std::string_view state_name(installation state) {
  switch (state) {
    case installation::unlisted: break;
    case installation::installed: return "installed";
    case installation::removed: return "removed";
  }
  return "unlisted";
}

json::object row_view(upstream_state const& state, instance_key const& key,
                      instance_row const& row) {
  return {{"app", state.at(key.app).id},
          {"instance", key.instance.to_string()},
          {"state", state_name(row.state)},
          {"mints", row.mints},
          {"requests", row.requests}};
}

}  // namespace

std::string counters_view(upstream_state const& state, std::size_t limit) {
  json::object routes;
  for (std::size_t i = 0; i < route_count; ++i) {
    auto const where = static_cast<route>(i);
    routes.emplace(name_of(where), totals_view(state.counted.of(where)));
  }

  std::uint64_t mints = 0;
  std::vector<instances::table::value_type const*> rows;
  rows.reserve(state.installations.rows().size());
  for (auto const& row : state.installations.rows()) {
    mints += row.second.mints;
    rows.push_back(&row);
  }
  auto const shown = std::min(limit, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(shown), rows.end(),
                    [](auto const* left, auto const* right) {
                      if (left->second.mints != right->second.mints) {
                        return left->second.mints > right->second.mints;
                      }
                      return left->first < right->first;
                    });
  json::array listed;
  for (std::size_t i = 0; i < shown; ++i) {
    listed.push_back(row_view(state, rows[i]->first, rows[i]->second));
  }

  auto const& connections = state.counted.connections();
  json::object const open{{"accepted", connections.accepted},
                          {"open", connections.open},
                          {"open_max", connections.open_max},
                          {"malformed", connections.malformed}};
  json::object const all{{"routes", routes},
                         {"mints", mints},
                         {"instances_known", rows.size()},
                         {"instances", listed},
                         {"connections", open}};
  return json::serialize(all);
}

std::string arrivals_view(counters const& counted, std::optional<route> only,
                          std::chrono::milliseconds window, std::size_t limit) {
  std::vector<instant> times;
  for (auto const& one : counted.arrivals()) {
    if (!only.has_value() || one.where == *only) times.push_back(one.at);
  }
  json::array shown;
  for (auto i = times.size() - std::min(limit, times.size()); i < times.size(); ++i) {
    auto const since = times[i] - counted.since();
    shown.emplace_back(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
  }
  json::object const all{{"count", times.size()},
                         {"forgotten", counted.arrivals_dropped()},
                         {"window_ms", window.count()},
                         {"most_in_window", most_within(times, window)},
                         {"arrivals_us", shown}};
  return json::serialize(all);
}

std::string instance_view(upstream_state const& state, instance_key const& key) {
  auto const* const known = state.installations.find(key);
  auto out = row_view(state, key, known == nullptr ? instance_row{} : *known);
  out.emplace("installed", state.installations.installed(key, state.knobs.instances_listed_only));
  return json::serialize(out);
}

std::string time_view(upstream_state const& state, wall_time real) {
  json::object const all{{"now", iso8601(state.virtual_time(real))},
                         {"ahead_seconds", state.ahead().count()}};
  return json::serialize(all);
}

}  // namespace wixtokend::emulator
