#include "api/app_metrics.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace wixtokend::api {
namespace {

using observe::exposition;
using observe::histogram;
using observe::metric_kind;
using namespace std::chrono_literals;

constexpr std::string_view seconds_unit = "seconds";

// From ten seconds to a day, as tokens live.
constexpr std::array<double, 12> life_bounds{10,   30,   60,   120,   300,   600,
                                             1800, 3600, 7200, 14400, 43200, 86400};

double seconds_of(duration length) noexcept {
  return std::chrono::duration<double>{length}.count();
}

double pause_left(app_figures const& app) noexcept {
  if (!app.seen.paused_until) return 0;
  return seconds_of(std::max(*app.seen.paused_until - app.now, duration{}));
}

// One number an app. Nothing: there is none now.
struct plain_gauge {
  std::string_view name;
  std::string_view help;
  std::string_view unit;
  std::optional<double> (*value)(app_figures const&);
};

double number(std::size_t value) noexcept {
  return static_cast<double>(value);
}

using value = std::optional<double>;

// clang-format off
constexpr std::array plain_gauges{
  plain_gauge{"wixtokend_kept_warm_instances",
    "Instances that should have a usable token although nobody asks.", {},
    [](app_figures const& a) { return value{number(a.seen.kept_warm)}; }},
  plain_gauge{"wixtokend_usable_instances",
    "Of the instances kept warm, those with a usable token.", {},
    [](app_figures const& a) { return value{number(a.seen.usable)}; }},
  plain_gauge{"wixtokend_mints_in_flight", "Requests to Wix under way.", {},
    [](app_figures const& a) { return value{number(a.seen.in_flight)}; }},
  plain_gauge{"wixtokend_overdue_refreshes",
    "Tokens that are past the instant at which they should have been refreshed.", {},
    [](app_figures const& a) { return value{number(a.surveyed.overdue)}; }},
  plain_gauge{"wixtokend_refresh_delay_seconds",
    "How far the most overdue refresh is behind its instant; 0 if none is.", seconds_unit,
    [](app_figures const& a) { return value{seconds_of(a.surveyed.overdue_most)}; }},
  plain_gauge{"wixtokend_earliest_expiry_seconds",
    "Until the first usable token that is kept warm ends, if it is not refreshed.", seconds_unit,
    [](app_figures const& a) {
      return a.surveyed.shortest ? value{seconds_of(*a.surveyed.shortest)} : std::nullopt;
    }},
  plain_gauge{"wixtokend_upstream_demand_rate",
    "Requests per second to Wix that keeping warm takes in the long run.", {},
    [](app_figures const& a) { return value{a.seen.demand}; }},
  plain_gauge{"wixtokend_upstream_current_rate",
    "Requests per second that may go to Wix now: less than the ceiling after it has failed.", {},
    [](app_figures const& a) { return value{a.seen.rate}; }},
  plain_gauge{"wixtokend_upstream_background_rate",
    "Of the current rate, what may go to instances that nobody waits for.", {},
    [](app_figures const& a) { return value{a.seen.background_rate}; }},
  plain_gauge{"wixtokend_upstream_ceiling_rate",
    "Requests per second that may go to Wix at most (requests_per_second_max).", {},
    [](app_figures const& a) { return value{a.seen.ceiling}; }},
  plain_gauge{"wixtokend_upstream_overloaded",
    "1 if keeping warm takes more than 80 % of the ceiling.", {},
    [](app_figures const& a) { return value{a.seen.overloaded() ? 1.0 : 0.0}; }},
  plain_gauge{"wixtokend_upstream_pause_seconds",
    "Until requests go to Wix again after it has asked for a pause; 0 if it has not.", seconds_unit,
    [](app_figures const& a) { return value{pause_left(a)}; }},
  plain_gauge{"wixtokend_app_refused", "1 if Wix refuses the app's id or secret.", {},
    [](app_figures const& a) {
      return value{a.seen.refusal != nullptr && !a.seen.suspected ? 1.0 : 0.0};
    }},
  plain_gauge{"wixtokend_app_suspected",
    "1 if Wix has refused so many instances in a row that the app itself is suspected.", {},
    [](app_figures const& a) { return value{a.seen.suspected ? 1.0 : 0.0}; }},
  plain_gauge{"wixtokend_upstream_clock_offset_seconds",
    "How far the local clock is ahead of Wix's, by the last answer that told.", seconds_unit,
    [](app_figures const& a) {
      return a.clock_offset ? value{seconds_of(*a.clock_offset)} : std::nullopt;
    }},
};
// clang-format on

void write_instances(exposition& out, std::vector<app_figures> const& apps) {
  out.family(metric_kind::gauge, "wixtokend_instances", "Instances that are known, by state.");
  for (auto const& app : apps) {
    for (std::size_t i = 0; i < core::instance_state_count; ++i) {
      auto const* const state = core::to_string(static_cast<core::instance_state>(i));
      out.sample({{"app", app.name}, {"state", state}}, std::uint64_t{app.surveyed.by_state[i]});
    }
  }
}

void write_mints(exposition& out, std::vector<app_figures> const& apps) {
  out.family(metric_kind::counter, "wixtokend_mints",
             "Attempts to obtain a token, by the queue they came from and what they came to.");
  for (auto const& app : apps) {
    for (std::size_t from = 0; from < core::lane_count; ++from) {
      auto const* const lane = core::to_string(static_cast<core::lane>(from));
      for (std::size_t i = 0; i < service::mint_result_count; ++i) {
        out.sample({{"app", app.name}, {"lane", lane}, {"result", service::mint_result_name(i)}},
                   app.minted->attempts[from][i]);
      }
    }
  }
  out.family(metric_kind::histogram, "wixtokend_mint_duration_seconds",
             "How long attempts to obtain a token took.", seconds_unit);
  for (auto const& app : apps) out.sample({{"app", app.name}}, app.minted->durations);
}

void write_queues(exposition& out, std::vector<app_figures> const& apps) {
  out.family(metric_kind::gauge, "wixtokend_queued_instances",
             "Instances that are due and wait for their turn, by queue.");
  for (auto const& app : apps) {
    for (std::size_t from = 0; from < core::lane_count; ++from) {
      auto const* const lane = core::to_string(static_cast<core::lane>(from));
      out.sample({{"app", app.name}, {"lane", lane}}, std::uint64_t{app.seen.queued[from]});
    }
  }
}

void write_lives(exposition& out, std::vector<app_figures> const& apps) {
  out.family(metric_kind::gauge_histogram, "wixtokend_remaining_life_seconds",
             "How long the usable tokens that are kept warm may be used yet.", seconds_unit);
  for (auto const& app : apps) {
    auto const& lives = app.surveyed.usable;
    std::array<std::uint64_t, life_bounds.size() + 1> counts{};
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < life_bounds.size(); ++i) {
      auto const bound =
          std::chrono::duration_cast<duration>(std::chrono::duration<double>{life_bounds[i]});
      auto const upto = lives.up_to(bound);
      counts[i] = upto - below;
      below = upto;
    }
    counts.back() = lives.count() - below;
    histogram all{life_bounds};
    all.assign(counts, lives.sum_seconds());
    out.sample({{"app", app.name}}, all);
  }
}

