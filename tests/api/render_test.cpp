#include "api/render.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::api {
namespace {

using namespace std::chrono_literals;

auto const instance = instance_id::parse("2D2F5D2E-6F1A-4C38-9E0B-0D4C6A1B7E55").value();

// 2026-01-01T00:00:00.250Z, an hour after boot.
moment at_new_year() {
  return {instant{1h}, wall_time{1767225600250ms}};
}

core::token_view view_of(secret const& token, instant now) {
  return {&token, 7, now + 14340s, now + 14400s, now + 10800s, false};
}

}  // namespace

TEST_SUITE("api.render") {
  TEST_CASE("instants become Unix seconds, rounded down") {
    auto const at = at_new_year();
    CHECK(at.unix_seconds(at.now) == 1767225600);
    CHECK(at.unix_seconds(at.now + 749ms) == 1767225600);
    CHECK(at.unix_seconds(at.now + 750ms) == 1767225601);
    CHECK(at.unix_seconds(at.now - 251ms) == 1767225599);
    CHECK(at.seconds_until(at.now + 5s) == 5);
    CHECK(at.seconds_until(at.now + 5s - 1ns) == 4);
    CHECK(at.seconds_until(at.now) == 0);
    CHECK(at.seconds_until(at.now - 5s) == 0);
  }

  TEST_CASE("a token answer tells the usable life and the raw one") {
    secret const token{"OauthNG.JWS.a.b.c"};
    auto const at = at_new_year();
    CHECK(token_json(view_of(token, at.now), instance, at) ==
          R"({"access_token":"OauthNG.JWS.a.b.c","token_type":"Bearer","expires_in":14340,)"
          R"("expires_at":1767239940,"upstream_expires_at":1767240000,"refresh_at":1767236400,)"
          R"("instance_id":"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55","generation":7})");
  }

  TEST_CASE("a token that is not refreshed by itself has no refresh instant") {
    secret const token{"t"};
    auto const at = at_new_year();
    auto view = view_of(token, at.now);
    view.refresh_at = never;
    CHECK(token_json(view, instance, at).find(R"("refresh_at":null)") != std::string::npos);
  }

  TEST_CASE("a token is escaped, and the string never has to grow") {
    std::string odd = "a\"b\\c";
    odd += '\x01';
    odd += '\x1f';
    secret const token{odd};
    auto const at = at_new_year();
    auto const body = token_json(view_of(token, at.now), instance, at);
    CHECK(body.starts_with(R"({"access_token":"a\"b\\c\u0001\u001f","token_type")"));

    for (auto const& text : {std::string(16 * 1024, 'x'), std::string(16 * 1024, '"'),
                             std::string(16 * 1024, '\x01')}) {
      secret const large{text};
      auto view = view_of(large, at.now);
      view.generation = (std::uint64_t{1} << 53U) - 1;
      // libstdc++ keeps a reserved capacity exactly, so growth would show.
      std::string reserved;
      std::size_t const needed = text[0] == 'x' ? text.size() : text.size() * 6;
      reserved.reserve(needed + 2 + 320);
      CHECK(token_json(view, instance, at).capacity() == reserved.capacity());
      CHECK(dropin_token_json(view, 300s, at).capacity() == reserved.capacity());
    }
  }

  TEST_CASE("the drop-in answers in the upstream's shape, with a capped life (U-83)") {
    secret const token{"t"};
    auto const at = at_new_year();
    auto view = view_of(token, at.now);
    CHECK(dropin_token_json(view, 300s, at) ==
          R"({"access_token":"t","token_type":"Bearer","expires_in":300})");
    view.usable_until = at.now + 12999ms;
    CHECK(dropin_token_json(view, 300s, at) ==
          R"({"access_token":"t","token_type":"Bearer","expires_in":12})");
  }

  TEST_CASE("the drop-in repeats the refresh token that it was sent (U-3)") {
    secret const token{"a\"t"};
    secret const sent{"OAUTH2.\\r"};
    CHECK(dropin_access_json(view_of(token, instant{1h}), sent) ==
          R"({"refresh_token":"OAUTH2.\\r","access_token":"a\"t"})");
  }

  TEST_CASE("the headers of a token say its generation and where it came from") {
    secret const token{"t"};
    using service::cache_outcome;
    auto const cache_of = [&](cache_outcome how, bool stale) {
      auto view = view_of(token, instant{1h});
      view.stale = stale;
      http::response answer;
      add_token_headers(answer, view, how);
      CHECK(answer.headers.find("Cache-Control") == "no-store");
      CHECK(answer.headers.find("ETag") == "\"7\"");
      return std::string{answer.headers.find("X-Cache").value_or("")};
    };
    CHECK(cache_of(cache_outcome::hit, false) == "HIT");
    CHECK(cache_of(cache_outcome::miss, false) == "MISS");
    CHECK(cache_of(cache_outcome::coalesced, false) == "COALESCED");
    CHECK(cache_of(cache_outcome::stale, false) == "STALE");
    CHECK(cache_of(cache_outcome::hit, true) == "STALE");
  }

  TEST_CASE("a view shows everything but the token") {
    auto const at = at_new_year();
    shown_instance shown;
    auto& seen = shown.seen;
    seen.key.instance = instance;
    seen.state = core::instance_state::stale;
    seen.registered = true;
    seen.generation = 7;
    seen.minted_at = at.now - 60s;
    seen.usable_until = at.now + 14280s;
    seen.expires_at = at.now + 14340s;
    seen.last_used = at.now;
    seen.next_attempt_at = at.now + 4s;
    seen.scheduled = core::schedule_reason::backoff;
    seen.failures_in_row = 2;
    seen.waiters = 1;
    seen.last_failure =
        core::failure{core::failure_class::transient, 503, "c", "m", "req-7", std::nullopt};
    seen.last_failure_at = at.now - 1s;
    CHECK(view_json(shown, "blog", at) ==
          R"({"instance_id":"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55","app":"blog","state":"stale",)"
          R"("grant":"client_credentials","registered":true,"durable":false,"generation":7,)"
          R"("minted_at":1767225540,"expires_at":1767239880,"upstream_expires_at":1767239940,)"
          R"("life_assumed":false,"rejected":false,"last_used_at":1767225600,)"
          R"("next_attempt_at":1767225604,"next_attempt_reason":"backoff","failures_in_row":2,)"
          R"("waiters":1,"last_error":{"class":"transient","status":503,"code":"c","message":"m",)"
          R"("request_id":"req-7","at":1767225599},"codes":[],"removal_announced_at":null})");
  }

  TEST_CASE("a view shows the grant, its codes and an announced removal") {
    auto const at = at_new_year();
    shown_instance shown;
    shown.seen.grant = core::grant::refresh_token;
    shown.seen.durable = true;
    shown.seen.removal_announced = at.now - 10s;
    service::code_view refused;
    refused.outcome = service::code_outcome::refused;
    refused.deadline = at.now + 24h;
    refused.why = core::failure{
        core::failure_class::instance_blocked, 400, "invalid_grant", "m", "req-8", std::nullopt};
    service::code_view pending;
    pending.deadline = at.now + 600s;
    shown.codes = {refused, pending};
    auto const text = view_json(shown, "main", at);
    for (auto const* const part :
         {R"("grant":"refresh_token")", R"("durable":true)",
          R"("codes":[{"outcome":"refused","deadline_at":1767312000,"why":{"class":)"
          R"("instance_blocked","status":400,"code":"invalid_grant","message":"m",)"
          R"("request_id":"req-8"}},{"outcome":"pending","deadline_at":1767226200,"why":null}])",
          R"("removal_announced_at":1767225590)"}) {
      CHECK_MESSAGE(text.find(part) != text.npos, text);
    }
  }

  TEST_CASE("what is not known of an instance is null") {
    auto const at = at_new_year();
    shown_instance shown;
    shown.seen.next_attempt_at = never;
    auto const text = view_json(shown, "main", at);
    for (auto const* const name : {"minted_at", "expires_at", "upstream_expires_at", "last_used_at",
                                   "next_attempt_at", "last_error"}) {
      CHECK_MESSAGE(text.find("\"" + std::string{name} + "\":null") != text.npos, text);
    }
  }

  TEST_CASE("a page lists views and says where it goes on") {
    std::vector<shown_instance> page;
    auto const at = at_new_year();
    CHECK(page_json(page, std::nullopt, "main", at) == R"({"instances":[],"next_cursor":null})");
    page.resize(2);
    auto const text = page_json(page, 18446744073709551615ULL, "main", at);
    auto const view = view_json(page[0], "main", at);
    CHECK(text ==
          "{\"instances\":[" + view + "," + view + R"(],"next_cursor":"18446744073709551615"})");
  }

  TEST_CASE("token info has native types, and null for what was not said") {
    service::token_info info;
    info.active = true;
    info.subject_type = "APP";
    info.subject_id = "s";
    info.client_id = "c";
    info.expires_at = 1715096067;
    info.instance = "i";
    CHECK(token_info_json(info) ==
          R"({"active":true,"subject_type":"APP","subject_id":"s","expires_at":1715096067,)"
          R"("issued_at":null,"client_id":"c","account_id":null,"site_id":null,"instance_id":"i",)"
          R"("vendor_product_id":null})");
  }

  TEST_CASE("states are read as they are printed") {
    using core::instance_state;
    for (auto const state :
         {instance_state::cold, instance_state::warm, instance_state::stale,
          instance_state::blocked, instance_state::app_refused, instance_state::idle}) {
      auto const read = parse_state(core::to_string(state));
      REQUIRE(read.has_value());
      CHECK(*read == state);
    }
    CHECK(!parse_state("").has_value());
    CHECK(!parse_state("Warm").has_value());
  }
}

}  // namespace wixtokend::api
