#include "api/exchange.hpp"
#include "api/handlers.hpp"
#include "api/parameters.hpp"
#include "api/registration_answers.hpp"
#include "api/request_bodies.hpp"
#include "base/secret.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::api {
namespace {

constexpr std::uint64_t page_default = 100;
constexpr std::uint64_t page_max = 500;

http::response answer_problem(fault what, std::string description = {}) {
  problem const found{.what = what, .description = std::move(description)};
  return to_answer(found);
}

// How many instances are looked at for one page.
constexpr std::size_t scan_max = 10'000;

// A page for a peer that is limited to some instances. Its cursor counts these only, so that it
// tells nothing of others.
service::token_service::page page_of(exchange const& x, std::vector<instance_id> const& only,
                                     std::optional<core::instance_state> state,
                                     std::uint64_t cursor, std::size_t limit) {
  service::token_service::page found;
  auto place = std::min<std::uint64_t>(cursor, only.size());
  auto const end = std::min<std::uint64_t>(only.size(), place + scan_max);
  for (; place < end && found.instances.size() < limit; ++place) {
    auto seen = x.server.service.view({x.key.app, only[place]});
    if (seen && (!state || seen->state == *state)) found.instances.push_back(*std::move(seen));
  }
  if (place < only.size()) found.next = place;
  return found;
}

http::response empty_answer(unsigned status) {
  http::response answer;
  answer.status = status;
  return answer;
}

}  // namespace

task<http::response> list_instances(exchange& x) {
  auto const limit = read_number(x.query, "limit", page_default, 1, page_max);
  if (!limit.has_value()) co_return to_answer(limit.error());
  auto const cursor = read_number(x.query, "cursor", 0, 0, UINT64_MAX);
  if (!cursor.has_value()) co_return to_answer(cursor.error());

  std::optional<core::instance_state> state;
  if (auto const text = find_parameter(x.query, "state")) {
    state = parse_state(*text);
    if (!state) {
      co_return answer_problem(fault::invalid_parameter,
                               "The parameter \"state\" is not a state of an instance.");
    }
  }
  auto const only = x.connection.granted().only(x.call->needed, x.key.app);
  auto const page = only ? page_of(x, *only, state, *cursor, *limit)
                         : x.server.service.list(x.key.app, state, *cursor, *limit);
  std::vector<shown_instance> all;
  all.reserve(page.instances.size());
  for (auto const& seen : page.instances) all.push_back(shown(x, seen));
  co_return json_answer(200, page_json(all, page.next, x.app_name(), x.now()));
}

task<http::response> show_instance(exchange& x) {
  co_return view_answer(x, 200);
}

task<http::response> add_instance(exchange& x) {
  auto const replace = read_flag(x.query, "replace");
  if (!replace.has_value()) co_return to_answer(replace.error());
  if (*replace && !x.allowed(core::role::manage)) co_return to_answer(x.denied());

  auto wanted = read_registration(x.request.body);
  wipe(x.request.body);  // before there is anything to wait for
  if (!wanted.has_value()) co_return to_answer(wanted.error());
  wanted->replace = *replace;

  auto adding = x.server.registrar.add(x.key, std::move(*wanted));
  auto const outcome = co_await x.connection.until_written(std::move(adding), disk_time_max);
  if (!x.allowed()) co_return to_answer(x.denied());
  if (!outcome.has_value()) co_return answer_problem(fault::store_failed);
  if (auto const wrong = problem_of(*outcome)) co_return to_answer(*wrong);
  co_return acknowledgement(x, *outcome == service::registration_outcome::added ? 201 : 200);
}

task<http::response> remove_instance(exchange& x) {
  auto removing = x.server.registrar.remove(x.key);
  auto const outcome = co_await x.connection.until_written(std::move(removing), disk_time_max);
  if (auto const wrong = problem_of(outcome)) co_return to_answer(*wrong);
  co_return empty_answer(204);
}

task<http::response> restore_instance(exchange& x) {
  auto restoring = x.server.registrar.restore(x.key);
  auto const outcome = co_await x.connection.until_written(std::move(restoring), disk_time_max);
  if (!x.allowed()) co_return to_answer(x.denied());
  if (!outcome.has_value()) co_return answer_problem(fault::store_failed);
  if (!outcome->has_value()) {
    problem const none{.what = fault::unknown_instance,
                       .description = "No refresh token of this instance is kept."};
    co_return to_answer(none);
  }
  if (auto const wrong = problem_of(**outcome)) co_return to_answer(*wrong);
  co_return acknowledgement(x, 200);
}

task<http::response> retry_instance(exchange& x) {
  if (!x.server.service.retry(x.key)) co_return answer_problem(fault::unknown_instance);
  co_return view_answer(x, 202);
}

task<http::response> show_token_info(exchange& x) {
  if (!x.server.service.view(x.key)) co_return answer_problem(fault::unknown_instance);

  auto asking = x.server.service.info(x.key);
  auto const said = co_await x.connection.while_connected(std::move(asking));
  if (!said) co_return http::response{};  // the peer has left
  if (!x.allowed()) co_return to_answer(x.denied());
  if (!*said) {
    co_return answer_problem(fault::unavailable, "There is no usable token to ask about.");
  }
  if (auto const* const failed = std::get_if<core::failure>(&**said)) {
    co_return to_answer(to_problem(*failed));
  }
  co_return json_answer(200, token_info_json(std::get<service::token_info>(**said)));
}

}  // namespace wixtokend::api
