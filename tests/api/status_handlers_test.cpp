#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {

TEST_SUITE("api.status_handlers") {
  TEST_CASE("a daemon that answers is alive") {
    api_world w;
    auto const answer = w.get("/healthz");
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"status":"ok"})");
    CHECK(header_of(answer, "Cache-Control") == "no-store");
    CHECK(error_of(w.get("/healthz?deep=1")) == "400 unknown_parameter");
  }

  TEST_CASE("the version is told") {
    api_world w;
    CHECK(w.get("/version").body == R"({"name":"wixtokend","version":"1.2.3"})");
  }

  TEST_CASE("a daemon without instances is ready") {
    api_world w;
    auto const answer = w.get("/readyz");
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"ready":true,"reasons":[],"kept_warm":0,"usable":0})");
  }

  TEST_CASE("readiness waits for the first tokens, and outlives an outage while they live") {
    api_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.request("PUT", instance_path(), "", "{}");
    auto const cold = w.get("/readyz");
    CHECK(cold.status == 503);
    CHECK(cold.body ==
          R"({"ready":false,"reasons":["0 of 1 instances that are kept warm have a usable token"],)"
          R"("kept_warm":1,"usable":0})");

    w.issuer.fails.reset();
    w.request("POST", instance_path("/retry"));
    CHECK(w.get("/readyz").status == 200);
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.time.advance(3h);
    CHECK(w.get("/readyz").status == 200);
    w.time.advance(1h);
    CHECK(w.get("/readyz").status == 503);
  }

  TEST_CASE("a refused app is a reason, and is named") {
    api_world w;
    w.blog_issuer.fails = scripted_issuer::failure_of(core::failure_class::app_refused, "x");
    w.get("/v1/apps/blog/instances/" + std::string{sample_id} + "/token");
    auto const answer = w.get("/readyz");
    CHECK(answer.status == 503);
    CHECK(answer.body.find(R"("reasons":["Wix refuses the id or secret of app blog")") !=
          std::string::npos);
  }

  TEST_CASE("a store that cannot be written is a reason, until it can") {
    test::durable_api_world w;
    w.disk.fails = true;
    CHECK(w.request("PUT", test::instance_path()).status == 503);
    auto const answer = w.get("/readyz");
    CHECK(answer.status == 503);
    CHECK(answer.body.find("the store cannot be written: ") != std::string::npos);
    w.disk.fails = false;
    w.time.advance(30s);
    CHECK(w.get("/readyz").status == 200);
  }

  TEST_CASE("a daemon that is about to stop says so, and serves on") {
    api_world w;
    w.server.announce_stop();
    auto const answer = w.get("/readyz");
    CHECK(answer.status == 503);
    CHECK(answer.body.find(R"("reasons":["the daemon is about to stop"])") != std::string::npos);
    CHECK(w.get("/healthz").status == 200);
    CHECK(w.get(instance_path("/token")).status == 200);
  }

  TEST_CASE("the status counts instances, connections and requests") {
    api_world w;
    w.get(instance_path("/token"));
    w.request("PUT", instance_path(), "", "{}");
    w.request("GET", "/healthz", "", "", 2000);
    w.time.advance(90s);
    auto const body = w.get("/v1/status").body;
    std::string const head =
        R"({"version":"1.2.3","uptime_seconds":90,"ready":true,"instances":{"kept_warm":1,)"
        R"("usable":1},"connections":1,"connections_refused":0,"requests":4,)"
        R"("requests_denied":1,"reload":null,"audit":null,"apps":[{"name":"main",)";
    CHECK_MESSAGE(body.starts_with(head), body);
    CHECK_MESSAGE(body.find(R"(},{"name":"blog",)") != std::string::npos, body);
    CHECK_MESSAGE(body.ends_with(R"("last_errors":[]}]})"), body);
  }

  TEST_CASE("the status tells how the last reload ended") {
    api_world w;
    w.server.note_reload({false, "c.toml:1:1: is no key"});
    auto const body = w.get("/v1/status").body;
    CHECK_MESSAGE(
        body.find(R"("good":false,"reason":"c.toml:1:1: is no key"})") != std::string::npos, body);
    w.server.note_reload({});
    CHECK(w.get("/v1/status").body.find(R"("good":true,"reason":""})") != std::string::npos);
  }

  TEST_CASE("the status tells how each app does") {
    core::app_policy app;
    app.requests_per_second_max = 20;
    api_world w{app};
    w.request("PUT", instance_path(), "", "{}");
    w.get(instance_path("/token"));
    w.blog_issuer.fails = scripted_issuer::failure_of(core::failure_class::app_refused, "no_app");
    w.get("/v1/apps/blog/instances/" + std::string{sample_id} + "/token");
    auto const body = w.get("/v1/status").body;
    CHECK_MESSAGE(
        body.find(R"([{"name":"main","instances":1,"kept_warm":1,"usable":1,)"
                  R"("demand":0.0000926,"ceiling":20,"rate":20,"background_rate":5,)"
                  R"("overloaded":false,"breaker":"closed","paused_seconds":0,)"
                  R"("in_flight":0,"waiting":0,"refused":false,"suspected":false,)"
                  R"("refusal":null,"by_state":{"cold":0,"warm":1,)") != std::string::npos,
        body);
    CHECK_MESSAGE(
        body.find(R"("refused":true,"suspected":false,"refusal":{"class":"app_refused",)"
                  R"("status":500,"code":"no_app","message":"scripted",)"
                  R"("request_id":"request-7"},"by_state":{"cold":0,)") != std::string::npos,
        body);
  }

  TEST_CASE("an app that is refused on suspicion only is said to be suspected") {
    api_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::instance_blocked, "gone");
    for (int n = 1; n <= 5; ++n) {
      w.request("PUT", "/v1/instances/2d2f5d2e-6f1a-4c38-9e0b-00000000000" + std::to_string(n), "",
                "{}");
    }
    auto const answer = w.get("/readyz");
    CHECK(answer.status == 503);
    CHECK_MESSAGE(answer.body.find("app main is suspected to be refused by Wix: many of its "
                                   "instances were refused in a row") != std::string::npos,
                  answer.body);
    auto const body = w.get("/v1/status").body;
    CHECK_MESSAGE(
        body.find(R"("refused":true,"suspected":true,"refusal":{"class":)") != std::string::npos,
        body);
  }
}

}  // namespace wixtokend::test
