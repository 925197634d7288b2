#include "wixtoken/client.hpp"

#include "client/blocking_transport.hpp"
#include "wixtoken/detail/answers.hpp"
#include "wixtoken/detail/call.hpp"

#include <atomic>
#include <utility>

namespace wixtoken {
namespace {

detail::time_point now() noexcept {
  return std::chrono::steady_clock::now();
}

}  // namespace

class client::state : public detail::blocking_transport {
 public:
  using detail::blocking_transport::blocking_transport;

  [[nodiscard]] detail::time_point deadline(
      std::optional<std::chrono::milliseconds> own = {}) const {
    return detail::deadline_after(now(), own.value_or(settings().timeout));
  }

  // One request and what is read from its answer.
  template <class T>
  result<T> ask(result<detail::call> const& what, result<T> (*read)(detail::answer const&)) {
    if (what.has_error()) return what.error();
    auto const got = send(*what, deadline());
    if (got.has_error()) return got.error();
    return read(*got);
  }

  std::atomic<std::chrono::milliseconds> wait_max = detail::usual_wait_max;  // learnt
};

client::client(options settings) : state_{std::make_unique<state>(std::move(settings))} {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

result<access_token> client::token(std::string_view instance, needs wanted) {
  detail::token_flow flow{state_->settings(), std::string{instance}, wanted, now()};
  for (;;) {
    auto wait_max = state_->wait_max.load();
    auto const asked = flow.next(now(), wait_max);
    if (asked.has_error()) return asked.error();
    auto const got = state_->send(*asked, flow.deadline());
    if (got.has_error()) return got.error();
    auto token = detail::read_token(*got);
    auto const more = flow.after(token, now(), wait_max);
    if (!more) return token;
    state_->wait_max = wait_max;
    detail::pause(*more);
  }
}

namespace {

// How long the daemon may wait for the token that replaces a refused one.
std::chrono::milliseconds wait_of(needs const& wanted, options const& settings) {
  if (!wanted.wait) return std::chrono::milliseconds{0};
  return detail::report_wait(wanted.timeout.value_or(settings.timeout));
}

}  // namespace

result<access_token> client::reject(std::string_view instance, std::uint64_t generation,
                                    needs wanted) {
  auto const& settings = state_->settings();
  auto const asked = detail::report_call(settings, instance, generation, wait_of(wanted, settings));
  if (asked.has_error()) return asked.error();
  auto const got = state_->send(*asked, state_->deadline(wanted.timeout));
  if (got.has_error()) return got.error();
  return detail::read_token(*got);
}

result<access_token> client::reject(std::string_view instance, secret const& refused,
                                    needs wanted) {
  auto const& settings = state_->settings();
  auto const asked = detail::report_call(settings, instance, refused, wait_of(wanted, settings));
  if (asked.has_error()) return asked.error();
  auto const got = state_->send(*asked, state_->deadline(wanted.timeout));
  if (got.has_error()) return got.error();
  return detail::read_token(*got);
}

result<std::optional<access_token>> client::watch(std::string_view instance,
                                                  std::uint64_t generation,
                                                  std::chrono::milliseconds timeout) {
  detail::watch_flow flow{state_->settings(), std::string{instance}, generation, timeout, now()};
  for (;;) {
    auto const asked = flow.next(now());
    if (asked.has_error()) return asked.error();
    auto const got = state_->send(*asked, flow.deadline());
    if (got.has_error()) return got.error();
    if (got->status != 304) {
      auto token = detail::read_token(*got);
      if (token.has_error()) return token.error();
      return std::optional{*std::move(token)};
    }
    auto const more = flow.after_none(now());
    if (more) detail::pause(*more);
    if (!more || now() >= flow.deadline()) return std::optional<access_token>{};
  }
}

result<void> client::drop_token(std::string_view instance) {
  return state_->ask(detail::drop_call(state_->settings(), instance), detail::read_done);
}

result<instance_view> client::view(std::string_view instance) {
  return state_->ask(detail::view_call(state_->settings(), instance), detail::read_view);
}

result<instance_page> client::list(list_request const& which) {
  return state_->ask(detail::list_call(state_->settings(), which), detail::read_page);
}

result<added_instance> client::add(std::string_view instance, registration how) {
  return state_->ask(detail::add_call(state_->settings(), instance, how), detail::read_added);
}

result<bulk_summary> client::add_many(secret lines, bool replace) {
  return state_->ask(detail::add_many_call(state_->settings(), std::move(lines), replace),
                     detail::read_summary);
}

result<void> client::remove(std::string_view instance) {
  return state_->ask(detail::remove_call(state_->settings(), instance), detail::read_done);
}

result<instance_view> client::restore(std::string_view instance) {
  return state_->ask(detail::restore_call(state_->settings(), instance), detail::read_view);
}

result<instance_view> client::retry(std::string_view instance) {
  return state_->ask(detail::retry_call(state_->settings(), instance), detail::read_view);
}

result<void> client::wait_until_there(std::chrono::milliseconds timeout) {
  return state_->connect(state_->deadline(timeout));
}

result<readiness> client::ready() {
  return state_->ask(detail::plain_call("/readyz"), detail::read_readiness);
}

result<daemon_status> client::status() {
  return state_->ask(detail::plain_call("/v1/status"), detail::read_status);
}

result<std::string> client::version() {
  return state_->ask(detail::plain_call("/version"), detail::read_version);
}

}  // namespace wixtoken
