#include "service/token_service.hpp"

#include "support/service_world.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace wixtokend;
using namespace std::chrono_literals;
using core::failure_class;
using core::refusal_reason;
using service::cache_outcome;
using test::key_of;
using test::scripted_issuer;
using test::service_world;

TEST_SUITE("service.token_service") {
  TEST_CASE("the first caller mints, the next ones hit") {
    service_world w;
    auto& first = w.ask(key_of(1));
    w.time.advance(1ms);
    CHECK(first.token == "token-1");
    CHECK(first.answer.value().how == cache_outcome::miss);
    auto& second = w.ask(key_of(1));
    CHECK(second.token == "token-1");
    CHECK(second.answer.value().how == cache_outcome::hit);
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("two hundred cold callers cause one mint") {
    service_world w;
    w.issuer.latency = 200ms;
    for (int i = 0; i < 200; ++i) w.ask(key_of(1));
    w.time.advance(200ms);
    CHECK(w.issuer.calls == 1);
    std::size_t coalesced = 0;
    for (auto const& one : w.callers) {
      CHECK(one->token == "token-1");
      if (one->answer.value().how == cache_outcome::coalesced) ++coalesced;
    }
    CHECK(coalesced == 199);
  }

  TEST_CASE("with a failing upstream all callers share each attempt and end with their own wait") {
    service_world w;
    w.issuer.fails = scripted_issuer::failure_of(failure_class::transient, "http_500");
    for (int i = 0; i < 100; ++i) w.ask(key_of(1), std::chrono::milliseconds{50 * (i + 1)});
    auto const start = w.time.now();
    w.time.advance(10s);
    for (int i = 0; i < 100; ++i) {
      auto const& one = *w.callers[static_cast<std::size_t>(i)];
      CHECK(one.answered_at.value() - start == std::chrono::milliseconds{50 * (i + 1)});
      CHECK(one.answer.value().refused.value().upstream.value().code == "http_500");
    }
    CHECK(w.issuer.calls <= 7);  // after 0, 0.1, 0.4, 1.3, 2.3, 4.3 s
    CHECK(w.issuer.most_under_way == 1);
  }

  TEST_CASE("a hanging upstream is given up after ten seconds and tried again") {
    service_world w;
    w.add(key_of(1));
    w.time.settle();
    w.issuer.hang = true;
    auto& other = w.ask(key_of(2), 1s);
    w.time.advance(1s);
    CHECK(other.answer.value().refused.value().reason == refusal_reason::wait_ended);
    auto const calls = w.issuer.calls_of[key_of(2).instance];
    CHECK(calls == 1);
    w.time.advance(9s);
    auto& again = w.ask(key_of(2), 30s);
    w.issuer.hang = false;
    w.time.advance(200ms);
    CHECK_FALSE(again.token.empty());
  }

  TEST_CASE("a caller that leaves gives its place up, the flight goes on") {
    service_world w;
    w.issuer.latency = 1s;
    auto& gone = w.ask(key_of(1));
    auto& stays = w.ask(key_of(1));
    gone.leave.emit(asio::cancellation_type::terminal);
    w.time.settle();
    CHECK(gone.left);
    CHECK(w.engine.waiters() == 1);
    w.time.advance(1s);
    CHECK(stays.token == "token-1");
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("an hour of twenty-second tokens: every read is served, generations rise") {
    service_world w;
    w.issuer.life = 20s;
    w.issuer.latency = 150ms;
    w.add(key_of(1));
    w.time.advance(1s);
    core::generation_number last = 0;
    unsigned generations = 0;
    for (int i = 0; i < 36'000; ++i) {
      w.time.advance(100ms);
      auto const token = w.service.serve(key_of(1), {});
      REQUIRE(token.has_value());
      REQUIRE(token->expires_at - w.time.now() >= 5s);  // the margin of this life
      REQUIRE(token->generation >= last);
      if (token->generation != last) ++generations;
      last = token->generation;
    }
    CHECK(generations > 320);
    CHECK(w.issuer.calls < 410);
  }

  TEST_CASE("usable tokens are served through an outage, and nothing after their end") {
    service_world w;
    w.add(key_of(1));
    w.time.advance(1s);
    w.issuer.fails = scripted_issuer::failure_of(failure_class::transient, "connect_failed");
    auto const until = w.service.serve(key_of(1), {}).value().usable_until;
    while (w.time.now() + 10s < until) {
      w.time.advance(10s);
      REQUIRE(w.service.serve(key_of(1), {}).has_value());
    }
    w.time.advance(until - w.time.now());
    CHECK_FALSE(w.service.serve(key_of(1), {}).has_value());
    w.issuer.fails.reset();
    CHECK_FALSE(w.token_of(key_of(1)).empty());
  }

  TEST_CASE("a rejected token is replaced once, and who reported it gets the new one") {
    service_world w;
    w.add(key_of(1));
    w.time.advance(1s);
    auto const old = w.service.serve(key_of(1), {}).value().generation;
    CHECK(w.service.generation_of(key_of(1), secret{"token-1"}) == old);
    CHECK_FALSE(w.service.generation_of(key_of(1), secret{"token-0"}).has_value());
    CHECK(w.service.reject(key_of(1), old, {}) == core::rejection::replacing);
    CHECK(w.service.reject(key_of(1), old, {}) == core::rejection::replacing);
    auto& reporter = w.ask(key_of(1), 5s, {duration{0}, old});
    w.time.advance(1s);
    CHECK(reporter.token == "token-2");
    CHECK(w.issuer.calls == 2);
    CHECK(w.service.reject(key_of(1), old + 1, {}) == core::rejection::held_off);
    CHECK(w.service.rejection_hold(key_of(1), {}) > 8s);
    CHECK(w.log.count("info token_rejected") == 1);
    CHECK(w.log.count("debug token_rejected") == 2);
  }

  TEST_CASE("stopping answers everybody who waits and leaves nothing running") {
    service_world w;
    w.issuer.hang = true;
    auto& waiting = w.ask(key_of(1), 60s);
    test::run_task(w.loop, w.service.stop());
    w.time.settle();
    CHECK(waiting.answer.value().refused.value().reason == refusal_reason::stopping);
    CHECK(w.issuer.under_way == 0);
    auto& late = w.ask(key_of(1));
    CHECK(late.answer.value().refused.value().reason == refusal_reason::stopping);
  }

  TEST_CASE("a page lists an app's instances, by state, from a cursor on") {
    service_world w;
    for (unsigned n = 1; n <= 25; ++n) w.add(key_of(n));
    w.time.advance(10s);  // in the background
    auto const first = w.service.list(app_number{0}, std::nullopt, 0, 10);
    CHECK(first.instances.size() == 10);
    auto const second = w.service.list(app_number{0}, std::nullopt, first.next.value(), 10);
    auto const third = w.service.list(app_number{0}, std::nullopt, second.next.value(), 10);
    CHECK(third.instances.size() == 5);
    CHECK_FALSE(third.next.has_value());
    CHECK(w.service.list(app_number{0}, core::instance_state::warm, 0, 100).instances.size() == 25);
    CHECK(w.service.list(app_number{0}, core::instance_state::cold, 0, 100).instances.empty());
    CHECK(w.service.list(app_number{0}, std::nullopt, 99'999, 10).instances.empty());
  }

  TEST_CASE("Token Info is asked with the usable token and within the budget") {
    core::app_policy app;
    app.requests_per_second_max = 4;
    service_world w{{}, app};
    CHECK_FALSE(test::run_task(w.loop, w.service.info(key_of(1))).has_value());
    w.add(key_of(1));
    w.time.advance(10s);
    auto const known = test::run_task(w.loop, w.service.info(key_of(1)));
    CHECK(std::get<service::token_info>(known.value()).subject_id == "token-1");
    auto const refused = test::run_task(w.loop, w.service.info(key_of(1)));
    CHECK(std::get<core::failure>(refused.value()).code == "local_rate_limit");
    CHECK(w.issuer.info_calls == 1);  // a quarter of the rate
    CHECK(w.engine.in_flight(app_number{0}) == 0);
  }

  TEST_CASE("readiness counts what should be warm, and names refused apps") {
    service_world w;
    w.add(key_of(1));
    w.add(key_of(2));
    w.time.advance(1s);
    CHECK(w.service.readiness_now().kept_warm == 2);
    CHECK(w.service.readiness_now().usable == 2);
    w.issuer.fails = scripted_issuer::failure_of(failure_class::app_refused, "invalid_client");
    w.add(key_of(3));
    w.time.advance(1s);
    CHECK(w.service.readiness_now().kept_warm == 3);
    CHECK(w.service.readiness_now().usable == 2);
    REQUIRE(w.service.readiness_now().refused.size() == 1);
    CHECK(w.service.readiness_now().refused[0].name == "main");
    CHECK_FALSE(w.service.readiness_now().refused[0].suspected);
  }

  TEST_CASE("asking for instances that do not exist does not make the daemon unready") {
    service_world w;
    w.add(key_of(1));
    w.time.advance(1s);
    w.issuer.fails = scripted_issuer::failure_of(failure_class::transient, "http_500");
    w.ask(key_of(77));
    w.time.advance(1s);
    CHECK(w.service.readiness_now().kept_warm == 1);
    CHECK(w.service.readiness_now().usable == 1);
  }

  TEST_CASE("news is logged once, and no line holds a token") {
    service_world w;
    w.issuer.fails = scripted_issuer::failure_of(failure_class::transient, "http_502");
    w.add(key_of(1));
    w.time.advance(1min);
    CHECK(w.log.count("warning mint_failed") == 1);  // the first one, also without a token so far
    CHECK(w.log.count("debug mint_failed") >= 3);
    CHECK(w.log.count("code=http_502") >= 4);
    w.issuer.fails.reset();
    w.time.advance(5min);
    CHECK(w.log.count("info token_minted") == 1);
    w.time.advance(4h);
    CHECK(w.log.count("debug token_minted") >= 1);
    CHECK(w.log.count("token-") == 0);
  }

  TEST_CASE("a refused app is an error in the log once, however many instances it has") {
    service_world w;
    w.issuer.fails = scripted_issuer::failure_of(failure_class::app_refused, "invalid_client");
    for (unsigned n = 1; n <= 5; ++n) w.add(key_of(n));
    w.time.advance(1min);
    CHECK(w.log.count("error mint_failed") == 1);
    CHECK(w.log.count("code=invalid_client") >= 5);
  }

  TEST_CASE("five instances blocked in a row make their app a suspect") {
    service_world w;
    w.issuer.fails = scripted_issuer::failure_of(failure_class::instance_blocked, "gone");
    for (unsigned n = 1; n <= 5; ++n) {
      CHECK(w.service.readiness_now().refused.empty());
      w.add(key_of(n));
      w.time.advance(1ms);
    }
    REQUIRE(w.service.readiness_now().refused.size() == 1);
    CHECK(w.service.readiness_now().refused[0].suspected);
    CHECK(w.service.app(app_number{0}).refusal->code == "gone");
  }

  TEST_CASE(
      "an upstream that fails opens the breaker, with a line in the log, and closes it again") {
    service_world w;
    w.issuer.fails = scripted_issuer::failure_of(failure_class::transient, "http_502");
    for (unsigned n = 1; n <= 10; ++n) w.add(key_of(n));
    w.time.advance(2min);
    CHECK(w.service.app(app_number{0}).breaker != core::breaker_state::closed);
    CHECK(w.log.count("warning breaker_opened app=main status=500 code=http_502") == 1);
    CHECK(w.log.count("breaker_closed") == 0);
    w.issuer.fails.reset();
    w.time.advance(10min);
    CHECK(w.service.app(app_number{0}).breaker == core::breaker_state::closed);
    CHECK(w.log.count("info breaker_closed app=main") == 1);
    CHECK(w.log.count("breaker_opened") == 1);
    CHECK(w.service.readiness_now().usable == 10);
  }

  TEST_CASE("an upstream that throttles halves the rate, and the log says so") {
    service_world w;
    for (unsigned n = 1; n <= 4; ++n) w.add(key_of(n));
    auto throttled = scripted_issuer::failure_of(failure_class::throttled, "http_429");
    throttled.retry_after = 5s;
    w.issuer.fails = throttled;
    w.time.advance(1ms);
    auto const seen = w.service.app(app_number{0});
    CHECK(seen.rate == doctest::Approx(25).epsilon(0.001));
    CHECK(seen.paused_until.has_value());
    CHECK(w.log.count("warning rate_lowered app=main from=50 to=25 ceiling=50 pause=5s") == 1);
    CHECK(w.log.count("rate_lowered") == 1);  // not once for each request that was under way
  }

  TEST_CASE("an app that takes more than it may is news, once") {
    core::app_policy app;
    app.requests_per_second_max = 0.1;
    service_world w{{}, app};
    for (unsigned n = 1; n <= 864; ++n) w.add(key_of(n));
    w.time.advance(1min);
    CHECK(w.log.count("app_overloaded") == 0);  // exactly four fifths
    w.add(key_of(865));
    w.time.advance(5min);
    CHECK(w.service.app(app_number{0}).overloaded());
    CHECK(w.log.count("warning app_overloaded app=main demand=0.0801 ceiling=0.1") == 1);
    for (unsigned n = 1; n <= 100; ++n) w.remove(key_of(n));
    w.time.advance(5min);
    CHECK_FALSE(w.service.app(app_number{0}).overloaded());
    CHECK(w.log.count("info app_relieved app=main") == 1);
  }

  TEST_CASE("attempts are counted by queue and outcome, with their length, and rejections") {
    service_world w;
    w.issuer.latency = 200ms;
    w.ask(key_of(1));
    w.time.advance(1s);
    w.issuer.fails = scripted_issuer::failure_of(failure_class::instance_blocked, "gone");
    w.add(key_of(2));
    w.time.advance(1s);
    w.service.reject(key_of(3), 1, {});

    auto const& seen = w.service.figures(app_number{});
    auto const attempts = [&](core::lane from, std::size_t result) {
      return seen.attempts.at(static_cast<std::size_t>(from)).at(result);
    };
    CHECK(attempts(core::lane::waited_for, 0) == 1);
    auto const blocked = static_cast<std::size_t>(failure_class::instance_blocked) + 1;
    CHECK(attempts(core::lane::lapsed, blocked) == 1);
    CHECK(std::string{service::mint_result_name(0)} == "minted");
    CHECK(std::string{service::mint_result_name(blocked)} == "instance_blocked");
    CHECK(seen.durations.sum() == doctest::Approx(0.4));
    CHECK(seen.rejections.at(static_cast<std::size_t>(core::rejection::unknown_instance)) == 1);
  }

  TEST_CASE("a survey takes turns with everything else, and is of one moment") {
    service_world w;
    for (unsigned n = 1; n <= 3'000; ++n) w.add(key_of(n));
    std::optional<std::vector<core::app_survey>> found;
    asio::co_spawn(w.loop, w.service.survey(),
                   [&](std::exception_ptr, auto result) { found = std::move(result); });
    w.loop.restart();
    w.loop.run_one();
    CHECK_FALSE(found.has_value());
    w.time.settle();
    REQUIRE(found.has_value());
    auto const& states = found->at(0).by_state;
    CHECK(std::accumulate(states.begin(), states.end(), std::size_t{0}) == 3'000);
  }

  TEST_CASE("readiness is the sum over all apps") {
    service_world w;
    for (unsigned n = 1; n <= 3; ++n) w.add(key_of(n));
    w.time.advance(1s);
    auto const seen = w.service.app(app_number{0});
    CHECK(seen.instances == 3);
    CHECK(seen.kept_warm == w.service.readiness_now().kept_warm);
    CHECK(seen.usable == w.service.readiness_now().usable);
    CHECK(seen.usable == 3);
  }
}
