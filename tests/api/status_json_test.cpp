#include "api/status_json.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <regex>
#include <sstream>

using namespace wixtokend;
using namespace std::chrono_literals;
using api::app_status_json;

namespace {

constexpr instant now{100h};

}  // namespace

TEST_SUITE("api.status_json") {
  TEST_CASE("an app at rest") {
    core::app_view seen;
    seen.ceiling = 50;
    seen.rate = 50;
    seen.background_rate = 5;
    CHECK(app_status_json("main", seen, now) ==
          R"({"name":"main","instances":0,"kept_warm":0,"usable":0,"demand":0,"ceiling":50,)"
          R"("rate":50,"background_rate":5,"overloaded":false,"breaker":"closed",)"
          R"("paused_seconds":0,"in_flight":0,"waiting":0,"refused":false,"suspected":false,)"
          R"("refusal":null})");
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
    seen.waiting = 7;
    seen.refusal = &why;
    seen.suspected = true;
    CHECK(app_status_json("a", seen, now) ==
          R"({"name":"a","instances":1000000,"kept_warm":999999,"usable":12,"demand":92.6,)"
          R"("ceiling":100,"rate":12.5,"background_rate":12.5,"overloaded":true,)"
          R"("breaker":"half_open","paused_seconds":2,"in_flight":1,"waiting":7,"refused":true,)"
          R"("suspected":true,"refusal":{"class":"app_refused","status":401,)"
          R"("code":"invalid_client","message":"say \"please\"\n","request_id":"1767.1"}})");
  }

  TEST_CASE("a pause that is over is none, and one that is nearly over is one") {
    core::app_view seen;
    auto const shows = [&](char const* text) {
      return app_status_json("a", seen, now).find(text) != std::string::npos;
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
    auto const status = app_status_json("a", seen, now);
    std::regex const member{"\"([a-z_]+)\":"};
    int members = 0;
    for (std::sregex_iterator at{status.begin(), status.end(), member}, end; at != end; ++at) {
      CHECK_MESSAGE(page.str().find('`' + (*at)[1].str() + '`') != std::string::npos,
                    (*at)[1].str());
      ++members;
    }
    CHECK(members == 21);
  }
}
