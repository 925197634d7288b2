#include "wixtoken/detail/flow.hpp"

#include "client/problems.hpp"

#include <algorithm>
#include <utility>

namespace wixtoken::detail {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds first_pause = 20ms;  // then longer each time
constexpr milliseconds pause_max = 250ms;
constexpr milliseconds longest_call = 24h * 365;  // a longer one would overflow the clock
constexpr milliseconds rest_max = 250ms;          // of a call, when the daemon's wait has ended
constexpr milliseconds least_wait_max = 1s;       // what limits.wait_max is at the least
constexpr milliseconds shortest_retry = 100ms;
constexpr milliseconds early_answer = 500ms;

}  // namespace

time_point deadline_after(time_point now, milliseconds length) noexcept {
  return now + std::clamp(length, milliseconds{0}, longest_call);
}

milliseconds left_until(time_point deadline, time_point now) noexcept {
  return std::max(std::chrono::floor<milliseconds>(deadline - now), milliseconds{0});
}

milliseconds wait_within(milliseconds left) noexcept {
  return left - std::min(left / 4, rest_max);
}

milliseconds report_wait(milliseconds timeout) noexcept {
  return std::min(wait_within(std::max(timeout, milliseconds{0})), usual_wait_max);
}

exchange_flow::exchange_flow(bool repeatable, milliseconds patience, time_point now,
                             time_point deadline)
    : repeatable_{repeatable},
      deadline_{deadline},
      give_up_{std::min(deadline, deadline_after(now, patience))},
      pause_{first_pause} {}

milliseconds exchange_flow::next_pause(time_point now, time_point limit) noexcept {
  auto const length = std::exchange(pause_, std::min(pause_ * 2, pause_max));
  return std::min(length, std::chrono::ceil<milliseconds>(limit - now));
}

once_more exchange_flow::after_refusal(error const& why, time_point now) noexcept {
  if (why.kind != error_kind::unreachable || now >= give_up_) return std::nullopt;
  return next_pause(now, give_up_);
}

once_more exchange_flow::after_busy(time_point now) noexcept {
  if (now >= deadline_) return std::nullopt;
  return next_pause(now, deadline_);
}

once_more exchange_flow::after(result<answer> const& got, bool used_before, time_point now) {
  if (got.has_value()) {
    if (!is_stopping(*got) || now >= give_up_) return std::nullopt;
    return next_pause(now, give_up_);
  }
  if (got.error().kind != error_kind::connection_lost || !repeatable_) return std::nullopt;
  if (used_before) return 0ms;  // it was closed while it was idle; a new one tells more
  if (now >= give_up_) return std::nullopt;
  return next_pause(now, give_up_);
}

token_flow::token_flow(options const& settings, std::string instance, needs wanted, time_point now)
    : settings_{settings},
      instance_{std::move(instance)},
      wanted_{wanted},
      deadline_{deadline_after(now, wanted.timeout.value_or(settings.timeout))} {}

result<call> token_flow::next(time_point now, milliseconds wait_max) {
  if (instance_.empty()) return invalid_argument("the instance id is empty");
  asked_wait_ = wanted_.wait ? std::min(wait_within(left_until(deadline_, now)), wait_max) : 0ms;
  target where{settings_};
  where.segment(instance_).segment("token").parameter("wait", asked_wait_);
  if (wanted_.min_valid > 0s) where.parameter("min_valid", wanted_.min_valid);
  return call{"GET", where.take()};
}

once_more token_flow::after(result<access_token> const& got, time_point now,
                            milliseconds& wait_max) const {
  if (got.has_value() || !wanted_.wait) return std::nullopt;
  auto const& why = got.error();
  // The daemon may be configured to wait less than is usual.
  if (why.code == "invalid_parameter" && asked_wait_ > least_wait_max) {
    wait_max = least_wait_max;
    return 0ms;
  }
  if (!why.retryable || why.status == 0) return std::nullopt;
  auto const pause = std::max<milliseconds>(why.retry_after.value_or(0s), shortest_retry);
  if (left_until(deadline_, now) < pause + rest_max) return std::nullopt;
  return pause;
}

watch_flow::watch_flow(options const& settings, std::string instance, std::uint64_t generation,
                       milliseconds timeout, time_point now)
    : settings_{settings},
      instance_{std::move(instance)},
      generation_{generation},
      deadline_{deadline_after(now, timeout)},
      asked_at_{now} {}

result<call> watch_flow::next(time_point now) {
  if (instance_.empty()) return invalid_argument("the instance id is empty");
  asked_at_ = now;
  auto const held = std::chrono::floor<std::chrono::seconds>(
      std::min(wait_within(left_until(deadline_, now)), usual_wait_max));
  target where{settings_};
  where.segment(instance_).segment("token").parameter("wait", 0ms);
  call out{"GET", where.take()};
  out.headers = "If-None-Match: \"" + std::to_string(generation_) + "\"\r\n";
  if (held > 0s) out.headers += "Prefer: wait=" + std::to_string(held.count()) + "\r\n";
  return out;
}

once_more watch_flow::after_none(time_point now) const noexcept {
  if (now >= deadline_) return std::nullopt;
  auto const left = std::chrono::ceil<milliseconds>(deadline_ - now);
  if (left < 1s + rest_max) return left;  // too short for another wait
  // A daemon that is about to stop answers at once.
  return now - asked_at_ < early_answer ? early_answer : 0ms;
}

}  // namespace wixtoken::detail
