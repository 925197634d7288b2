#include "emulator/control_routes.hpp"

#include "emulator/emulator_world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::app_a;
using test::app_b;
using test::emulator_world;
using test::instance_1;
using test::instance_2;
namespace json = boost::json;

namespace {

json::object counters_of(emulator_world& w, std::string const& query = {}) {
  return w.object(w.ask("GET", "/__control/counters" + query));
}

json::object instance_of(emulator_world& w, std::string const& id, std::string const& query = {}) {
  return w.object(w.ask("GET", "/__control/instances/" + id + query));
}

}  // namespace

TEST_SUITE("emulator.control_routes") {
  TEST_CASE("control is what lies below its own path") {
    CHECK(emulator::is_control("/__control"));
    CHECK(emulator::is_control("/__control/counters"));
    CHECK_FALSE(emulator::is_control("/__controls"));
    CHECK_FALSE(emulator::is_control("/x/__control"));
    CHECK_FALSE(emulator::is_control("/"));
  }

  TEST_CASE("counters tell requests by route and status, mints by instance") {
    emulator_world w;
    w.mint();
    w.mint();
    w.mint(instance_2);
    w.mint(test::nil_instance);
    w.exchange(w.code(instance_2));
    w.call_api("no token");

    auto const all = counters_of(w);
    auto const& token = all.at("routes").at("token");
    CHECK(token.at("requests") == 4);
    CHECK(token.at("by_class").at("2xx") == 3);
    CHECK(token.at("by_class").at("4xx") == 1);
    CHECK(token.at("by_status").at("404") == 1);
    CHECK(token.at("in_flight") == 0);
    CHECK(token.at("in_flight_max") == 1);
    CHECK(all.at("routes").at("access").at("requests") == 1);
    CHECK(all.at("routes").at("instance").at("by_status").at("401") == 1);
    CHECK(all.at("mints") == 4);
    CHECK(all.at("instances_known") == 3);
    auto const& listed = all.at("instances").as_array();
    REQUIRE(listed.size() == 3);
    CHECK(listed[0].at("instance") == json::value(instance_1));
    CHECK(listed[0].at("mints") == 2);
    CHECK(listed[1].at("instance") == json::value(instance_2));
    CHECK(listed[1].at("mints") == 2);
    CHECK(listed[2].at("mints") == 0);
    CHECK(counters_of(w, "?limit=1").at("instances").as_array().size() == 1);
    CHECK(counters_of(w, "?limit=0").at("mints") == 4);
  }

  TEST_CASE("control calls are not counted themselves") {
    emulator_world w;
    w.ask("GET", "/__control/counters");
    w.ask("GET", "/__control/nonsense");
    auto const all = counters_of(w);
    for (auto const& [name, totals] : all.at("routes").as_object()) {
      CHECK(totals.at("requests") == 0);
    }
  }

  TEST_CASE("resetting counters leaves installations, scripts and settings") {
    emulator_world w;
    w.mint();
    w.set({{"expires_in", 9}});
    w.script({{"kind", "pass"}});
    w.post("/__control/instances/" + instance_2 + "/remove", {});
    CHECK(w.post("/__control/counters/reset", {}).status == 204);
    CHECK(counters_of(w).at("mints") == 0);
    CHECK(counters_of(w).at("routes").at("token").at("requests") == 0);
    CHECK(instance_of(w, instance_2).at("state") == "removed");
    CHECK(w.state.knobs.expires_in == 9);
    CHECK_FALSE(w.state.faults.empty());
  }

  TEST_CASE("a full reset brings everything back to the start") {
    emulator_world w;
    w.mint();
    w.set({{"expires_in", 9}});
    w.script({{"kind", "hang"}});
    w.post("/__control/advance", {{"seconds", 100}});
    w.post("/__control/instances/" + instance_2 + "/remove", {});
    CHECK(w.post("/__control/reset", {}).status == 204);
    CHECK(counters_of(w).at("instances_known") == 0);
    CHECK(w.state.knobs.expires_in == 14400);
    CHECK(w.state.faults.empty());
    CHECK(w.object(w.ask("GET", "/__control/time")).at("ahead_seconds") == 0);
  }

  TEST_CASE("arrivals are told in microseconds, with the fullest window") {
    emulator_world w;
    for (int i = 0; i < 3; ++i) {
      w.pass(400ms);
      w.mint();
    }
    w.pass(5s);
    w.call_api("x");
    auto const all = w.object(w.ask("GET", "/__control/arrivals"));
    CHECK(all.at("count") == 4);
    CHECK(all.at("forgotten") == 0);
    CHECK(all.at("window_ms") == 1000);
    CHECK(all.at("most_in_window") == 3);
    CHECK(json::serialize(all.at("arrivals_us")) == "[400000,800000,1200000,6200000]");

    auto const minted =
        w.object(w.ask("GET", "/__control/arrivals?route=token&window_ms=800&limit=2"));
    CHECK(minted.at("count") == 3);
    CHECK(minted.at("most_in_window") == 2);
    CHECK(json::serialize(minted.at("arrivals_us")) == "[800000,1200000]");
    for (auto const* const query :
         {"route=tokens", "window_ms=0", "window_ms=x", "limit=-1", "limit=200001"}) {
      CAPTURE(std::string{query});
      CHECK(w.ask("GET", "/__control/arrivals?" + std::string{query}).status == 400);
    }
  }

  TEST_CASE("faults are added, shown, removed one by one and cleared") {
    emulator_world w;
    auto const added =
        w.post("/__control/faults", json::parse(R"([{"kind":"hang"},{"kind":"close"}])"));
    CHECK(added.status == 201);
    auto const ids = w.object(added).at("ids").as_array();
    REQUIRE(ids.size() == 2);
    auto const shown = [&] {
      return json::parse(w.ask("GET", "/__control/faults").body).as_array();
    };
    CHECK(shown().size() == 2);

    auto const path = "/__control/faults/" + json::serialize(ids[0]);
    CHECK(w.ask("DELETE", path).status == 204);
    CHECK(w.ask("DELETE", path).status == 404);
    CHECK(w.ask("DELETE", "/__control/faults/x").status == 404);
    REQUIRE(shown().size() == 1);
    CHECK(shown()[0].at("kind") == "close");
    CHECK(w.ask("DELETE", "/__control/faults").status == 204);
    CHECK(shown().empty());
  }

  TEST_CASE("a bad fault is refused with a reason, and none of its batch is added") {
    emulator_world w;
    auto const reply =
        w.ask("POST", "/__control/faults", R"([{"kind":"hang"},{"kind":"explode"}])");
    CHECK(reply.status == 400);
    CHECK(w.text(reply, "error") == "bad_request");
    CHECK(w.text(reply, "error_description").find("kind") != std::string::npos);
    CHECK(w.state.faults.empty());
  }

  TEST_CASE("instances are installed and removed for one app") {
    emulator_world w;
    CHECK(instance_of(w, instance_1).at("state") == "unlisted");
    CHECK(instance_of(w, instance_1).at("installed") == true);
    auto const removed = w.post("/__control/instances/" + instance_1 + "/remove", {});
    CHECK(w.object(removed).at("state") == "removed");
    CHECK(instance_of(w, instance_1).at("installed") == false);
    CHECK(instance_of(w, instance_1, "?app=" + app_b).at("installed") == true);
    CHECK(instance_of(w, instance_1, "?app=" + app_a).at("installed") == false);

    w.post("/__control/instances/" + instance_1 + "/install?app=" + app_a, {});
    CHECK(instance_of(w, instance_1).at("state") == "installed");
    CHECK(w.post("/__control/instances/" + instance_1 + "/explode", {}).status == 404);
  }

  TEST_CASE("instances and apps that are none are refused") {
    emulator_world w;
    CHECK(w.ask("GET", "/__control/instances/x").status == 400);
    CHECK(w.post("/__control/instances/x/remove", {}).status == 400);
    CHECK(w.post("/__control/instances/" + instance_1 + "/remove?app=x", {}).status == 400);
    CHECK(w.post("/__control/instances/" + instance_1 + "/install?app=" + instance_2, {}).status ==
          400);
    CHECK(w.state.installations.rows().empty());
  }

  TEST_CASE("a code is made for an app and an instance, which it installs") {
    emulator_world w;
    w.post("/__control/instances/" + instance_1 + "/remove", {});
    auto const reply = w.post("/__control/codes", {{"instance", instance_1}});
    CHECK(reply.status == 201);
    CHECK(w.object(reply).at("expires_in") == 600);
    CHECK(w.object(reply).at("app") == json::value(app_a));
    auto const claims = w.state.mint.read(w.text(reply, "code"));
    REQUIRE(claims.has_value());
    CHECK(claims->kind == emulator::token_kind::code);
    CHECK(claims->instance.to_string() == instance_1);
    CHECK(instance_of(w, instance_1).at("state") == "installed");

    auto const other = w.post("/__control/codes", {{"instance", instance_1}, {"app", app_b}});
    CHECK(w.object(other).at("app") == json::value(app_b));
    for (json::value const& body :
         {json::value{}, json::value{{"instance", "x"}}, json::value{{"app", app_a}},
          json::value{{"instance", instance_1}, {"app", instance_2}}}) {
      CHECK(w.post("/__control/codes", body).status == 400);
    }
  }

  TEST_CASE("settings are shown and changed") {
    emulator_world w;
    auto const changed = w.post("/__control/settings", {{"expires_in", 20}, {"token_size", 640}});
    CHECK(changed.status == 200);
    CHECK(w.object(changed).at("expires_in") == 20);
    CHECK(w.object(w.ask("GET", "/__control/settings")).at("token_size") == 640);
    CHECK(w.object(w.mint()).at("expires_in") == 20);
    CHECK(w.token().size() == 640);
    auto const refused = w.post("/__control/settings", {{"expires_in", 30}, {"token_size", 1}});
    CHECK(refused.status == 400);
    CHECK(w.state.knobs.expires_in == 20);
  }

  TEST_CASE("virtual time is advanced, and shown in the Date of replies") {
    emulator_world w;
    CHECK(w.header(w.mint(), "date") == "Mon, 23 Nov 2026 12:00:00 GMT");
    auto const reply = w.post("/__control/advance", {{"seconds", 3661}});
    CHECK(reply.status == 200);
    CHECK(w.object(reply).at("ahead_seconds") == 3661);
    CHECK(w.object(reply).at("now") == "2026-11-23T13:01:01.123Z");
    CHECK(w.header(w.mint(), "date") == "Mon, 23 Nov 2026 13:01:01 GMT");
    for (auto const* const body : {"", "{}", R"({"seconds":-1})", R"({"seconds":1.5})",
                                   R"({"seconds":"1"})", R"({"seconds":400000000})", "[]"}) {
      CAPTURE(std::string{body});
      CHECK(w.ask("POST", "/__control/advance", body).status == 400);
    }
    CHECK(w.object(w.ask("GET", "/__control/time")).at("ahead_seconds") == 3661);
  }

  TEST_CASE("the authority's certificate is given out where there is one") {
    emulator_world w;
    CHECK(w.ask("GET", "/__control/authority").status == 404);
    w.state.authority_pem = "-----BEGIN";
    auto const reply = w.ask("GET", "/__control/authority");
    CHECK(reply.status == 200);
    CHECK(reply.body == "-----BEGIN");
    CHECK(w.header(reply, "content-type") == "application/x-pem-file");
  }

  TEST_CASE("each app's webhook key is given out in both forms, and stays after a reset") {
    emulator_world w;
    auto const pem = w.ask("GET", "/__control/webhook-key");
    REQUIRE(pem.status == 200);
    CHECK(pem.body.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    CHECK(pem.body.ends_with("-----END PUBLIC KEY-----\n"));
    CHECK(w.header(pem, "content-type") == "application/x-pem-file");
    auto const line = w.ask("GET", "/__control/webhook-key?form=line&app=" + app_a);
    REQUIRE(line.status == 200);
    CHECK(line.body.starts_with("LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K"));
    CHECK(line.body.find_first_of("\r\n ") == std::string::npos);
    auto const other = w.ask("GET", "/__control/webhook-key?app=" + app_b);
    REQUIRE(other.status == 200);
    CHECK(other.body != pem.body);
    w.post("/__control/reset", {});
    CHECK(w.ask("GET", "/__control/webhook-key").body == pem.body);
    CHECK(w.ask("GET", "/__control/webhook-key?app=" + instance_1).status == 400);
    CHECK(w.ask("GET", "/__control/webhook-key?form=der").status == 400);
  }

  TEST_CASE("another secret is in force at once, and the one before refused") {
    emulator_world w;
    CHECK(w.ask("PUT", "/__control/secret", "another-secret").status == 204);
    CHECK(w.ask("PUT", "/__control/secret", "").status == 400);
    CHECK(w.ask("PUT", "/__control/secret?app=none", "x").status == 400);
    CHECK(w.mint().status == 401);
  }

  TEST_CASE("one webhook comes as bare text if that is asked for, else as JSON") {
    emulator_world w;
    json::object body{{"event", "AppInstalled"}, {"instance", instance_1}};
    auto const bare = w.post("/__control/webhooks?as=jwt", body);
    REQUIRE(bare.status == 201);
    CHECK(w.header(bare, "content-type") == "text/plain");
    auto const listed = w.post("/__control/webhooks", body);
    REQUIRE(listed.status == 201);
    auto const deliveries = w.object(listed).at("deliveries").as_array();
    REQUIRE(deliveries.size() == 1);
    CHECK(deliveries[0].at("jwt") == json::value(bare.body));
    CHECK(deliveries[0].at("due_ms") == 0);
    body["duplicates"] = 1;
    CHECK(w.post("/__control/webhooks?as=jwt", body).status == 400);
    CHECK(w.post("/__control/webhooks?as=xml", body).status == 400);
    CHECK(w.post("/__control/webhooks", json::array{}).status == 400);
  }

  TEST_CASE("unknown calls are 404, other methods 405, a bad query 400") {
    emulator_world w;
    CHECK(w.ask("GET", "/__control").status == 404);
    CHECK(w.ask("GET", "/__control/instances").status == 404);
    CHECK(w.ask("GET", "/__control/instances/").status == 404);
    CHECK(w.ask("GET", "/__control/instances/a/b").status == 404);
    CHECK(w.ask("PUT", "/__control/faults").status == 405);
    CHECK(w.ask("GET", "/__control/advance").status == 405);
    CHECK(w.ask("GET", "/__control/counters?limit=%zz").status == 400);
    CHECK(w.ask("GET", "/__control/counters?limit=abc").status == 400);
    CHECK(w.ask("GET", "/__control/counters/").status == 200);
  }

  TEST_CASE("an address without control refuses it, and nothing happens") {
    emulator_world w;
    http::request message;
    message.method = "POST";
    message.target = "/__control/faults";
    message.body = R"({"kind":"hang"})";
    auto const refused = w.plan_for(message, false);
    CHECK(refused.reply.status == 403);
    CHECK_FALSE(refused.counted.has_value());
    CHECK(w.state.faults.empty());
  }
}
