#include "cli/problem_text.hpp"

#include "cli/json_text.hpp"
#include "cli/printable.hpp"

#include <algorithm>
#include <array>

namespace wixtokend::cli {
namespace {

struct known_advice {
  std::string_view code;
  std::string_view what_to_do;
};

// In the words of docs/api.md, with this program's commands.
constexpr std::array<known_advice, 20> all_advice{{
    {"access_denied",
     "run as a user that [[access]] in the daemon's configuration grants the role to (wixtokend "
     "check shows the rules), or use a socket with that role"},
    {"unknown_app", "give --app the `name` of an app in the daemon's configuration"},
    {"unknown_instance", "register it with wixtoken add, or set on_demand = true"},
    {"unknown_upstream",
     "the app is not installed there (any more), or the id is wrong; after a reinstallation: "
     "wixtoken retry"},
    {"invalid_instance_id", "an id is xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx in hexadecimal"},
    {"impossible_validity", "ask for a smaller --min-valid"},
    {"grant_conflict", "to replace the stored refresh token for good: --replace"},
    {"store_required",
     "configure a [store] on a persistent file system, or use client_credentials"},
    {"app_refused", "mend app_id or app_secret_file in the daemon's configuration"},
    {"instance_blocked", "mend the cause, then wixtoken retry"},
    {"unavailable", "Wix cannot be reached or is failing; wixtoken status says more"},
    {"insufficient_validity", "ask for a smaller --min-valid, or allow a longer --timeout"},
    {"wait_ended", "Wix is slow: ask again, or allow a longer --timeout"},
    {"rejection_hold_off",
     "it was replaced only just now: look for a missing permission of the app"},
    {"limit_reached", "come back later; the limits are under [limits] in the configuration"},
    {"rate_limited", "come back later: limits.requests_per_second_per_uid"},
    {"too_many_connections", "this user has too many connections open: reuse them"},
    {"audit_failed", "look at the disk of the daemon's audit log; it goes on by itself"},
    {"store_failed", "look at the daemon's disk and log, then send it again"},
    {"stopping", "the daemon is being restarted: ask again, or give --wait"},
}};

std::string upstream_text(wixtoken::upstream_error const& said) {
  auto text = "status " + std::to_string(said.status);
  if (!said.code.empty()) text += ", " + printable(said.code);
  if (!said.message.empty()) text += ": " + printable(said.message);
  if (!said.request_id.empty()) text += " (request id " + printable(said.request_id) + ")";
  return text;
}

}  // namespace

std::string_view advice_for(std::string_view code) noexcept {
  auto const found = std::find_if(all_advice.begin(), all_advice.end(),
                                  [&](known_advice const& one) { return one.code == code; });
  return found == all_advice.end() ? std::string_view{} : found->what_to_do;
}

std::string problem_text(wixtoken::error const& why) {
  auto text = printable(why.code) + ": " + printable(why.description) + "\n";
  if (auto const advice = advice_for(why.code); !advice.empty()) {
    text.append("  what to do: ").append(advice).append("\n");
  }
  if (why.code == "socket_missing" || why.code == "not_listening") {
    text +=
        "  wixtoken looks at --socket, then WIXTOKEN_SOCKET, then the usual place; --wait S "
        "waits for it\n";
  }
  if (why.max_min_valid) {
    text += "  at most: --min-valid " + std::to_string(*why.max_min_valid) + "\n";
  }
  if (why.upstream) text += "  Wix said: " + upstream_text(*why.upstream) + "\n";
  if (why.retry_after) {
    text += std::string{why.retryable ? "  try again in " : "  the answer stays the same for "} +
            std::to_string(why.retry_after->count()) + " s\n";
  }
  if (!why.request_id.empty()) {
    text += "  in the daemon's log: request_id=" + printable(why.request_id) + "\n";
  }
  return text;
}

std::string problem_json(wixtoken::error const& why) {
  json_object out;
  out.text("error", why.code)
      .text("error_description", why.description)
      .text("kind", wixtoken::to_string(why.kind))
      .flag("retryable", why.retryable);
  if (why.retry_after) out.number("retry_after", std::int64_t{why.retry_after->count()});
  if (why.max_min_valid) out.number("max_min_valid", *why.max_min_valid);
  if (why.status != 0) out.number("status", std::int64_t{why.status});
  if (!why.request_id.empty()) out.text("request_id", why.request_id);
  if (why.upstream) {
    json_object said;
    said.number("status", std::int64_t{why.upstream->status})
        .text("code", why.upstream->code)
        .text("message", why.upstream->message)
        .text("request_id", why.upstream->request_id);
    out.raw("upstream", said.take());
  }
  return out.take();
}

exit_code report(console& to, bool json, wixtoken::error const& why, std::string_view about) {
  if (json) {
    to.err << problem_json(why) << '\n';
  } else {
    to.err << "wixtoken: ";
    if (!about.empty()) to.err << printable(about) << ": ";
    to.err << problem_text(why);
  }
  return exit_code_of(why.kind);
}

exit_code complain(console& to, bool json, exit_code with, std::string_view what) {
  if (json) {
    json_object out;
    out.text("error", with == exit_code::no_input ? "no_input" : "bad_data")
        .text("error_description", what)
        .flag("retryable", false);
    to.err << out.take() << '\n';
  } else {
    to.err << "wixtoken: " << printable(what) << '\n';
  }
  return with;
}

}  // namespace wixtokend::cli
