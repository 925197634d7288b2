#include "cli/top_screen.hpp"

#include "base/text.hpp"
#include "cli/printable.hpp"
#include "cli/status_text.hpp"
#include "cli/time_text.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace wixtokend::cli {
namespace {

enum class tone { plain, bold, good, warning, bad, dim };

constexpr std::size_t label_width = 11;
constexpr std::size_t bar_width_max = 50;
constexpr std::size_t unlimited = 100'000;  // columns

std::string_view code_of(tone what) noexcept {
  switch (what) {
    case tone::plain: return "";
    case tone::bold: return "1";
    case tone::good: return "32";
    case tone::warning: return "33";
    case tone::bad: return "1;31";
    case tone::dim: return "2";
  }
  return "";
}

std::string number(double value) {
  return std::isfinite(value) ? figure(value) : std::string{"?"};
}

// Collects lines; each is cut before it is coloured, so that no sequence is cut.
class page {
 public:
  explicit page(top_layout const& layout) : layout_{layout} {}

  void add(std::string const& text, tone how = tone::plain) {
    lines_.push_back(coloured(cut(text, layout_.columns), how));
  }
  void blank() { lines_.emplace_back(); }

  /// A label and its text; the tone is the text's.
  void field(std::string_view label, std::string const& text, tone how = tone::plain) {
    auto const head = padded(label, label_width);
    auto const room = layout_.columns - std::min(layout_.columns, label_width);
    lines_.push_back(cut(head, layout_.columns) + coloured(cut(text, room), how));
  }

  /// As many lines as the screen has rows; the last one is always there.
  [[nodiscard]] std::vector<std::string> take(std::string const& last) {
    auto const rows = layout_.rows;
    auto const below = last.empty() ? std::size_t{0} : std::size_t{1};
    if (rows != 0 && lines_.size() + below > rows) {
      lines_.resize(rows - std::min(rows, below + 1));
      if (rows > below) lines_.push_back(coloured(cut("…", layout_.columns), tone::dim));
    }
    if (!last.empty()) {
      if (rows != 0) lines_.resize(rows - 1);
      lines_.push_back(coloured(cut(last, layout_.columns), tone::dim));
    }
    return std::move(lines_);
  }

 private:
  [[nodiscard]] std::string coloured(std::string text, tone how) const {
    if (!layout_.colour || how == tone::plain || text.empty()) return text;
    return "\x1b[" + std::string{code_of(how)} + "m" + std::move(text) + "\x1b[0m";
  }

