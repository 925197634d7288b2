#include "emulator/dispatch.hpp"

#include "emulator/call.hpp"
#include "emulator/control_routes.hpp"
#include "emulator/dates.hpp"
#include "emulator/fault_effect.hpp"
#include "emulator/oauth_routes.hpp"
#include "emulator/protected_routes.hpp"
#include "emulator/replies.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace wixtokend::emulator {
namespace {

http::response usual_answer(upstream_state& state, call const& asked) {
  switch (asked.where) {
    case route::token: return answer_token(state, asked);
    case route::access: return answer_access(state, asked);
    case route::token_info: return answer_token_info(state, asked);
    case route::instance:
    case route::other: break;
  }
  return answer_protected(state, asked);
}

// Counts the request for its instance. @returns 429 if it exceeds the instance's limit (U-61,
// U-62).
std::optional<http::response> limited(upstream_state& state, call const& asked) {
  if (!asked.app.has_value() || !asked.instance.has_value()) return std::nullopt;
  auto* const row = state.installations.find_or_add({*asked.app, *asked.instance});
  if (row == nullptr) return std::nullopt;

  ++row->requests;
  auto const wait = over_limit(*row, asked.now, state.knobs.rate_limit_per_minute);
  if (!wait.has_value()) return std::nullopt;
  auto reply = wix_error(429, "Resource exhausted: too many requests", "RESOURCE_EXHAUSTED");
  if (state.knobs.rate_limit_retry_after) {
    reply.headers.add("retry-after", std::to_string(wait->count()));
  }
  return reply;
}

ending ending_of(fault const* scripted) {
  if (scripted == nullptr) return ending::send;
  switch (scripted->kind) {
    case fault_kind::hang: return ending::hang;
    case fault_kind::reset: return ending::reset;
    case fault_kind::close: return ending::close;
    case fault_kind::pass:
    case fault_kind::error:
    case fault_kind::reply: break;
  }
  return ending::send;
}

// `over` is the rate limit's refusal; it takes the place of the usual answer, scripted or not.
http::response answer_with(upstream_state& state, call& asked, fault const* scripted,
                           std::optional<http::response> over) {
  auto const kind = scripted == nullptr ? fault_kind::pass : scripted->kind;
  if (kind == fault_kind::error) return error_reply(*scripted);
  if (kind == fault_kind::hang) return empty_reply(200);  // never sent: no token is minted for it
  if (over.has_value()) return *std::move(over);
  if (kind != fault_kind::reply) return usual_answer(state, asked);

  asked.change.same_token = scripted->same_token;
  asked.change.other_instance = scripted->other_instance;
  asked.change.token_size = scripted->token_size;
  auto reply = usual_answer(state, asked);
  alter(reply, *scripted);
  return reply;
}

plan answer_upstream(upstream_state& state, http::request const& message, arrival const& when) {
  auto asked = understand(state, message, state.virtual_time(when.wall));
  state.counted.started(asked.where, when.at);

  plan made;
  made.counted = asked.where;
  auto over = limited(state, asked);
  std::shared_ptr<fault const> scripted;
  if (!state.faults.empty()) {
    scripted = state.faults.take({asked.where, asked.app_id, asked.instance});
  }
  made.how = ending_of(scripted.get());
  made.delay = state.draw_latency();
  if (scripted != nullptr) {
    made.delay += scripted->delay;
    made.bytes = scripted->after_bytes;
  }
  made.reply = answer_with(state, asked, scripted.get(), std::move(over));
  return made;
}

}  // namespace

plan answer(upstream_state& state, http::request const& message, arrival const& when) {
  plan made;
  if (!is_control(path_of(message.target))) {
    made = answer_upstream(state, message, when);
  } else if (when.control_allowed) {
    made.reply = answer_control(state, message, when);
  } else {
    made.reply = rfc_error(403, "forbidden", "the control API is not served on this address");
  }
  add_common_headers(state, made.reply, when.wall);
  return made;
}

void add_common_headers(upstream_state& state, http::response& reply, wall_time real) {
  reply.headers.add("x-wix-request-id", state.next_request_id());
  reply.headers.add("cache-control", "no-store");
  if (state.knobs.send_date) reply.headers.add("date", http_date(state.virtual_time(real)));
}

}  // namespace wixtokend::emulator
