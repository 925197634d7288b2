#include "cli/view_text.hpp"

#include "cli/printable.hpp"
#include "cli/time_text.hpp"

namespace wixtokend::cli {
namespace {

std::string left(std::optional<std::int64_t> const& when, std::int64_t now) {
  if (!when) return "-";
  return *when <= now ? "now" : short_length(*when - now);
}

std::string yes_no(bool is) {
  return is ? "yes" : "no";
}

std::string when_text(std::optional<std::int64_t> const& when, std::int64_t now) {
  if (!when) return "-";
  return date_text(*when) + " (" + distance_text(when, now) + ")";
}

void append_member(std::string& out, std::string_view name, std::string const& value) {
  constexpr std::size_t width = 20;
  out.append(padded(name, width)).append(value).append("\n");
}

std::string attempt_text(wixtoken::instance_view const& view, std::int64_t now) {
  auto text = when_text(view.next_attempt_at, now);
  if (!view.next_attempt_reason.empty()) text += ", " + printable(view.next_attempt_reason);
  return text;
}

}  // namespace

table instance_table(std::size_t columns) {
  return table{{{"INSTANCE", 36},
                {"STATE", 11},
                {"USABLE", 6, true},
                {"NEXT", 6, true},
                {"GRANT", 18, false, 110},
                {"LAST USED", 9, true, 130},
                {"LAST ERROR", 10}},
               columns};
}

std::vector<std::string> instance_cells(wixtoken::instance_view const& view, std::int64_t now) {
  auto const used = view.last_used_at ? short_length(now - *view.last_used_at) : std::string{"-"};
  return {printable(view.instance_id),
          printable(view.state),
          left(view.expires_at, now),
          left(view.next_attempt_at, now),
          printable(view.grant),
          used,
          view.last_error ? failure_text(*view.last_error, now) : std::string{"-"}};
}

std::string failure_text(wixtoken::instance_failure const& failed, std::int64_t now) {
  auto text = failed.status == 0 ? std::string{} : std::to_string(failed.status) + " ";
  text += printable(failed.kind);
  if (failed.at) text += ", " + distance_text(failed.at, now);
  if (!failed.code.empty()) text += ", " + printable(failed.code);
  if (!failed.message.empty()) text += ": " + printable(failed.message);
  return text;
}

std::string view_text(wixtoken::instance_view const& view, std::int64_t now) {
  std::string out;
  append_member(out, "instance", printable(view.instance_id));
  append_member(out, "app", printable(view.app));
  append_member(out, "state", printable(view.state) + (view.rejected ? ", token rejected" : ""));
  append_member(out, "grant", printable(view.grant));
  append_member(out, "registered", yes_no(view.registered));
  append_member(out, "survives restart", yes_no(view.durable));
  append_member(out, "generation", std::to_string(view.generation));
  append_member(out, "minted", when_text(view.minted_at, now));
  append_member(out, "usable until", when_text(view.expires_at, now));
  append_member(out, "ends at Wix",
                when_text(view.upstream_expires_at, now) + (view.life_assumed ? ", assumed" : ""));
  append_member(out, "last used", when_text(view.last_used_at, now));
  append_member(out, "next attempt", attempt_text(view, now));
  append_member(out, "failures in row", std::to_string(view.failures_in_row));
  append_member(out, "waiting callers", std::to_string(view.waiters));
  append_member(out, "last error",
                view.last_error ? failure_text(*view.last_error, now) : std::string{"-"});
  if (view.last_error && !view.last_error->request_id.empty()) {
    append_member(out, "  of Wix's request", printable(view.last_error->request_id));
  }
  for (auto const& code : view.codes) {
    auto text = printable(code.outcome) + ", " + when_text(code.deadline_at, now);
    if (code.why) text += ", " + failure_text(*code.why, now);
    append_member(out, "code", text);
  }
  if (view.removal_announced_at) {
    append_member(out, "removal announced", when_text(view.removal_announced_at, now));
  }
  return out;
}

}  // namespace wixtokend::cli