void write_outage_budget(exposition& out, std::vector<app_figures> const& apps) {
  struct step {
    std::string_view lapsed;
    double share;
  };
  constexpr std::array<step, 3> steps{{{"first", 0}, {"0.05", 0.05}, {"0.5", 0.5}}};
  out.family(metric_kind::gauge, "wixtokend_outage_budget_seconds",
             "Until the first token, or that share of the tokens that are kept warm, has ended if "
             "Wix is down from now on.",
             seconds_unit);
  for (auto const& app : apps) {
    for (auto const& one : steps) {
      auto const left = core::outage_budget(app.seen, app.surveyed, one.share);
      if (left) out.sample({{"app", app.name}, {"lapsed", one.lapsed}}, seconds_of(*left));
    }
  }
}

void write_breakers(exposition& out, std::vector<app_figures> const& apps) {
  using core::breaker_state;
  out.family(metric_kind::gauge, "wixtokend_breaker_state",
             "1 for the state that the circuit breaker towards Wix is in.");
  for (auto const& app : apps) {
    for (auto const state :
         {breaker_state::closed, breaker_state::open, breaker_state::half_open}) {
      out.sample({{"app", app.name}, {"state", core::to_string(state)}},
                 std::uint64_t{app.seen.breaker == state ? 1U : 0U});
    }
  }
}

void write_callers(exposition& out, std::vector<app_figures> const& apps) {
  out.family(metric_kind::counter, "wixtokend_token_lookups",
             "Tokens that were found for callers, by how (the X-Cache of the answer).");
  for (auto const& app : apps) {
    for (std::size_t i = 0; i < service::cache_outcome_count; ++i) {
      auto const how = static_cast<service::cache_outcome>(i);
      out.sample({{"app", app.name}, {"cache", service::to_string(how)}}, app.lookups[i]);
    }
  }
  out.family(metric_kind::counter, "wixtokend_rejections",
             "Reports of callers that an API has refused their token, by what followed.");
  for (auto const& app : apps) {
    for (std::size_t i = 0; i < core::rejection_count; ++i) {
      auto const* const outcome = core::to_string(static_cast<core::rejection>(i));
      out.sample({{"app", app.name}, {"outcome", outcome}}, app.minted->rejections[i]);
    }
  }
}

}  // namespace

void write_app_metrics(exposition& out, std::vector<app_figures> const& apps) {
  write_instances(out, apps);
  for (auto const& gauge : plain_gauges) {
    out.family(metric_kind::gauge, gauge.name, gauge.help, gauge.unit);
    for (auto const& app : apps) {
      if (auto const now = gauge.value(app)) out.sample({{"app", app.name}}, *now);
    }
  }
  write_outage_budget(out, apps);
  write_lives(out, apps);
  write_queues(out, apps);
  write_mints(out, apps);
  write_breakers(out, apps);
  write_callers(out, apps);
}

}  // namespace wixtokend::api
