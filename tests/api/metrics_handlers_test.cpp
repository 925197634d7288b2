#include "support/api_world.hpp"
#include "support/scripted_audit.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace wixtokend::test {
namespace {

std::string page(api_world& w, std::string const& headers = {}) {
  auto const answer = w.get("/metrics", headers);
  REQUIRE(answer.status == 200);
  return answer.body;
}

// The value of a series, as it is written; "-" if there is none.
std::string value_of(std::string const& page, std::string const& series) {
  auto const at = ('\n' + page).find('\n' + series + ' ');
  if (at == std::string::npos) return "-";
  auto const begin = at + series.size() + 1;
  return page.substr(begin, page.find('\n', begin) - begin);
}

bool has(std::string const& page, std::string const& text) {
  return page.find(text) != std::string::npos;
}

}  // namespace

TEST_SUITE("api.metrics_handlers") {
  TEST_CASE("both formats are served, by what the scraper takes") {
    api_world w;
    auto const plain = w.get("/metrics");
    CHECK(header_of(plain, "Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(has(plain.body, "# TYPE wixtokend_requests_total counter\n"));
    auto const open = w.get("/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
    CHECK(header_of(open, "Content-Type") ==
          "application/openmetrics-text; version=1.0.0; charset=utf-8");
    CHECK(has(open.body, "# TYPE wixtokend_requests counter\n"));
    CHECK(open.body.ends_with("\n# EOF\n"));
  }

  TEST_CASE("what callers did and what it came to") {
    api_world w;
    w.issuer.latency = 100ms;
    auto& cold = w.connect();
    cold.send(request_text("GET", instance_path("/token")));
    auto const waits = page(w);
    CHECK(value_of(waits, "wixtokend_waiting_callers") == "1");
    CHECK(value_of(waits, R"(wixtokend_mints_in_flight{app="main"})") == "1");
    w.time.advance(100ms);
    w.get(instance_path("/token"));
    w.get("/nowhere");
    w.request("GET", instance_path("/token"), "", "", 77);
    w.request("POST", instance_path("/token/reject"), "", R"({"generation":1})");
    w.time.advance(1s);

    auto const seen = page(w);
    std::string const token = R"(wixtokend_requests_total{method="GET",)"
                              R"(route="/v1/instances/{id}/token",code=)";
    CHECK(value_of(seen, token + "\"200\"}") == "2");
    CHECK(value_of(seen, token + "\"403\"}") == "1");
    CHECK(value_of(seen, R"(wixtokend_requests_total{method="",route="",code="404"})") == "1");
    CHECK(value_of(seen, "wixtokend_access_denied_total") == "1");
    CHECK(value_of(seen, R"(wixtokend_token_lookups_total{app="main",cache="miss"})") == "1");
    CHECK(value_of(seen, R"(wixtokend_token_lookups_total{app="main",cache="hit"})") == "2");
    CHECK(value_of(seen, R"(wixtokend_rejections_total{app="main",outcome="superseded"})") == "1");
    std::string const mints = R"(wixtokend_mints_total{app="main",lane="waited_for",result=)";
    CHECK(value_of(seen, mints + "\"minted\"}") == "1");
    CHECK(value_of(seen, mints + "\"transient\"}") == "0");
    CHECK(value_of(seen, R"(wixtokend_mint_duration_seconds_bucket{app="main",le="0.05"})") == "0");
    CHECK(value_of(seen, R"(wixtokend_mint_duration_seconds_bucket{app="main",le="0.1"})") == "1");
    CHECK(value_of(seen, "wixtokend_waiting_callers") == "0");
  }

  TEST_CASE("what tokens there are, and how long they last") {
    api_world w;
    w.request("PUT", instance_path(), "", "{}");
    auto const seen = page(w);
    CHECK(value_of(seen, R"(wixtokend_instances{app="main",state="warm"})") == "1");
    CHECK(value_of(seen, R"(wixtokend_instances{app="blog",state="warm"})") == "0");
    CHECK(value_of(seen, R"(wixtokend_usable_instances{app="main"})") == "1");
    // Four hours, less the margin of a minute.
    CHECK(value_of(seen, R"(wixtokend_earliest_expiry_seconds{app="main"})") == "14340");
    CHECK(value_of(seen, R"(wixtokend_outage_budget_seconds{app="main",lapsed="first"})") ==
          "14340");
    CHECK(value_of(seen, R"(wixtokend_outage_budget_seconds{app="blog",lapsed="first"})") == "-");
    CHECK(value_of(seen, R"(wixtokend_remaining_life_seconds_bucket{app="main",le="7200"})") ==
          "0");
    CHECK(value_of(seen, R"(wixtokend_remaining_life_seconds_bucket{app="main",le="43200"})") ==
          "1");
    CHECK(value_of(seen, R"(wixtokend_remaining_life_seconds_count{app="main"})") == "1");
    CHECK(value_of(seen, R"(wixtokend_upstream_ceiling_rate{app="main"})") == "50");
    CHECK(value_of(seen, R"(wixtokend_breaker_state{app="main",state="closed"})") == "1");
    CHECK(value_of(seen, R"(wixtokend_overdue_refreshes{app="main"})") == "0");
  }

  TEST_CASE("an outage shows in the budget and in overdue refreshes") {
    api_world w;
    w.request("PUT", instance_path(), "", "{}");
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.time.advance(3h + 58min);
    auto const late = page(w);
    CHECK(value_of(late, R"(wixtokend_overdue_refreshes{app="main"})") == "1");
    CHECK(value_of(late, R"(wixtokend_instances{app="main",state="stale"})") == "1");
    CHECK(value_of(late, R"(wixtokend_outage_budget_seconds{app="main",lapsed="first"})") == "60");
    w.time.advance(2min);
    auto const over = page(w);
    CHECK(value_of(over, R"(wixtokend_outage_budget_seconds{app="main",lapsed="0.5"})") == "0");
  }

  TEST_CASE("many failures show in the breaker") {
    api_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    for (int n = 1; n <= 5; ++n) {
      w.request("PUT", "/v1/instances/2d2f5d2e-6f1a-4c38-9e0b-00000000000" + std::to_string(n), "",
                "{}");
    }
    auto const seen = page(w);
    CHECK(value_of(seen, R"(wixtokend_breaker_state{app="main",state="open"})") == "1");
    CHECK(value_of(seen, R"(wixtokend_breaker_state{app="main",state="closed"})") == "0");
  }

  TEST_CASE("a refused app, a pause and a wrong clock") {
    api_world w;
    w.issuer.offset = 90s;
    auto refused = scripted_issuer::failure_of(core::failure_class::app_refused, "invalid_client");
    w.issuer.fails = refused;
    auto throttled = scripted_issuer::failure_of(core::failure_class::throttled, "slow_down");
    throttled.retry_after = 60s;
    w.blog_issuer.fails = throttled;
    w.request("PUT", instance_path(), "", "{}");
    w.request("PUT", "/v1/apps/blog/instances/" + std::string{sample_id}, "", "{}");
    auto const seen = page(w);
    CHECK(value_of(seen, R"(wixtokend_app_refused{app="main"})") == "1");
    CHECK(value_of(seen, R"(wixtokend_app_suspected{app="main"})") == "0");
    CHECK(value_of(seen, R"(wixtokend_upstream_clock_offset_seconds{app="main"})") == "90");
    CHECK(value_of(seen, R"(wixtokend_upstream_clock_offset_seconds{app="blog"})") == "-");
    CHECK(value_of(seen, "wixtokend_ready") == "0");
  }

  TEST_CASE("the store is spoken of where there is one") {
    api_world without;
    CHECK_FALSE(has(page(without), "wixtokend_store"));
    durable_api_world w;
    w.request("PUT", instance_path(), "", "{}");
    auto const seen = page(w);
    CHECK(value_of(seen, "wixtokend_store_failing") == "0");
    CHECK(value_of(seen, "wixtokend_store_commit_failures_total") == "0");
    CHECK(value_of(seen, "wixtokend_store_commit_duration_seconds_count") != "0");
  }

  TEST_CASE("the daemon itself: version, reloads, lag, process") {
    api_world w;
    auto const seen = page(w);
    CHECK(value_of(seen, R"(wixtokend_build_info{version="1.2.3"})") == "1");
    CHECK(value_of(seen, "wixtokend_config_last_reload_successful") == "1");
    CHECK(value_of(seen, "wixtokend_config_last_reload_timestamp_seconds") == "-");
    CHECK(value_of(seen, "wixtokend_connections") == "1");
    CHECK(value_of(seen, "process_open_fds") != "-");
    CHECK(value_of(seen, "process_resident_memory_bytes") != "-");

    w.server.note_reload({false, "bad"});
    auto& idle = w.connect();
    w.time.advance(6s);  // past a sweep
    auto const later = page(w);
    CHECK(value_of(later, "wixtokend_config_last_reload_successful") == "0");
    CHECK(value_of(later, "wixtokend_config_last_reload_timestamp_seconds") != "-");
    CHECK(value_of(later, "wixtokend_event_loop_lag_seconds_count") != "0");
    idle.leave();
  }

  TEST_CASE("how the audit log does") {
    scripted_audit audit;
    audit.says = {5, 2, 1, false, make_error_code(boost::system::errc::no_space_on_device)};
    auto settings = api_world::default_settings();
    settings.audit = &audit;
    api_world w{{}, settings};
    auto const seen = page(w);
    CHECK(value_of(seen, "wixtokend_audit_records_total") == "5");
    CHECK(value_of(seen, "wixtokend_audit_lost_total") == "2");
    CHECK(value_of(seen, "wixtokend_audit_refused_total") == "1");
    CHECK(value_of(seen, "wixtokend_audit_failing") == "1");
    api_world without;
    CHECK(value_of(page(without), "wixtokend_audit_failing") == "-");
  }

  TEST_CASE("it takes the role status") {
    api_world w;
    CHECK(w.request("GET", "/metrics", "", "", 77).status == 403);
    auto& reader = w.connect(1000, static_cast<core::role_set>(core::role::read));
    reader.send(request_text("GET", "/metrics"));
    CHECK(reader.take().status == 403);
  }

  TEST_CASE("docs/metrics.md describes every family, and no other") {
    scripted_audit audit;
    auto settings = api_world::default_settings();
    settings.audit = &audit;
    api_world w{{}, settings, true};
    w.issuer.offset = 1s;
    w.server.note_reload({});
    w.request("PUT", instance_path(), "", "{}");
    std::set<std::string> written;
    std::istringstream lines{page(w)};
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("# TYPE ")) written.insert(line.substr(7, line.find(' ', 7) - 7));
    }
    std::ifstream file{WIXTOKEND_SOURCE_DIR "/docs/metrics.md"};
    REQUIRE(file.good());
    std::set<std::string> described;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("| `")) described.insert(line.substr(3, line.find('`', 3) - 3));
    }
    CHECK(written == described);
  }
}

}  // namespace wixtokend::test
