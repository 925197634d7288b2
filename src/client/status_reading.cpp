#include "client/object_reader.hpp"
#include "client/problems.hpp"
#include "client/view_reading.hpp"
#include "wixtoken/detail/answers.hpp"

#include <boost/json/array.hpp>

#include <utility>

namespace wixtoken::detail {
namespace {

namespace json = boost::json;

std::optional<state_counts> states_in(json::object const* found) {
  if (found == nullptr) return std::nullopt;
  object_reader const read{*found};
  state_counts out;
  out.cold = read.count("cold");
  out.warm = read.count("warm");
  out.stale = read.count("stale");
  out.blocked = read.count("blocked");
  out.app_refused = read.count("app_refused");
  out.idle = read.count("idle");
  return out;
}

std::optional<outage_budget> budget_in(json::object const* found) {
  if (found == nullptr) return std::nullopt;
  object_reader const read{*found};
  outage_budget out;
  out.first = read.integer("first");
  out.p5 = read.integer("p5");
  out.p50 = read.integer("p50");
  return out;
}

std::vector<recent_error> errors_in(json::array const* found) {
  std::vector<recent_error> out;
  if (found == nullptr) return out;
  for (auto const& one : *found) {
    if (!one.is_object()) continue;
    object_reader const read{one.get_object()};
    recent_error error;
    error.instance_id = read.text("instance_id");
    error.what = failure_in(one.get_object());
    out.push_back(std::move(error));
  }
  return out;
}

app_status app_in(json::object const& from) {
  object_reader const read{from};
  app_status out;
  out.name = read.text("name");
  out.instances = read.count("instances");
  out.kept_warm = read.count("kept_warm");
  out.usable = read.count("usable");
  out.demand = read.figure("demand");
  out.ceiling = read.figure("ceiling");
  out.rate = read.figure("rate");
  out.background_rate = read.figure("background_rate");
  out.overloaded = read.flag("overloaded");
  out.breaker = read.text("breaker");
  out.paused_seconds = read.integer("paused_seconds").value_or(0);
  out.in_flight = read.count("in_flight");
  out.waiting = read.count("waiting");
  out.refused = read.flag("refused");
  out.suspected = read.flag("suspected");
  if (auto const* const refusal = read.object("refusal")) out.refusal = failure_in(*refusal);
  out.by_state = states_in(read.object("by_state"));
  if (read.integer("overdue")) out.overdue = read.count("overdue");
  out.budget = budget_in(read.object("outage_budget_seconds"));
  out.last_errors = errors_in(read.array("last_errors"));
  return out;
}

}  // namespace

result<daemon_status> read_status(answer const& got) {
  if (got.status < 200 || got.status >= 300) return problem_of(got);
  auto const body = parse_object(got.body);
  if (!body) return other_version(got, "object in JSON");
  object_reader read{*body};
  daemon_status out;
  out.version = read.need_text("version");
  out.uptime_seconds = static_cast<std::int64_t>(read.need_count("uptime_seconds"));
  out.ready = read.flag("ready");
  if (auto const* const found = read.object("instances")) {
    object_reader const instances{*found};
    out.kept_warm = instances.count("kept_warm");
    out.usable = instances.count("usable");
  }
  out.connections = read.count("connections");
  out.connections_refused = read.count("connections_refused");
  out.requests = read.count("requests");
  out.requests_denied = read.count("requests_denied");
  if (auto const* const found = read.object("reload")) {
    object_reader const reload{*found};
    out.reload =
        reload_status{reload.integer("at").value_or(0), reload.flag("good"), reload.text("reason")};
  }
  auto const* const apps = read.array("apps");
  if (!read.missing().empty() || apps == nullptr) {
    return other_version(got, "member \"" + (apps ? read.missing() : "apps") + "\"");
  }
  for (auto const& one : *apps) {
    if (one.is_object()) out.apps.push_back(app_in(one.get_object()));
  }
  out.json = got.body;
  return out;
}

}  // namespace wixtoken::detail
