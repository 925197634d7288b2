// When a call pauses and goes on, in virtual time.

#include "wixtoken/detail/flow.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace wixtoken::detail {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1000h};

error failed(error_kind kind, std::string code = "x", bool retryable = true) {
  error out;
  out.kind = kind;
  out.code = std::move(code);
  out.retryable = retryable;
  out.status = 503;
  return out;
}

answer reply(unsigned status, std::string body = "{}") {
  answer out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

TEST_SUITE("client.flow") {
  TEST_CASE("nobody listening is waited out with growing pauses, as long as there is patience") {
    exchange_flow flow{true, 2s, start, start + 10s};
    auto const missing = failed(error_kind::unreachable);
    auto now = start;
    int attempts = 1;
    for (milliseconds before{0};;) {
      auto const more = flow.after_refusal(missing, now);
      if (!more) break;
      CHECK((*more >= before || now + *more == start + 2s));
      CHECK(*more <= 250ms);
      before = *more;
      now += *more;
      ++attempts;
    }
    CHECK(now == start + 2s);
    CHECK(attempts < 20);
  }

  TEST_CASE("what does not pass is not waited for") {
    exchange_flow flow{true, 2s, start, start + 10s};
    CHECK_FALSE(flow.after_refusal(failed(error_kind::no_permission), start).has_value());
    CHECK_FALSE(flow.after_refusal(failed(error_kind::not_trusted), start).has_value());
    exchange_flow impatient{true, 0s, start, start + 10s};
    CHECK_FALSE(impatient.after_refusal(failed(error_kind::unreachable), start).has_value());
  }

  TEST_CASE("a full queue is waited out to the end of the call") {
    exchange_flow flow{true, 0s, start, start + 1s};
    auto now = start;
    while (auto const more = flow.after_busy(now)) now += *more;
    CHECK(now == start + 1s);
  }

  TEST_CASE("a lost request is sent again where that comes to the same") {
    result<answer> const lost = failed(error_kind::connection_lost);
    exchange_flow safe{true, 2s, start, start + 10s};
    CHECK(safe.after(lost, false, start) == 20ms);
    CHECK(safe.after(lost, true, start) == 0ms);
    CHECK_FALSE(safe.after(lost, false, start + 2s).has_value());
    CHECK(safe.after(lost, true, start + 2s) == 0ms);  // it was closed while it was idle
    exchange_flow once{false, 2s, start, start + 10s};
    CHECK_FALSE(once.after(lost, false, start).has_value());
    CHECK_FALSE(once.after(lost, true, start).has_value());
  }

  TEST_CASE("a daemon that is stopping is followed by another one") {
    exchange_flow flow{false, 2s, start, start + 10s};
    result<answer> const stopping = reply(503, R"({"error":"stopping"})");
    CHECK(
        flow.after(stopping, false, start).has_value());  // it did nothing: also what is sent once
    CHECK_FALSE(flow.after(stopping, false, start + 2s).has_value());
    result<answer> const other = reply(503, R"({"error":"unavailable"})");
    CHECK_FALSE(flow.after(other, false, start).has_value());
    CHECK_FALSE(flow.after(reply(200), false, start).has_value());
  }

  TEST_CASE("a token is asked for again as long as there is time for it") {
    options const settings;
    needs wanted;
    wanted.timeout = 10s;
    milliseconds wait_max = usual_wait_max;
    token_flow flow{settings, "i", wanted, start};
    CHECK(flow.next(start, wait_max)->target == "/v1/instances/i/token?wait=9.750");
    auto early = failed(error_kind::unavailable, "unavailable");
    early.retry_after = 3s;
    CHECK(flow.after(early, start + 1s, wait_max) == 3s);
    CHECK(flow.next(start + 4s, wait_max)->target == "/v1/instances/i/token?wait=5.750");
    CHECK_FALSE(flow.after(early, start + 8s, wait_max).has_value());
    early.retry_after.reset();
    CHECK(flow.after(early, start + 8s, wait_max) == 100ms);
    CHECK_FALSE(flow.after(failed(error_kind::denied, "access_denied", false), start, wait_max)
                    .has_value());
    CHECK(flow.deadline() == start + 10s);
  }

  TEST_CASE("a daemon that waits less than is usual is asked for less from then on") {
    options const settings;
    milliseconds wait_max = usual_wait_max;
    token_flow flow{settings, "i", {}, start};
    REQUIRE(flow.next(start, wait_max).has_value());
    auto const wrong = failed(error_kind::invalid, "invalid_parameter", false);
    CHECK(flow.after(wrong, start, wait_max) == 0ms);
    CHECK(wait_max == 1s);
    CHECK(flow.next(start, wait_max)->target == "/v1/instances/i/token?wait=1.000");
    CHECK_FALSE(flow.after(wrong, start, wait_max).has_value());  // it was not that
  }

  TEST_CASE("a watch lasts as long as it may, in whole seconds") {
    options const settings;
    watch_flow flow{settings, "i", 7, 10s, start};
    auto const asked = flow.next(start);
    REQUIRE(asked.has_value());
    CHECK(asked->target == "/v1/instances/i/token?wait=0.000");
    CHECK(asked->headers == "If-None-Match: \"7\"\r\nPrefer: wait=9\r\n");
    CHECK(flow.after_none(start + 100ms) == 500ms);  // the daemon is about to stop
    CHECK(flow.after_none(start + 5s) == 0ms);
    CHECK(flow.after_none(start + 9s) == 1s);  // too short for another wait
    CHECK_FALSE(flow.after_none(start + 10s).has_value());
    CHECK(flow.next(start + 9s)->headers == "If-None-Match: \"7\"\r\n");
    CHECK(watch_flow{settings, "i", 7, 1h, start}.next(start)->headers ==
          "If-None-Match: \"7\"\r\nPrefer: wait=60\r\n");
  }

  TEST_CASE("times beyond all bounds overflow nothing") {
    CHECK(deadline_after(start, milliseconds::max()) == start + 24h * 365);
    CHECK(deadline_after(start, milliseconds::min()) == start);
    CHECK(left_until(start, start + 1s) == 0ms);
    CHECK(report_wait(milliseconds::max()) == 60s);
    CHECK(report_wait(-1s) == 0ms);
    CHECK(wait_within(400ms) == 300ms);
  }
}

}  // namespace
}  // namespace wixtoken::detail
