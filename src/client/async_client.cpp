#include "wixtoken/async_client.hpp"

#include "client/answers.hpp"
#include "client/problems.hpp"
#include "client/transport.hpp"

#include <algorithm>
#include <utility>

namespace wixtoken {
namespace {

using namespace std::chrono_literals;
using detail::call;
using detail::target;
using detail::time_point;

constexpr std::chrono::milliseconds wait_max = 60s;  // limits.wait_max of the daemon, at the most
constexpr std::chrono::milliseconds wait_default = 1s;  // what limits.wait_max is at the least
constexpr std::chrono::milliseconds shortest_pause = 100ms;
constexpr std::chrono::milliseconds watch_rest_max = 250ms;

time_point now() noexcept {
  return std::chrono::steady_clock::now();
}

std::chrono::milliseconds left_until(time_point deadline) {
  return std::max(std::chrono::floor<std::chrono::milliseconds>(deadline - now()), 0ms);
}

// How long the daemon may wait, so that its answer, with the reason, comes before the deadline.
std::chrono::milliseconds wait_within(std::chrono::milliseconds left) {
  return left - std::min(left / 4, watch_rest_max);
}

std::string generation_body(std::uint64_t generation) {
  return "{\"generation\":" + std::to_string(generation) + "}";
}

// A token is printable ASCII; whatever else is in it, it stays one JSON string.
secret token_body(secret const& refused) {
  constexpr std::string_view head = "{\"access_token\":\"";
  std::string body;
  body.reserve(head.size() + 2 * refused.size() + 2);
  body = head;
  for (char const c : refused.reveal()) {
    if (c == '"' || c == '\\') body += '\\';
    body += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  body += "\"}";
  return secret::take(std::move(body));
}

std::optional<error> check_id(std::string_view instance) {
  if (!instance.empty()) return std::nullopt;
  return detail::invalid_argument("the instance id is empty");
}

}  // namespace

class async_client::state : public detail::transport {
 public:
  using detail::transport::transport;

  [[nodiscard]] time_point deadline(std::optional<std::chrono::milliseconds> own = {}) const {
    // A longer one would overflow the clock.
    return now() + std::min<std::chrono::milliseconds>(own.value_or(settings().timeout), 24h * 365);
  }
  [[nodiscard]] target of(std::string_view instance) const {
    return std::move(target{settings()}.segment(instance));
  }

  std::chrono::milliseconds daemon_wait_max = wait_max;  // learnt
};

async_client::async_client(boost::asio::any_io_executor where, options settings)
    : state_{std::make_unique<state>(std::move(where), std::move(settings))} {}
async_client::~async_client() = default;

namespace {

// Whether and when to ask for a token again; unset: what there is is the answer.
std::optional<std::chrono::milliseconds> pause_before_next(error const& why, time_point deadline) {
  if (!why.retryable || why.status == 0) return std::nullopt;
  std::chrono::milliseconds const said = why.retry_after.value_or(0s);
  auto const pause = std::max(said, shortest_pause);
  if (left_until(deadline) < pause + watch_rest_max) return std::nullopt;
  return pause;
}

}  // namespace

async_client::awaitable<result<access_token>> async_client::token(std::string instance,
                                                                  needs wanted) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  auto& shared = *state_;
  auto const deadline = shared.deadline(wanted.timeout);
  for (;;) {
    auto const wait =
        wanted.wait ? std::min(wait_within(left_until(deadline)), shared.daemon_wait_max) : 0ms;
    auto where = shared.of(instance);
    where.segment("token").parameter("wait", wait);
    if (wanted.min_valid > 0s) where.parameter("min_valid", wanted.min_valid);
    call asked{"GET", where.take()};
    auto const got = co_await shared.send(std::move(asked), deadline);
    if (!got.has_value()) co_return got.error();
    auto token = detail::read_token(*got);
    if (token.has_value() || !wanted.wait) co_return token;

    // The daemon may be configured to wait less than is usual.
    if (token.error().code == "invalid_parameter" && wait > wait_default) {
      shared.daemon_wait_max = wait_default;
      continue;
    }
    auto const pause = pause_before_next(token.error(), deadline);
    if (!pause) co_return token;
    co_await shared.pause(*pause, deadline);
  }
}

namespace {

// One report; what comes of it is the answer.
async_client::awaitable<result<access_token>> report(detail::transport& through, target where,
                                                     secret body, time_point deadline,
                                                     bool may_wait) {
  auto const wait = may_wait ? std::min(wait_within(left_until(deadline)), wait_max) : 0ms;
  where.segment("token").segment("reject").parameter("wait", wait);
  call asked{"POST", where.take(), {}, std::move(body)};
  auto const got = co_await through.send(std::move(asked), deadline);
  if (!got.has_value()) co_return got.error();
  co_return detail::read_token(*got);
}

}  // namespace

async_client::awaitable<result<access_token>> async_client::reject(std::string instance,
                                                                   std::uint64_t generation,
                                                                   needs wanted) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  auto where = state_->of(instance);
  secret body{generation_body(generation)};
  auto const deadline = state_->deadline(wanted.timeout);
  co_return co_await report(*state_, std::move(where), std::move(body), deadline, wanted.wait);
}

async_client::awaitable<result<access_token>> async_client::reject(std::string instance,
                                                                   secret refused, needs wanted) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  if (refused.empty()) co_return detail::invalid_argument("the refused token is empty");
  auto where = state_->of(instance);
  auto body = token_body(refused);
  auto const deadline = state_->deadline(wanted.timeout);
  co_return co_await report(*state_, std::move(where), std::move(body), deadline, wanted.wait);
}