  top_layout const& layout_;
  std::vector<std::string> lines_;
};

// The part of the instances kept warm that have a usable token.
void add_bar(page& out, wixtoken::app_status const& app, std::size_t columns) {
  if (app.kept_warm == 0) return;
  auto const part =
      std::min(1.0, static_cast<double>(app.usable) / static_cast<double>(app.kept_warm));
  // Rounded down: 100 % means all of them.
  auto const percent = std::floor(part * 1000) / 10;
  constexpr std::size_t beside = label_width + 20;
  auto const width = std::min(bar_width_max, columns > beside + 10 ? columns - beside : 10);
  auto const filled = static_cast<std::size_t>(std::floor(part * static_cast<double>(width)));
  auto const how = part >= 0.9 ? tone::good : part >= 0.5 ? tone::warning : tone::bad;
  out.field("usable",
            "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " +
                number(percent) + " %",
            how);
}

void add_rates(page& out, wixtoken::app_status const& app) {
  out.field("rate",
            number(app.rate) + "/s of " + number(app.ceiling) + "/s, needed " + number(app.demand) +
                "/s" + (app.overloaded ? "  TOO MUCH FOR THE CEILING" : ""),
            app.overloaded ? tone::bad : tone::plain);
  auto text = grouped(app.in_flight) + " under way, " + grouped(app.waiting) + " waiting";
  if (app.overdue) text += ", " + grouped(*app.overdue) + " overdue";
  out.field("refreshes", text, app.overdue.value_or(0) != 0 ? tone::warning : tone::plain);
  out.field("breaker", breaker_text(app),
            app.breaker == "closed" && app.paused_seconds == 0 ? tone::plain : tone::bad);
}

void add_budget(page& out, wixtoken::app_status const& app) {
  if (!app.budget) return;
  constexpr std::int64_t soon = 600;
  bool const short_of_time = app.budget->p5 && *app.budget->p5 < soon;
  out.field("outage", budget_text(*app.budget), short_of_time ? tone::warning : tone::plain);
}

void add_soonest(page& out, top_data const& data, std::size_t columns) {
  auto const note = data.soonest_note.empty() ? "" : " (" + data.soonest_note + ")";
  if (data.soonest.empty()) {
    if (!note.empty()) out.field("soonest", data.soonest_note);
    return;
  }
  out.add("ends soonest" + note, tone::bold);
  bool const wide = columns >= 100;
  for (auto const& one : data.soonest) {
    auto line = "  " + padded(printable(one.instance_id), 36) + "  " +
                padded_left(short_length(one.expires_at - data.now), 6) + "  " +
                padded(printable(one.state), 11);
    if (one.next_attempt_at) {
      line += std::string{wide ? "  next attempt " : "  next "} +
              (wide ? distance_text(one.next_attempt_at, data.now)
                    : short_length(*one.next_attempt_at - data.now));
    }
    auto const how = one.expires_at - data.now < 60 ? tone::warning : tone::plain;
    out.add(line, how);
  }
}

void add_app(page& out, wixtoken::app_status const& app, top_data const& data,
             top_layout const& layout) {
  out.blank();
  out.add("app " + printable(app.name) + ": " + grouped(app.instances) +
              (app.instances == 1 ? " instance, " : " instances, ") + grouped(app.kept_warm) +
              " kept warm, " + grouped(app.usable) + " usable",
          tone::bold);
  add_bar(out, app, layout.columns);
  if (app.by_state) out.field("states", states_text(*app.by_state));
  add_rates(out, app);
  if (app.refused) {
    out.field("REFUSED",
              app.suspected ? "many in a row: Wix seems to refuse the app"
                            : "Wix refuses the app's id or secret",
              tone::bad);
  }
  add_budget(out, app);
  if (app.name == data.soonest_app) add_soonest(out, data, layout.columns);
  auto const errors = error_lines(app, data.now);
  if (errors.empty()) return;
  out.add("last errors", tone::bold);
  for (auto const& one : errors) out.add("  " + one);
}

void add_head(page& out, top_data const& data, std::size_t columns) {
  auto const& status = *data.status;
  auto const clock = date_text(data.now);
  auto const left = "wixtokend " + printable(status.version) + "  up " +
                    length_text(status.uptime_seconds) + "  " +
                    (status.ready ? "READY" : "NOT READY");
  auto const used = columns_of(left) + columns_of(clock);
  auto const gap = columns > used && columns != unlimited ? columns - used : 2;
  out.add(left + std::string(gap, ' ') + clock, status.ready ? tone::bold : tone::bad);
  auto requests = data.request_rate ? number(*data.request_rate) + "/s, " : std::string{};
  out.add("requests " + requests + grouped(status.requests) + " so far, " +
          grouped(status.requests_denied) + " denied   connections " + grouped(status.connections) +
          ", " + grouped(status.connections_refused) + " refused");
  if (status.reload && !status.reload->good) {
    out.add("reload refused: " + printable(status.reload->reason), tone::bad);
  }
}

// What went wrong is told in full, over as many lines as it takes.
void add_wrapped(page& out, std::string_view text, std::size_t columns) {
  std::string line;
  while (!text.empty()) {
    auto const end = std::min(text.find(' ', 1), text.size());  // a word and the blanks before it
    auto word = text.substr(0, end);
    text.remove_prefix(end);
    if (!line.empty() && columns_of(line) + columns_of(word) > columns) {
      out.add(std::exchange(line, {}), tone::bad);
      word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
    }
    line += word;
  }
  out.add(line, tone::bad);
}

std::string last_line(top_layout const& layout) {
  if (layout.interval_tenths == 0) return {};
  return "q quit   space " + std::string{layout.paused ? "go on" : "pause"} + "   +/- every " +
         number(static_cast<double>(layout.interval_tenths) / 10) + " s" +
         (layout.paused ? "   PAUSED" : "");
}

}  // namespace

std::vector<std::string> top_lines(top_data const& data, top_layout const& wanted) {
  auto layout = wanted;
  if (layout.columns == 0) layout.columns = unlimited;
  page out{layout};
  if (!data.status) {
    out.add("wixtoken top  " + date_text(data.now), tone::bold);
    out.blank();
    for (std::string_view rest = data.problem; !rest.empty();) {
      auto const end = std::min(rest.find('\n'), rest.size());
      add_wrapped(out, rest.substr(0, end), layout.columns);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out.take(last_line(layout));
  }
  add_head(out, data, layout.columns);
  for (auto const& app : data.status->apps) add_app(out, app, data, layout);
  return out.take(last_line(layout));
}

}  // namespace wixtokend::cli
