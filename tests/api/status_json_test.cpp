#include "api/status_json.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <regex>
#include <sstream>

using namespace wixtokend;
using namespace std::chrono_literals;

namespace {

constexpr instant now{100h};

core::app_survey const nothing;
std::deque<service::failed_attempt> const no_failures;

std::string app_status_json(std::string_view name, core::app_view const& seen,
                            core::app_survey const& surveyed = nothing,
                            std::deque<service::failed_attempt> const& failures = no_failures) {
  api::app_status const app{name, seen, surveyed, failures};
  return api::app_status_json(app, now);
}

constexpr auto nothing_surveyed =
    R"("by_state":{"cold":0,"warm":0,"stale":0,"blocked":0,"app_refused":0,"idle":0},)"
    R"("overdue":0,"outage_budget_seconds":{"first":)";

}  // namespace

TEST_SUITE("api.status_json") {
  TEST_CASE("an app at rest") {
    core::app_view seen;
    seen.ceiling = 50;
    seen.rate = 50;
    seen.background_rate = 5;
    CHECK(app_status_json("main", seen) ==
          R"({"name":"main","instances":0,"kept_warm":0,"usable":0,"demand":0,"ceiling":50,)"
          R"("rate":50,"background_rate":5,"overloaded":false,"breaker":"closed",)"
          R"("paused_seconds":0,"in_flight":0,"waiting":0,"refused":false,"suspected":false,)"
          R"("refusal":null,)" +
              std::string{nothing_surveyed} + R"(null,"p5":null,"p50":null},"last_errors":[]})");
  }

  TEST_CASE("an app in every trouble at once") {
    core::failure why;
    why.kind = core::failure_class::app_refused;
    why.status = 401;
    why.code = "invalid_client";
    why.message = "say \"please\"\n";
    why.request_id = "1767.1";
    core::app_view seen;
    seen.instances = 1'000'000;
    seen.kept_warm = 999'999;
    seen.usable = 12;
    seen.demand = 92.5925925;
    seen.ceiling = 100;
    seen.rate = 12.5;
    seen.background_rate = 12.5;
    seen.breaker = core::breaker_state::half_open;
    seen.paused_until = now + 1500ms;
    seen.in_flight = 1;
    seen.queued = {4, 1, 2, 0};
    seen.refusal = &why;
    seen.suspected = true;
    CHECK(app_status_json("a", seen) ==
          R"({"name":"a","instances":1000000,"kept_warm":999999,"usable":12,"demand":92.6,)"
          R"("ceiling":100,"rate":12.5,"background_rate":12.5,"overloaded":true,)"
          R"("breaker":"half_open","paused_seconds":2,"in_flight":1,"waiting":7,"refused":true,)"
          R"("suspected":true,"refusal":{"class":"app_refused","status":401,)"
          R"("code":"invalid_client","message":"say \"please\"\n","request_id":"1767.1"},)" +
              std::string{nothing_surveyed} + R"(0,"p5":0,"p50":0},"last_errors":[]})");
  }

  TEST_CASE("what a survey has found, and what has failed of late") {
    core::app_survey surveyed;
    surveyed.by_state = {1, 20, 3, 4, 5, 6};
    surveyed.overdue = 2;
    surveyed.shortest = 119'999ms;
    for (int n = 0; n < 20; ++n) surveyed.usable.add(n == 0 ? duration{120s} : duration{1h});
    core::failure why;
    why.status = 503;
    why.code = "busy";
    instance_id const id = *instance_id::parse("2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55");
    std::deque<service::failed_attempt> const failures{{id, wall_time{1'700'000'000'900ms}, why},
                                                       {id, wall_time{1'600'000'000s}, {}}};
    auto const text = app_status_json("a", {}, surveyed, failures);
    std::string const end =
        R"("by_state":{"cold":1,"warm":20,"stale":3,"blocked":4,"app_refused":5,"idle":6},)"
        R"("overdue":2,"outage_budget_seconds":{"first":119,"p5":117,"p50":3596},"last_errors":[)"
        R"({"instance_id":"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55","at":1700000000,)"
        R"("class":"transient","status":503,"code":"busy","message":"","request_id":""},)"
        R"({"instance_id":"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55","at":1600000000,)"
        R"("class":"transient","status":0,"code":"","message":"","request_id":""}]})";
    CHECK_MESSAGE(text.ends_with(end), text);
  }

  TEST_CASE("a pause that is over is none, and one that is nearly over is one") {
    core::app_view seen;
    auto const shows = [&](char const* text) {
      return app_status_json("a", seen).find(text) != std::string::npos;
    };
    seen.paused_until = now;
    CHECK(shows(R"("paused_seconds":0,)"));
    seen.paused_until = now + 1ns;
    CHECK(shows(R"("paused_seconds":1,)"));
    seen.paused_until = now + 60s;
    CHECK(shows(R"("paused_seconds":60,)"));
  }

  TEST_CASE("docs/api.md describes every member of an app's status") {
    std::ifstream file{WIXTOKEND_SOURCE_DIR "/docs/api.md"};
    std::stringstream page;
    page << file.rdbuf();
    core::failure const why;
    core::app_view seen;
    seen.refusal = &why;
    std::deque<service::failed_attempt> const failures{{}};
    auto const status = app_status_json("a", seen, nothing, failures);
    std::regex const member{"\"([a-z_]+)\":"};
    int members = 0;
    for (std::sregex_iterator at{status.begin(), status.end(), member}, end; at != end; ++at) {
      CHECK_MESSAGE(page.str().find('`' + (*at)[1].str() + '`') != std::string::npos,
                    (*at)[1].str());
      ++members;
    }
    CHECK(members == 39);
  }
}
