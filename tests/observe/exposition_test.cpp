#include "observe/exposition.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

using namespace wixtokend::observe;

namespace {

std::string page(exposition_format format) {
  exposition out{format};
  out.family(metric_kind::counter, "wt_requests", "Requests.");
  out.sample({{"call", "token"}, {"code", "200"}}, std::uint64_t{12});
  out.family(metric_kind::gauge, "wt_earliest_expiry_seconds", "The next \\ one\nto go.",
             "seconds");
  out.sample({{"app", "say \"hi\"\\\n"}}, 0.25);
  out.sample({}, std::numeric_limits<double>::infinity());
  return out.take();
}

}  // namespace

TEST_SUITE("observe.exposition") {
  TEST_CASE("Prometheus' own format names counters with their suffix") {
    CHECK(page(exposition_format::prometheus) ==
          "# HELP wt_requests_total Requests.\n"
          "# TYPE wt_requests_total counter\n"
          "wt_requests_total{call=\"token\",code=\"200\"} 12\n"
          "# HELP wt_earliest_expiry_seconds The next \\\\ one\\nto go.\n"
          "# TYPE wt_earliest_expiry_seconds gauge\n"
          "wt_earliest_expiry_seconds{app=\"say \\\"hi\\\"\\\\\\n\"} 0.25\n"
          "wt_earliest_expiry_seconds +Inf\n");
  }

  TEST_CASE("OpenMetrics names the family without it, and the unit, and ends") {
    CHECK(page(exposition_format::openmetrics) ==
          "# HELP wt_requests Requests.\n"
          "# TYPE wt_requests counter\n"
          "wt_requests_total{call=\"token\",code=\"200\"} 12\n"
          "# HELP wt_earliest_expiry_seconds The next \\\\ one\\nto go.\n"
          "# TYPE wt_earliest_expiry_seconds gauge\n"
          "# UNIT wt_earliest_expiry_seconds seconds\n"
          "wt_earliest_expiry_seconds{app=\"say \\\"hi\\\"\\\\\\n\"} 0.25\n"
          "wt_earliest_expiry_seconds +Inf\n"
          "# EOF\n");
  }

  TEST_CASE("a histogram's buckets add up") {
    std::array<double, 2> const bounds{0.5, 10};
    histogram seen{bounds};
    for (double const value : {0.25, 0.5, 3.0, 20.0}) seen.add(value);
    exposition out{exposition_format::prometheus};
    out.family(metric_kind::histogram, "wt_mint_duration_seconds", "Time.", "seconds");
    out.sample({{"app", "a"}}, seen);
    CHECK(out.take() ==
          "# HELP wt_mint_duration_seconds Time.\n"
          "# TYPE wt_mint_duration_seconds histogram\n"
          "wt_mint_duration_seconds_bucket{app=\"a\",le=\"0.5\"} 2\n"
          "wt_mint_duration_seconds_bucket{app=\"a\",le=\"10\"} 3\n"
          "wt_mint_duration_seconds_bucket{app=\"a\",le=\"+Inf\"} 4\n"
          "wt_mint_duration_seconds_sum{app=\"a\"} 23.75\n"
          "wt_mint_duration_seconds_count{app=\"a\"} 4\n");
  }

  TEST_CASE("a histogram of what is there now is one of its own in OpenMetrics only") {
    std::array<double, 1> const bounds{60};
    std::array<std::uint64_t, 2> const counts{2, 3};
    histogram seen{bounds};
    seen.assign(counts, 1000.5);
    auto const written = [&](exposition_format format) {
      exposition out{format};
      out.family(metric_kind::gauge_histogram, "wt_life_seconds", "Says \"life\".", "seconds");
      out.sample({}, seen);
      return out.take();
    };
    CHECK(written(exposition_format::prometheus) ==
          "# HELP wt_life_seconds Says \"life\".\n"
          "# TYPE wt_life_seconds histogram\n"
          "wt_life_seconds_bucket{le=\"60\"} 2\n"
          "wt_life_seconds_bucket{le=\"+Inf\"} 5\n"
          "wt_life_seconds_sum 1000.5\n"
          "wt_life_seconds_count 5\n");
    CHECK(written(exposition_format::openmetrics) ==
          "# HELP wt_life_seconds Says \\\"life\\\".\n"
          "# TYPE wt_life_seconds gaugehistogram\n"
          "# UNIT wt_life_seconds seconds\n"
          "wt_life_seconds_bucket{le=\"60\"} 2\n"
          "wt_life_seconds_bucket{le=\"+Inf\"} 5\n"
          "wt_life_seconds_gsum 1000.5\n"
          "wt_life_seconds_gcount 5\n"
          "# EOF\n");
  }

  TEST_CASE("OpenMetrics is chosen by those who name it") {
    using enum exposition_format;
    CHECK(choose_format("") == prometheus);
    CHECK(choose_format("*/*") == prometheus);
    CHECK(choose_format("text/plain;version=0.0.4") == prometheus);
    CHECK(choose_format("application/openmetrics-text;version=1.0.0,text/plain;q=0.5") ==
          openmetrics);
  }
}
