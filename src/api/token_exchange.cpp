#include "api/token_exchange.hpp"

#include "base/secret_digest.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace wixtokend::api {
namespace {

// A token can be gone again when its waiter runs. A few rounds, so that it never spins.
constexpr int rounds_max = 3;

std::optional<core::token_view> usable_now(exchange const& x, token_demand const& demand) {
  auto const token = x.server.service.serve(x.key, demand.needs);
  if (!token || token->generation == demand.refused_generation) return std::nullopt;
  bool const refused_bytes = !demand.refused_token.empty() && *token->token == demand.refused_token;
  if (refused_bytes) return std::nullopt;
  return token;
}

void count_lookup(exchange& x, service::cache_outcome how) {
  ++x.server.lookups.at(static_cast<std::size_t>(x.key.app)).at(static_cast<std::size_t>(how));
}

using waited = service::token_service::waited;

problem too_many_waiting() {
  return {.what = fault::limit_reached,
          .description = "Your user has too many requests on this socket that wait for a token.",
          .retry_after = 1s};
}

std::optional<caller_limits::place> hold(exchange& x) {
  return x.server.callers.hold(x.connection.peer(), x.server.settings.limits.waiters_per_uid_max);
}

// Nothing: the peer has left.
task<checked<std::optional<waited>>> await_token(exchange& x, token_demand const& demand,
                                                 duration wait) {
  auto& service = x.server.service;
  if (service.serve(x.key, demand.needs)) {
    auto at_once = service.await_token(x.key, demand.needs, duration{}, x.connection.peer());
    auto found = co_await std::move(at_once);  // counts as use; with no time to wait it never waits
    if (!found.refused) co_return found;
  }
  auto const place = hold(x);
  if (!place && wait > duration{}) co_return too_many_waiting();
  auto waiting = service.await_token(x.key, demand.needs, wait, x.connection.peer());
  auto ended = co_await x.connection.while_connected(std::move(waiting));
  co_return std::move(ended);
}

}  // namespace

task<checked<token_offer>> obtain_token(exchange& x, token_demand const& demand) {
  assert(x.names_instance());  // else the policy would not be asked about it
  auto& time = x.server.time();
  auto const limit = saturating_add(time.now(), demand.wait);
  for (int round = 0; round < rounds_max; ++round) {
    auto const left = std::max(limit - time.now(), duration{});
    auto const held = co_await await_token(x, demand, left);
    if (!held.has_value()) co_return held.error();
    auto const& ended = *held;
    if (!ended) co_return problem{.what = fault::wait_ended};  // the peer has left
    if (!x.allowed()) co_return x.denied();
    // A service that stops refuses to wait; what is there is given out all the same.
    auto const& refused = ended->refused;
    bool const final = refused && refused->reason != core::refusal_reason::stopping;
    if (final) co_return to_problem(*refused);
    if (auto const token = usable_now(x, demand)) {
      count_lookup(x, shown_outcome(*token, ended->how));
      co_return token_offer{*token, ended->how};
    }
    if (refused) co_return to_problem(*refused);
  }
  co_return problem{.what = fault::unavailable};
}

checked<core::token_view> hand_out(exchange& x, token_offer const& offer) {
  auto* const audit = x.server.settings.audit;
  // The answer to HEAD has no body.
  if (audit == nullptr || x.request.method == "HEAD") return offer.token_;
  observe::audit_record what;
  what.at = x.server.time().wall_now();
  what.method = x.call->method;
  what.path = x.call->path;
  what.key = x.key;
  what.generation = offer.token_.generation;
  what.token_digest = digest_of(*offer.token_.token);
  what.uid = x.connection.uid();
  what.gid = x.connection.gid();
  what.pid = x.connection.pid();
  what.socket = x.connection.peer().socket;
  what.name_request(x.request_id);
  if (!audit->record(what)) return problem{.what = fault::audit_failed};
  return offer.token_;
}

task<checked<bool>> await_change(exchange& x, core::token_needs has, duration length) {
  assert(x.names_instance());
  auto const place = hold(x);
  if (!place) co_return too_many_waiting();
  auto waiting = x.server.service.await_change(x.key, has, length, x.connection.peer());
  auto const ended = co_await x.connection.while_connected(std::move(waiting));
  if (!ended) co_return problem{.what = fault::wait_ended};  // the peer has left
  if (!x.allowed()) co_return x.denied();
  auto const& refused = *ended;
  bool const gone = refused && refused->reason == core::refusal_reason::unknown_instance;
  if (gone) co_return to_problem(*refused);
  co_return !refused.has_value();
}

}  // namespace wixtokend::api
