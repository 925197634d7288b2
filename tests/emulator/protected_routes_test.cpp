#include "emulator/protected_routes.hpp"

#include "emulator/emulator_world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
namespace json = boost::json;
using namespace std::chrono_literals;
using test::emulator_world;
using test::instance_1;

TEST_SUITE("emulator.protected_routes") {
  TEST_CASE("Get App Instance tells instance and site of the token, by either path") {
    emulator_world w;
    auto const token = w.token();
    for (auto const* const path :
         {"/apps/v1/instance", "/devcenter/app-instance/v1/instance", "/apps/v1/instance/?x=1"}) {
      auto const reply = w.call_api(token, path);
      REQUIRE(reply.status == 200);
      auto const body = w.object(reply);
      CHECK(body.at("instance").at("instanceId") == json::value(instance_1));
      CHECK(body.at("instance").at("isFree") == true);
      CHECK(body.at("site").at("siteId") ==
            json::value(emulator::site_of(instance_id::parse(instance_1).value())));
    }
  }

  TEST_CASE("the token may come bare or after Bearer, in any case") {
    emulator_world w;
    auto const token = w.token();
    CHECK(w.call_api(token).status == 200);
    CHECK(w.call_api("Bearer " + token).status == 200);
    CHECK(w.call_api("bearer " + token).status == 200);
    CHECK(w.call_api("Basic " + token).status == 401);
    CHECK(w.call_api("Bearer  " + token).status == 401);
  }

  TEST_CASE("without a live token every path answers 401 in the upstream's shape") {
    emulator_world w;
    auto const refresh_token = w.text(w.exchange(w.code()), "refresh_token");
    for (auto const& token : {std::string{}, std::string{"x"}, w.token() + "x", refresh_token}) {
      for (auto const* const path : {"/apps/v1/instance", "/anything", "/"}) {
        auto const reply = w.call_api(token, path);
        CHECK(reply.status == 401);
        CHECK(reply.body == R"({"message":"UNAUTHENTICATED","details":{}})");
      }
    }
    CHECK(w.ask("GET", "/apps/v1/instance").status == 401);
  }

  TEST_CASE("a token is good until its exp, and not a moment longer") {
    emulator_world w;
    auto const token = w.token();
    w.pass(14400s - 124ms);
    CHECK(w.call_api(token).status == 200);
    w.pass(1ms);
    CHECK(w.call_api(token).status == 401);
  }

  TEST_CASE("advancing virtual time kills tokens") {
    emulator_world w;
    auto const token = w.token();
    REQUIRE(w.post("/__control/advance", {{"seconds", 14400}}).status == 200);
    CHECK(w.call_api(token).status == 401);
    CHECK(w.call_api(w.token()).status == 200);
  }

  TEST_CASE("removal kills tokens only where the knob says so") {
    emulator_world w;
    auto const token = w.token();
    w.pass(1s);
    REQUIRE(w.post("/__control/instances/" + instance_1 + "/remove", {}).status == 200);
    CHECK(w.call_api(token).status == 200);
    w.set({{"revoke_on_uninstall", true}});
    CHECK(w.call_api(token).status == 401);
    auto const info = w.post("/oauth2/token-info", {{"token", token}});
    CHECK(w.object(info).at("active") == false);
  }

  TEST_CASE("every other request is echoed, without anything that could hold a secret") {
    emulator_world w;
    auto const token = w.token();
    auto const reply =
        w.ask("PUT", "/contacts/v4/contacts/7?secret=in-the-query", "secret in the body",
              {{"Authorization", "Bearer " + token}, {"X-Other", "secret in a header"}});
    REQUIRE(reply.status == 200);
    auto const body = w.object(reply);
    CHECK(body.at("method") == "PUT");
    CHECK(body.at("path") == "/contacts/v4/contacts/7");
    CHECK(body.at("bodySize") == 18);
    CHECK(body.at("instanceId") == json::value(instance_1));
    CHECK(reply.body.find("secret") == std::string::npos);
    CHECK(reply.body.find(token) == std::string::npos);
  }

  TEST_CASE("another method on Get App Instance is an echo") {
    emulator_world w;
    auto const reply = w.ask("DELETE", "/apps/v1/instance", {}, {{"authorization", w.token()}});
    CHECK(w.object(reply).at("method") == "DELETE");
  }
}
