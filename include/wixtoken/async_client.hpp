#pragma once
// The daemon's calls as Asio coroutines. What each does is said in `client.hpp`.

#include "wixtoken/detail/answers.hpp"
#include "wixtoken/detail/async_transport.hpp"
#include "wixtoken/error.hpp"
#include "wixtoken/instance.hpp"
#include "wixtoken/options.hpp"
#include "wixtoken/status.hpp"
#include "wixtoken/token.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace wixtoken {

/// A client of one daemon for programs that run on Asio.
///
/// All calls of one object must run on one thread or strand, that of the executor which it is
/// given; any number may run at once. A call may be cancelled as Asio does it. The object must
/// outlive its calls. g++ 12 destroys some temporaries twice that are created in the statement of a
/// `co_await`: name a `list_request` before, then move it in.
class async_client {
 public:
  template <class T>
  using awaitable = boost::asio::awaitable<T>;
  using milliseconds = std::chrono::milliseconds;

  explicit async_client(boost::asio::any_io_executor where, options settings = {})
      : through_{std::move(where), std::move(settings)} {}
  async_client(async_client const&) = delete;
  async_client& operator=(async_client const&) = delete;
  ~async_client() = default;

  [[nodiscard]] awaitable<result<access_token>> token(std::string instance, needs wanted = {}) {
    detail::token_flow flow{through_.settings(), std::move(instance), wanted, detail::steady_now()};
    for (;;) {
      auto asked = flow.next(detail::steady_now(), wait_max_);
      if (asked.has_error()) co_return asked.error();
      auto const got = co_await through_.send(*std::move(asked), flow.deadline());
      if (got.has_error()) co_return got.error();
      auto token = detail::read_token(*got);
      auto const more = flow.after(token, detail::steady_now(), wait_max_);
      if (!more) co_return token;
      co_await through_.pause(*more);
    }
  }

  [[nodiscard]] awaitable<result<access_token>> reject(std::string instance,
                                                       std::uint64_t generation,
                                                       needs wanted = {}) {
    auto asked = detail::report_call(through_.settings(), instance, generation, wait_of(wanted));
    return ask(std::move(asked), detail::read_token, wanted.timeout);
  }
  [[nodiscard]] awaitable<result<access_token>> reject(std::string instance, secret refused,
                                                       needs wanted = {}) {
    auto asked = detail::report_call(through_.settings(), instance, refused, wait_of(wanted));
    return ask(std::move(asked), detail::read_token, wanted.timeout);
  }

  [[nodiscard]] awaitable<result<std::optional<access_token>>> watch(
      std::string instance, std::uint64_t generation,
      milliseconds timeout = std::chrono::seconds{60}) {
    using seen = result<std::optional<access_token>>;
    detail::watch_flow flow{through_.settings(), std::move(instance), generation, timeout,
                            detail::steady_now()};
    for (;;) {
      auto asked = flow.next(detail::steady_now());
      if (asked.has_error()) co_return asked.error();
      auto const got = co_await through_.send(*std::move(asked), flow.deadline());
      if (got.has_error()) co_return got.error();
      if (got->status != 304) {
        auto token = detail::read_token(*got);
        if (token.has_error()) co_return token.error();
        co_return seen{std::optional{*std::move(token)}};
      }
      auto const more = flow.after_none(detail::steady_now());
      if (more) co_await through_.pause(*more);
      if (!more || detail::steady_now() >= flow.deadline()) co_return seen{std::nullopt};
    }
  }

  [[nodiscard]] awaitable<result<void>> drop_token(std::string instance) {
    return ask(detail::drop_call(through_.settings(), instance), detail::read_done);
  }
  [[nodiscard]] awaitable<result<instance_view>> view(std::string instance) {
    return ask(detail::view_call(through_.settings(), instance), detail::read_view);
  }
  [[nodiscard]] awaitable<result<instance_page>> list(list_request which) {
    return ask(detail::list_call(through_.settings(), which), detail::read_page);
  }
  [[nodiscard]] awaitable<result<added_instance>> add(std::string instance, registration how = {}) {
    return ask(detail::add_call(through_.settings(), instance, how), detail::read_added);
  }
  [[nodiscard]] awaitable<result<bulk_summary>> add_many(secret lines, bool replace = false) {
    return ask(detail::add_many_call(through_.settings(), std::move(lines), replace),
               detail::read_summary);
  }
  [[nodiscard]] awaitable<result<void>> remove(std::string instance) {
    return ask(detail::remove_call(through_.settings(), instance), detail::read_done);
  }
  [[nodiscard]] awaitable<result<instance_view>> restore(std::string instance) {
    return ask(detail::restore_call(through_.settings(), instance), detail::read_view);
  }
  [[nodiscard]] awaitable<result<instance_view>> retry(std::string instance) {
    return ask(detail::retry_call(through_.settings(), instance), detail::read_view);
  }

  [[nodiscard]] awaitable<result<void>> wait_until_there(milliseconds timeout) {
    return through_.connect(detail::deadline_after(detail::steady_now(), timeout));
  }
  [[nodiscard]] awaitable<result<readiness>> ready() {
    return ask(detail::plain_call("/readyz"), detail::read_readiness);
  }
  [[nodiscard]] awaitable<result<daemon_status>> status() {
    return ask(detail::plain_call("/v1/status"), detail::read_status);
  }
  [[nodiscard]] awaitable<result<std::string>> version() {
    return ask(detail::plain_call("/version"), detail::read_version);
  }

 private:
  // One request and what is read from its answer.
  template <class T>
  [[nodiscard]] awaitable<result<T>> ask(result<detail::call> what,
                                         result<T> (*read)(detail::answer const&),
                                         std::optional<milliseconds> timeout = {}) {
    if (what.has_error()) co_return what.error();
    auto const length = timeout.value_or(through_.settings().timeout);
    auto const deadline = detail::deadline_after(detail::steady_now(), length);
    auto const got = co_await through_.send(*std::move(what), deadline);
    if (got.has_error()) co_return got.error();
    co_return read(*got);
  }

  [[nodiscard]] milliseconds wait_of(needs const& wanted) const {
    if (!wanted.wait) return milliseconds{0};
    return detail::report_wait(wanted.timeout.value_or(through_.settings().timeout));
  }

  detail::async_transport through_;
  milliseconds wait_max_ = detail::usual_wait_max;  // learnt
};

}  // namespace wixtoken
