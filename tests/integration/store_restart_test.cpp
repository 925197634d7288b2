// The daemon ends and starts again on its store: nothing is asked of the upstream anew.

#include "integration/store_filling.hpp"
#include "integration/world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

using namespace wixtokend::test;

namespace {

constexpr unsigned warm = 300;     // 1 to here have a token
constexpr unsigned removed = 301;  // the upstream does not know it
constexpr unsigned throttled_a = 302;
constexpr unsigned throttled_b = 303;
constexpr unsigned marker = 304;

// What a caller sees of one token.
struct seen_token {
  std::string token;
  std::int64_t generation = 0;
  std::int64_t expires_at = 0;
  std::int64_t refresh_at = 0;
};

std::vector<seen_token> read_all(world& w, unsigned count) {
  std::vector<seen_token> all;
  for (unsigned n = 1; n <= count; ++n) {
    auto const answer = w.token(n, "?wait=0");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    CHECK(answer.header("x-cache") == "HIT");
    auto const body = parse(answer);
    all.push_back({text(body, "access_token"), number_of(body, "generation"),
                   number_of(body, "expires_at"), number_of(body, "refresh_at")});
  }
  return all;
}

// Dates are whole seconds, made from another clock: a rounding may differ.
void check_same(std::vector<seen_token> const& before, std::vector<seen_token> const& after) {
  REQUIRE(before.size() == after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(after[i].token == before[i].token);
    CHECK(after[i].generation == before[i].generation);
    CHECK(std::abs(after[i].expires_at - before[i].expires_at) <= 1);
    CHECK(std::abs(after[i].refresh_at - before[i].refresh_at) <= 1);
  }
}

// A removal is answered when it is on the disk, with all that had changed before it.
void write_everything(world& w) {
  REQUIRE(w.call("DELETE", instance_path(marker)).status == 204);
}

// Hundreds of warm instances, one that the upstream refuses, and an upstream that has asked for a
// pause of ten minutes.
void prepare(world& w) {
  w.register_all(1, warm);
  w.register_all(marker, marker);
  REQUIRE(eventually([&] { return number_of(w.app_status(), "usable") == warm + 1; }));
  w.control("POST", "instances/" + instance_text(removed) + "/remove");
  w.register_all(removed, removed);
  REQUIRE(w.token(removed, "?wait=20").status == 404);
  w.script(R"({"route":"token","kind":"error","status":429,"retry_after":"600"})");
  w.register_all(throttled_a, throttled_b);
  REQUIRE(eventually([&] { return number_of(w.app_status(), "paused_seconds") > 0; }));
  w.script("");
}

void check_warm_restart(std::function<void(world&)> const& end_daemon) {
  world_options options;
  options.app_settings = "requests_per_second_max = 1000\nrequests_per_second = 1000";
  options.start_daemon = false;
  world w{options};
  w.add_store();
  w.start_daemon();
  prepare(w);
  auto const tokens = read_all(w, warm);
  auto const refused = w.view(removed);
  auto const app = w.app_status();
  CHECK(number_of(app, "rate") < number_of(app, "ceiling"));
  write_everything(w);
  auto const asked = w.requests("token");
  auto const minted = w.mints();
  CHECK(minted == warm + 1);

  end_daemon(w);
  w.start_daemon();
  auto const after = w.app_status();
  CHECK(number_of(after, "usable") == warm);
  CHECK(number_of(after, "instances") == warm + 3);
  check_same(tokens, read_all(w, warm));

  auto const still_refused = w.view(removed);
  CHECK(text(still_refused, "state") == "blocked");
  CHECK(number_of(member(still_refused, "last_error"), "status") == 404);
  CHECK(std::abs(number_of(still_refused, "next_attempt_at") -
                 number_of(refused, "next_attempt_at")) <= 1);
  CHECK(w.token(removed, "?wait=0").status != 200);

  CHECK(number_of(after, "paused_seconds") > 0);
  CHECK(number_of(after, "rate") >= number_of(app, "rate"));  // it rises by itself, slowly
  CHECK(number_of(after, "rate") < number_of(after, "ceiling"));
  auto const throttled = w.token(throttled_a, "?wait=0");
  CHECK(throttled.status == 503);
  CHECK_MESSAGE(number_of(parse(throttled), "retry_after") > 60, throttled.body);

  REQUIRE(w.stop_daemon() == 0);
  CHECK(w.requests("token") == asked);  // in all of the second daemon's life
  CHECK(w.mints() == minted);
}

constexpr unsigned many = 100'000;

std::string long_token_of(unsigned n) {
  return "OauthNG.JWS.token-of-" + std::to_string(n) + "." + std::string(640, 'x');
}

}  // namespace