async_client::awaitable<result<std::optional<access_token>>> async_client::watch(
    std::string instance, std::uint64_t generation, std::chrono::milliseconds timeout) {
  using seen = result<std::optional<access_token>>;
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  auto const deadline = state_->deadline(timeout);
  for (;;) {
    auto const asked_at = now();
    auto const held = std::chrono::floor<std::chrono::seconds>(
        std::min(wait_within(left_until(deadline)), wait_max));
    call asked{"GET", state_->of(instance).segment("token").parameter("wait", 0ms).take()};
    asked.headers = "If-None-Match: \"" + std::to_string(generation) + "\"\r\n";
    if (held > 0s) asked.headers += "Prefer: wait=" + std::to_string(held.count()) + "\r\n";
    auto const got = co_await state_->send(std::move(asked), deadline);
    if (!got.has_value()) co_return got.error();
    if (got->status != 304) {
      auto token = detail::read_token(*got);
      if (!token.has_value()) co_return token.error();
      co_return seen{std::optional{*std::move(token)}};
    }
    if (left_until(deadline) < 1s + watch_rest_max) {
      co_await state_->pause(left_until(deadline), deadline);
      co_return seen{std::nullopt};
    }
    // A daemon that is about to stop answers at once.
    if (now() - asked_at < 500ms) co_await state_->pause(500ms, deadline);
  }
}

async_client::awaitable<result<void>> async_client::drop_token(std::string instance) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  call asked{"DELETE", state_->of(instance).segment("token").take()};
  asked.repeatable = false;
  auto const got = co_await state_->send(std::move(asked), state_->deadline());
  if (!got.has_value()) co_return got.error();
  co_return detail::read_done(*got);
}

async_client::awaitable<result<instance_view>> async_client::view(std::string instance) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  call asked{"GET", state_->of(instance).take()};
  auto const got = co_await state_->send(std::move(asked), state_->deadline());
  if (!got.has_value()) co_return got.error();
  co_return detail::read_view(*got);
}

async_client::awaitable<result<instance_page>> async_client::list(list_request which) {
  target where{state_->settings()};
  if (!which.state.empty()) where.parameter("state", which.state);
  if (which.limit != 0) where.parameter("limit", std::to_string(which.limit));
  if (!which.cursor.empty()) where.parameter("cursor", which.cursor);
  call asked{"GET", where.take()};
  auto const got = co_await state_->send(std::move(asked), state_->deadline());
  if (!got.has_value()) co_return got.error();
  co_return detail::read_page(*got);
}

async_client::awaitable<result<added_instance>> async_client::add(std::string instance,
                                                                  registration how) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  auto where = state_->of(instance);
  if (how.replace()) where.parameter("replace", "true");
  call asked{"PUT", where.take(), {}, how.body()};
  auto const got = co_await state_->send(std::move(asked), state_->deadline());
  if (!got.has_value()) co_return got.error();
  auto view = detail::read_view(*got);
  if (!view.has_value()) co_return view.error();
  co_return added_instance{got->status == 201, *std::move(view)};
}

async_client::awaitable<result<bulk_summary>> async_client::add_many(secret lines, bool replace) {
  target where{state_->settings()};
  if (replace) where.parameter("replace", "true");
  call asked{"POST", where.take(), {}, std::move(lines)};
  asked.repeatable = false;
  auto const got = co_await state_->send(std::move(asked), state_->deadline());
  if (!got.has_value()) co_return got.error();
  co_return detail::read_summary(*got);
}

async_client::awaitable<result<void>> async_client::remove(std::string instance) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  call asked{"DELETE", state_->of(instance).take()};
  asked.repeatable = false;
  auto const got = co_await state_->send(std::move(asked), state_->deadline());
  if (!got.has_value()) co_return got.error();
  co_return detail::read_done(*got);
}

namespace {

async_client::awaitable<result<instance_view>> post(detail::transport& through, std::string where,
                                                    time_point deadline) {
  call asked{"POST", std::move(where)};
  asked.repeatable = false;
  auto const got = co_await through.send(std::move(asked), deadline);
  if (!got.has_value()) co_return got.error();
  co_return detail::read_view(*got);
}

async_client::awaitable<result<detail::answer>> get(detail::transport& through, char const* where,
                                                    time_point deadline) {
  return through.send(call{"GET", where}, deadline);
}

}  // namespace

async_client::awaitable<result<instance_view>> async_client::restore(std::string instance) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  auto where = state_->of(instance).segment("restore").take();
  co_return co_await post(*state_, std::move(where), state_->deadline());
}

async_client::awaitable<result<instance_view>> async_client::retry(std::string instance) {
  if (auto wrong = check_id(instance)) co_return *std::move(wrong);
  auto where = state_->of(instance).segment("retry").take();
  co_return co_await post(*state_, std::move(where), state_->deadline());
}

async_client::awaitable<result<void>> async_client::wait_until_there(
    std::chrono::milliseconds timeout) {
  return state_->connect(state_->deadline(timeout));
}

async_client::awaitable<result<readiness>> async_client::ready() {
  auto const got = co_await get(*state_, "/readyz", state_->deadline());
  if (!got.has_value()) co_return got.error();
  co_return detail::read_readiness(*got);
}

async_client::awaitable<result<daemon_status>> async_client::status() {
  auto const got = co_await get(*state_, "/v1/status", state_->deadline());
  if (!got.has_value()) co_return got.error();
  co_return detail::read_status(*got);
}

async_client::awaitable<result<std::string>> async_client::version() {
  auto const got = co_await get(*state_, "/version", state_->deadline());
  if (!got.has_value()) co_return got.error();
  co_return detail::read_version(*got);
}

}  // namespace wixtoken
