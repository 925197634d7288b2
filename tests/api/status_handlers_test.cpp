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
    CHECK(w.get("/v1/status").body ==
          R"({"version":"1.2.3","uptime_seconds":90,"ready":true,"apps":[{"name":"main",)"
          R"("refused":false},{"name":"blog","refused":false}],"instances":{"kept_warm":1,)"
          R"("usable":1},"connections":1,"connections_refused":0,"requests":4,)"
          R"("requests_denied":1})");
  }
}

}  // namespace wixtokend::test
