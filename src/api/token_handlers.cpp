#include "api/handlers.hpp"
#include "api/parameters.hpp"
#include "api/preferences.hpp"
#include "api/registration_answers.hpp"
#include "api/request_bodies.hpp"
#include "api/request_headers.hpp"
#include "api/token_exchange.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace wixtokend::api {
namespace {

constexpr duration min_valid_max = 24h;  // no token lives longer

checked<duration> read_wait(exchange const& x) {
  auto const& limits = x.server.settings.limits;
  return read_seconds(x.query, "wait", limits.wait_default, limits.wait_max);
}

http::response token_answer(exchange& x, token_offer const& offer) {
  auto const given = hand_out(x, offer);
  if (!given.has_value()) return to_answer(given.error());
  http::response answer;
  offer.add_headers(answer);
  if (prefers_plain_text(x.header("Accept"))) {
    answer.headers.add("Content-Type", "text/plain");
    answer.body = std::string{given->token->reveal()};
  } else {
    answer.headers.add("Content-Type", "application/json");
    answer.body = token_json(*given, x.key.instance, x.now());
  }
  return answer;
}

http::response not_modified(token_offer const& offer) {
  http::response answer;
  answer.status = 304;
  offer.add_headers(answer);
  return answer;
}

// A caller that has a token and would wait for the next one.
class watch {
 public:
  explicit watch(exchange const& x) : known_{combined(x.request.headers, "If-None-Match")} {
    auto const most = std::chrono::floor<std::chrono::seconds>(x.server.settings.limits.wait_max);
    // "*" names every token to come as well: there is nothing to wait for.
    if (known_ != "*") length_ = preferred_wait(x.request.headers, most);
    if (length_) limit_ = saturating_add(x.server.time().now(), *length_);
  }

  [[nodiscard]] bool knows(token_offer const& offer) const {
    return names_generation(known_, offer.generation());
  }
  [[nodiscard]] duration left(instant now) const noexcept {
    return length_ ? std::max(limit_ - now, duration{}) : duration{};
  }
  void give_up() noexcept { limit_ = {}; }

  // Says so if the answer was held, or could have been.
  void confirm(http::response& answer) const {
    if (!length_) return;
    answer.headers.add("Preference-Applied", "wait=" + std::to_string(length_->count()));
  }

 private:
  std::string known_;
  std::optional<std::chrono::seconds> length_;
  instant limit_{};
};

}  // namespace

task<http::response> get_token(exchange& x) {
  auto const min_valid = read_seconds(x.query, "min_valid", duration{}, min_valid_max);
  if (!min_valid.has_value()) co_return to_answer(min_valid.error());
  auto const wait = read_wait(x);
  if (!wait.has_value()) co_return to_answer(wait.error());

  token_demand demand;
  demand.needs.min_valid = *min_valid;
  demand.wait = *wait;
  watch watching{x};
  bool held = false;
  for (;;) {
    auto const offer = co_await obtain_token(x, demand);
    if (!offer.has_value()) co_return to_answer(offer.error());
    bool const known = watching.knows(*offer);
    auto const left = watching.left(x.server.time().now());
    if (!known || left == duration{}) {
      auto answer = known ? not_modified(*offer) : token_answer(x, *offer);
      if (known || held) watching.confirm(answer);
      co_return answer;
    }
    held = true;
    core::token_needs const has{.min_valid = *min_valid, .newer_than = offer->generation()};
    auto const changed = co_await await_change(x, has, left);
    if (!changed.has_value()) co_return to_answer(changed.error());
    if (!*changed) watching.give_up();
  }
}

task<http::response> reject_token(exchange& x) {
  auto const wait = read_wait(x);
  if (!wait.has_value()) co_return to_answer(wait.error());
  auto report = read_rejection(x.request.body);
  if (!report.has_value()) co_return to_answer(report.error());

  auto& service = x.server.service;
  token_demand demand;
  demand.wait = *wait;
  if (auto* const token = std::get_if<secret>(&*report)) {
    demand.refused_generation = service.generation_of(x.key, *token);
    demand.refused_token = std::move(*token);
  } else {
    demand.refused_generation = std::get<core::generation_number>(*report);
  }
  // A token that is not the current one was replaced already: nothing to report then.
  if (demand.refused_generation) {
    auto const outcome = service.reject(x.key, *demand.refused_generation, x.connection.peer());
    if (outcome == core::rejection::held_off) {
      problem const held{.what = fault::rejection_hold_off,
                         .retry_after = service.rejection_hold(x.key, x.connection.peer())};
      co_return to_answer(held);
    }
    if (outcome == core::rejection::replacing) demand.needs.newer_than = *demand.refused_generation;
  }
  auto const offer = co_await obtain_token(x, demand);
  if (!offer.has_value()) co_return to_answer(offer.error());
  co_return token_answer(x, *offer);
}

task<http::response> drop_token(exchange& x) {
  auto dropping = x.server.registrar.drop_token(x.key);
  auto const outcome = co_await x.connection.until_written(std::move(dropping), disk_time_max);
  if (auto const wrong = problem_of(outcome)) co_return to_answer(*wrong);
  http::response done;
  done.status = 204;
  co_return done;
}

}  // namespace wixtokend::api