TEST_SUITE("integration.store_restart") {
  TEST_CASE(
      "after SIGTERM tokens, generations, refusals and the rate are back, nothing is minted") {
    check_warm_restart([](world& w) { CHECK(w.stop_daemon() == 0); });
  }

  TEST_CASE(
      "after SIGKILL tokens, generations, refusals and the rate are back, nothing is minted") {
    check_warm_restart([](world& w) { w.kill_daemon(); });
  }

  TEST_CASE("a refusal of an instance that is remembered is told on, and not asked for again") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    w.add_store();
    fill_store(w, 1, [](unsigned n, wixtokend::instant now) {
      auto change = warm_instance(n, "", now);
      auto& trouble = change.instance->trouble.emplace();
      trouble.why.kind = wixtokend::core::failure_class::instance_blocked;
      trouble.why.status = 404;
      trouble.at = now;
      trouble.blocked = 7;  // refusals in a row, after which callers are told of it for 5 min
      trouble.negative_until = now + std::chrono::minutes{5};
      trouble.background_at = now + std::chrono::hours{16};
      return change;
    });
    w.start_daemon();
    CHECK(text(w.view(1), "state") == "blocked");
    for (int i = 0; i < 10; ++i) CHECK(w.token(1, "?wait=0").status == 404);
    CHECK(w.call("GET", "/readyz").status == 200);
    CHECK(w.stop_daemon() == 0);
    CHECK(w.requests("token") == 0);
  }

  TEST_CASE("a refused app stays refused over a restart, and is not asked again") {
    world_options options;
    options.secret = "not-the-apps-secret-0123456789";
    options.start_daemon = false;
    world w{options};
    w.add_store();
    w.start_daemon();
    w.register_all(1, 5);
    w.register_all(marker, marker);
    REQUIRE(eventually([&] { return member(w.app_status(), "refused").as_bool(); }));
    REQUIRE(eventually([&] { return number_of(w.app_status(), "in_flight") == 0; }));
    write_everything(w);
    auto const asked = w.requests("token");
    w.kill_daemon();
    w.start_daemon();
    CHECK(member(w.app_status(), "refused").as_bool());
    CHECK(text(member(w.app_status(), "refusal"), "code") == "invalid_client");
    CHECK(w.call("GET", "/readyz").status == 503);
    CHECK(w.token(1, "?wait=0").status == 502);
    CHECK(w.stop_daemon() == 0);
    CHECK(w.requests("token") == asked);
  }

  TEST_CASE("100,000 usable tokens are served at once after a start, without an upstream call") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    w.add_store();
    fill_store(w, many, [](unsigned n, wixtokend::instant now) {
      return warm_instance(n, long_token_of(n), now);
    });
    w.start_daemon();
    auto const app = w.app_status();
    CHECK(number_of(app, "instances") == many);
    CHECK(number_of(app, "kept_warm") == many);
    CHECK(number_of(app, "usable") == many);
    auto const ready = w.call("GET", "/readyz");
    CHECK_MESSAGE(ready.status == 200, ready.body);
    for (unsigned n = 1; n <= many; n += 499) {
      auto const answer = w.token(n, "?wait=0");
      REQUIRE_MESSAGE(answer.status == 200, answer.body);
      auto const body = parse(answer);
      CHECK(text(body, "access_token") == long_token_of(n));
      CHECK(number_of(body, "generation") == n);
    }
    CHECK(w.stop_daemon() == 0);
    CHECK(w.requests("token") == 0);
    CHECK(w.requests("access") == 0);
  }
}
