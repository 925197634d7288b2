#include "cli/status_text.hpp"

#include "base/text.hpp"
#include "cli/printable.hpp"
#include "cli/time_text.hpp"
#include "cli/view_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace wixtokend::cli {
namespace {

std::string per_second(double rate) {
  return (std::isfinite(rate) ? figure(rate) : std::string{"?"}) + "/s";
}

void append_line(std::string& out, std::string_view name, std::string const& value,
                 std::size_t columns) {
  constexpr std::size_t width = 15;
  auto const line = padded(name, width) + value;
  out.append(columns == 0 ? line : cut(line, columns)).append("\n");
}

void append_app(std::string& out, wixtoken::app_status const& app, std::int64_t now,
                std::size_t columns) {
  auto const add = [&](std::string_view name, std::string const& value) {
    append_line(out, name, value, columns);
  };
  out.append("\napp ").append(printable(app.name)).append("\n");
  add("  instances", grouped(app.instances) + " known, " + grouped(app.kept_warm) + " kept warm, " +
                         grouped(app.usable) + " of these usable");
  if (app.by_state) add("  states", states_text(*app.by_state));
  if (app.overdue && *app.overdue != 0) add("  overdue", grouped(*app.overdue) + " refreshes");
  add("  rate", per_second(app.rate) + " of at most " + per_second(app.ceiling) +
                    "; needed to keep all warm " + per_second(app.demand) +
                    (app.overloaded ? ", TOO MUCH: raise requests_per_second_max" : ""));
  add("  requests",
      grouped(app.in_flight) + " under way, " + grouped(app.waiting) + " waiting for their turn");
  add("  breaker", breaker_text(app));
  if (app.refused) {
    add("  REFUSED", app.suspected ? "many instances in a row: Wix seems to refuse the app"
                                   : "Wix refuses the app's id or secret");
    if (app.refusal) add("", failure_text(*app.refusal, now));
  }
  if (app.budget) add("  outage", budget_text(*app.budget));
  auto const errors = error_lines(app, now);
  for (std::size_t i = 0; i < errors.size(); ++i) add(i == 0 ? "  last errors" : "", errors[i]);
}

}  // namespace

std::string budget_text(wixtoken::outage_budget const& budget) {
  if (!budget.first) return "no instance is kept warm";
  if (*budget.first == 0) return "no usable token";
  auto text = "first token lapses in " + short_length(*budget.first);
  // The later ones are told up to a twentieth too short.
  auto const p5 = std::max(budget.p5.value_or(0), *budget.first);
  auto const p50 = std::max(budget.p50.value_or(0), p5);
  if (budget.p5) text += ", 5 % in " + short_length(p5);
  if (budget.p50) text += ", half in " + short_length(p50);
  return text;
}

std::string states_text(wixtoken::state_counts const& states) {
  std::array<std::pair<std::string_view, std::uint64_t>, 6> const all{
      {{"warm", states.warm},
       {"stale", states.stale},
       {"cold", states.cold},
       {"blocked", states.blocked},
       {"app_refused", states.app_refused},
       {"idle", states.idle}}};
  std::string text;
  for (auto const& [name, count] : all) {
    if (count == 0) continue;
    text.append(text.empty() ? "" : ", ").append(name).append(" ").append(grouped(count));
  }
  return text.empty() ? "none" : text;
}

std::string breaker_text(wixtoken::app_status const& app) {
  auto text = printable(app.breaker);
  if (app.breaker == "open") text += ": Wix has failed too often, nothing goes out for a while";
  if (app.breaker == "half_open") text += ": a single probe goes out";
  if (app.paused_seconds > 0) {
    text += "; paused for " + length_text(app.paused_seconds) + ", as Wix has asked";
  }
  return text;
}

std::vector<std::string> error_lines(wixtoken::app_status const& app, std::int64_t now) {
  std::vector<std::string> lines;
  for (auto const& one : app.last_errors) {
    lines.push_back(printable(one.instance_id) + "  " + failure_text(one.what, now));
  }
  return lines;
}

std::string status_text(wixtoken::daemon_status const& status,
                        std::vector<std::string> const& reasons, std::int64_t now,
                        std::size_t columns) {
  std::string out = "wixtokend " + printable(status.version) + ", up " +
                    length_text(status.uptime_seconds) +
                    (status.ready ? ", ready\n" : ", NOT READY\n");
  for (auto const& reason : reasons) append_line(out, "  because", printable(reason), 0);
  append_line(out, "instances",
              grouped(status.kept_warm) + " kept warm, " + grouped(status.usable) + " usable",
              columns);
  append_line(out, "connections",
              grouped(status.connections) + " open, " + grouped(status.connections_refused) +
                  " refused so far",
              columns);
  append_line(out, "requests",
              grouped(status.requests) + " so far, " + grouped(status.requests_denied) + " denied",
              columns);
  if (status.reload) {
    append_line(
        out, "reload",
        distance_text(status.reload->at, now) +
            (status.reload->good ? ", taken" : ", REFUSED: " + printable(status.reload->reason)),
        status.reload->good ? columns : 0);
  }
  for (auto const& app : status.apps) append_app(out, app, now, columns);
  return out;
}

}  // namespace wixtokend::cli
