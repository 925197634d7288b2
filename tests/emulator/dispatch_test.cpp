#include "emulator/dispatch.hpp"

#include "emulator/emulator_world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace wixtokend;
using namespace std::chrono_literals;
using emulator::ending;
using test::app_b;
using test::emulator_world;
using test::instance_1;
using test::instance_2;
namespace json = boost::json;

namespace {

emulator::plan mint_plan(emulator_world& w) {
  http::request message;
  message.method = "POST";
  message.target = "/oauth2/token";
  message.body = json::serialize(emulator_world::credentials());
  return w.plan_for(message);
}

std::uint64_t mints(emulator_world const& w) {
  auto const instance = instance_id::parse(instance_1).value();
  auto const* const row = w.state.installations.find({app_number{}, instance});
  return row == nullptr ? 0 : row->mints;
}

}  // namespace

TEST_SUITE("emulator.dispatch") {
  TEST_CASE("every reply has a request id of its own, a date, and must not be stored") {
    emulator_world w;
    std::set<std::string> ids;
    for (auto const* const path :
         {"/oauth2/token", "/oauth/access", "/oauth2/token-info", "/apps/v1/instance", "/else",
          "/__control/counters", "/__control/x"}) {
      auto const reply = w.ask("POST", path, "{}");
      CHECK(w.header(reply, "cache-control") == "no-store");
      CHECK_FALSE(w.header(reply, "date").empty());
      ids.insert(w.header(reply, "x-wix-request-id"));
    }
    CHECK(ids.size() == 7);
    CHECK_FALSE(ids.contains(""));
    w.set({{"send_date", false}});
    CHECK(w.header(w.mint(), "date").empty());
  }

  TEST_CASE("an ordinary request is answered at once and counted") {
    emulator_world w;
    auto const made = mint_plan(w);
    CHECK(made.counted == emulator::route::token);
    CHECK(made.how == ending::send);
    CHECK(made.delay == 0s);
    CHECK(made.reply.status == 200);
    CHECK(w.state.counted.of(emulator::route::token).requests == 1);
  }

  TEST_CASE("latency and a scripted delay add up, and the token is made before") {
    emulator_world w;
    w.set({{"latency_ms_min", 20}, {"latency_ms_max", 20}});
    w.script({{"delay_ms", 500}, {"times", 1}});
    auto const made = mint_plan(w);
    CHECK(made.delay == 520ms);
    auto const claims = w.state.mint.read(w.text(made.reply, "access_token"));
    CHECK(claims->issued == test::noon);
    CHECK(mint_plan(w).delay == 20ms);
  }

  TEST_CASE("an error takes the place of the answer, and nothing is minted") {
    emulator_world w;
    w.script({{"kind", "error"}, {"status", 503}, {"times", 2}});
    CHECK(w.mint().status == 503);
    CHECK(w.mint().status == 503);
    CHECK(mints(w) == 0);
    CHECK(w.mint().status == 200);
    CHECK(mints(w) == 1);
  }

  TEST_CASE("429 comes with or without Retry-After") {
    emulator_world w;
    w.script(json::parse(R"([{"kind":"error","status":429,"times":1},)"
                         R"({"kind":"error","status":429,"retry_after":30,"times":1}])"));
    CHECK_FALSE(w.mint().headers.contains("retry-after"));
    CHECK(w.header(w.mint(), "retry-after") == "30");
  }

  TEST_CASE("a hanging request mints nothing; one that is cut has minted") {
    emulator_world w;
    w.script({{"kind", "hang"}, {"times", 1}});
    CHECK(mint_plan(w).how == ending::hang);
    CHECK(mints(w) == 0);

    w.script({{"kind", "reset"}, {"times", 1}});
    auto const reset = mint_plan(w);
    CHECK(reset.how == ending::reset);
    CHECK_FALSE(reset.bytes.has_value());
    CHECK(mints(w) == 1);

    w.script({{"kind", "close"}, {"after_bytes", 0}, {"times", 1}});
    auto const closed = mint_plan(w);
    CHECK(closed.how == ending::close);
    CHECK(closed.bytes == 0U);
    CHECK(mints(w) == 2);
    CHECK(w.state.counted.of(emulator::route::token).unanswered == 3);
  }

  TEST_CASE("a success can lack its token, have any expires_in, be a 201 or of another type") {
    emulator_world w;
    w.script(json::parse(R"([
      {"kind":"reply","remove":["access_token"],"times":1},
      {"kind":"reply","set":{"expires_in":"14400"},"times":1},
      {"kind":"reply","remove":["expires_in"],"times":1},
      {"kind":"reply","set":{"expires_in":-1},"times":1},
      {"kind":"reply","set":{"expires_in":1e300},"times":1},
      {"kind":"reply","set":{"expires_in":[{}]},"times":1},
      {"kind":"reply","status":201,"times":1},
      {"kind":"reply","content_type":"text/html","times":1},
      {"kind":"reply","set":{"access_token":""},"times":1},
      {"kind":"reply","token_size":20000,"times":1}])"));
    CHECK_FALSE(w.object(w.mint()).contains("access_token"));
    CHECK(w.object(w.mint()).at("expires_in") == "14400");
    CHECK_FALSE(w.object(w.mint()).contains("expires_in"));
    CHECK(w.object(w.mint()).at("expires_in") == -1);
    CHECK(w.object(w.mint()).at("expires_in") == 1e300);
    CHECK(w.object(w.mint()).at("expires_in").is_array());
    CHECK(w.mint().status == 201);
    CHECK(w.header(w.mint(), "content-type") == "text/html");
    CHECK(w.text(w.mint(), "access_token").empty());
    CHECK(w.token().size() >= 19'999);
    CHECK(w.object(w.mint()).at("expires_in") == 14400);
    CHECK(mints(w) == 11);
  }

  TEST_CASE("a token can be the last one again, or name another instance") {
    emulator_world w;
    auto const first = w.token();
    w.script({{"kind", "reply"}, {"same_token", true}, {"times", 1}});
    CHECK(w.token() == first);
    CHECK(w.token() != first);
    w.script({{"kind", "reply"}, {"other_instance", true}, {"times", 1}});
    CHECK(w.state.mint.read(w.token())->instance.to_string() != instance_1);
    CHECK(w.state.mint.read(w.token())->instance.to_string() == instance_1);
  }

  TEST_CASE("faults find their requests by route, app and instance") {
    emulator_world w;
    w.script({{"kind", "error"}, {"status", 418}, {"route", "token"}, {"instance", instance_1}});
    CHECK(w.mint(instance_1).status == 418);
    CHECK(w.mint(instance_2).status == 200);
    CHECK(w.exchange(w.code(instance_1)).status == 200);
    w.ask("DELETE", "/__control/faults");

    w.script({{"kind", "error"}, {"status", 418}, {"app", app_b}});
    CHECK(w.mint().status == 200);
    auto other = emulator_world::credentials();
    other["client_id"] = app_b;
    CHECK(w.post("/oauth2/token", other).status == 418);
  }

  TEST_CASE("the instance of a legacy call, of Token Info and of the API is that of their token") {
    emulator_world w;
    auto const code = w.code(instance_1);
    auto const other_code = w.code(instance_2);
    auto const token = w.token(instance_1);
    auto const other_token = w.token(instance_2);
    w.script({{"kind", "error"}, {"status", 418}, {"instance", instance_1}});
    CHECK(w.exchange(code).status == 418);
    CHECK(w.exchange(other_code).status == 200);
    CHECK(w.call_api(token).status == 418);
    CHECK(w.call_api(other_token).status == 200);
    CHECK(w.post("/oauth2/token-info", {{"token", token}}).status == 418);
    CHECK(w.post("/oauth2/token-info", {{"token", other_token}}).status == 200);
  }

  TEST_CASE("the protected API plays its odd answers by script") {
    emulator_world w;
    auto const token = w.token();
    w.script(json::parse(R"([
      {"route":"api","kind":"error","status":403,"shape":"empty","times":1},
      {"route":"api","kind":"error","status":428,"shape":"wix","code":"PREMIUM_ONLY","times":1},
      {"route":"api","kind":"error","status":400,"shape":"wix",
       "message":"WDE0117: MetaSite not found"}
    ])"));
    auto const forbidden = w.call_api(token);
    CHECK(forbidden.status == 403);
    CHECK(forbidden.body.empty());
    CHECK(w.call_api(token, "/x").status == 428);
    CHECK(w.text(w.call_api(token), "message") == "WDE0117: MetaSite not found");
    CHECK(w.mint().status == 200);
  }

  TEST_CASE("calls let through by a pass come before the fault behind it") {
    emulator_world w;
    w.script(json::parse(R"([{"times":2},{"kind":"error","status":500,"times":1}])"));
    CHECK(w.mint().status == 200);
    CHECK(w.mint().status == 200);
    CHECK(w.mint().status == 500);
    CHECK(w.mint().status == 200);
  }

  TEST_CASE("the rate limit holds for each instance by itself, over all its calls") {
    emulator_world w;
    w.set({{"rate_limit_per_minute", 3}});
    auto const token = w.token();
    CHECK(w.call_api(token).status == 200);
    CHECK(w.mint().status == 200);
    auto const refused = w.mint();
    CHECK(refused.status == 429);
    CHECK_FALSE(refused.headers.contains("retry-after"));
    auto const details = w.object(refused).at("details").as_object();
    CHECK(details.at("applicationError").at("code") == "RESOURCE_EXHAUSTED");
    CHECK(w.call_api(token).status == 429);
    CHECK(w.mint(instance_2).status == 200);

    w.set({{"rate_limit_retry_after", true}});
    w.pass(20s);
    CHECK(w.header(w.mint(), "retry-after") == "40");
    w.pass(40s);
    CHECK(w.mint().status == 200);
    CHECK(mints(w) == 3);
  }

  TEST_CASE("a request over the limit is refused under a pass too, but an error goes before") {
    emulator_world w;
    w.set({{"rate_limit_per_minute", 1}});
    w.mint();
    w.script(json::parse(R"([{"delay_ms":5,"times":1},{"kind":"error","status":500,"times":1}])"));
    CHECK(w.mint().status == 429);
    CHECK(w.mint().status == 500);
  }

  TEST_CASE("requests of unknown apps are limited and counted for nobody") {
    emulator_world w;
    auto body = emulator_world::credentials();
    body["client_id"] = instance_2;
    CHECK(w.post("/oauth2/token", body).status == 401);
    CHECK(w.state.installations.rows().empty());
  }
}
