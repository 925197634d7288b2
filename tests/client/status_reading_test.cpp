#include "wixtoken/detail/answers.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtoken::detail {
namespace {

answer reply(std::string const& apps) {
  answer out;
  out.status = 200;
  out.body = R"({"version":"0.1.0","uptime_seconds":5400,"ready":true,"instances":{"kept_warm":10,)"
             R"("usable":9},"connections":3,"connections_refused":1,"requests":71022,)"
             R"("requests_denied":2,"reload":{"at":7,"good":false,"reason":"line 3"},"apps":[)" +
             apps + "]}";
  return out;
}

constexpr char const* old_app =
    R"({"name":"main","instances":12,"kept_warm":10,"usable":9,"demand":0.5,"ceiling":50,)"
    R"("rate":25,"background_rate":5,"overloaded":false,"breaker":"open","paused_seconds":4,)"
    R"("in_flight":1,"waiting":2,"refused":true,"suspected":false,"refusal":{"class":)"
    R"("app_refused","status":401,"code":"invalid_client","message":"m","request_id":"r"}})";

TEST_SUITE("client.status_reading") {
  TEST_CASE("an older daemon's status has no survey") {
    auto const read = read_status(reply(old_app));
    REQUIRE(read.has_value());
    CHECK(read->version == "0.1.0");
    CHECK(read->usable == 9);
    CHECK(read->requests == 71022);
    REQUIRE(read->reload.has_value());
    CHECK(read->reload->reason == "line 3");
    REQUIRE(read->apps.size() == 1);
    auto const& app = read->apps[0];
    CHECK(app.demand == 0.5);
    CHECK(app.rate == 25);
    CHECK(app.breaker == "open");
    REQUIRE(app.refusal.has_value());
    CHECK(app.refusal->status == 401);
    CHECK_FALSE(app.by_state.has_value());
    CHECK_FALSE(app.overdue.has_value());
    CHECK_FALSE(app.budget.has_value());
    CHECK(app.last_errors.empty());
  }

  TEST_CASE("a newer one's has states, the outage budget and the latest failures") {
    auto const read = read_status(reply(
        R"({"name":"main","by_state":{"cold":1,"warm":2,"stale":3,"blocked":4,"app_refused":5,)"
        R"("idle":6},"overdue":0,"outage_budget_seconds":{"first":60,"p5":null,"p50":7200},)"
        R"("last_errors":[{"instance_id":"2d2f","at":9,"class":"throttled","status":429,)"
        R"("code":"c","message":"slow down"}]})"));
    REQUIRE(read.has_value());
    auto const& app = read->apps.at(0);
    REQUIRE(app.by_state.has_value());
    CHECK(app.by_state->stale == 3);
    CHECK(app.by_state->idle == 6);
    CHECK(app.overdue == 0);
    REQUIRE(app.budget.has_value());
    CHECK(app.budget->first == 60);
    CHECK_FALSE(app.budget->p5.has_value());
    CHECK(app.budget->p50 == 7200);
    REQUIRE(app.last_errors.size() == 1);
    CHECK(app.last_errors[0].instance_id == "2d2f");
    CHECK(app.last_errors[0].what.message == "slow down");
  }

  TEST_CASE("without its apps it is of another version") {
    answer got;
    got.status = 200;
    got.body = R"({"version":"9","uptime_seconds":1})";
    auto const read = read_status(got);
    REQUIRE(read.has_error());
    CHECK(read.error().code == "other_version");
    CHECK(read.error().description.find("apps") != std::string::npos);
  }
}

}  // namespace
}  // namespace wixtoken::detail
