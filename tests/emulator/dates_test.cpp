#include "emulator/dates.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::emulator;
using std::chrono::milliseconds;

TEST_SUITE("emulator.dates") {
  TEST_CASE("dates in tokens have milliseconds") {
    CHECK(iso8601(wall_time{milliseconds{1'795'435'200'007}}) == "2026-11-23T12:00:00.007Z");
    CHECK(iso8601(wall_time{}) == "1970-01-01T00:00:00.000Z");
    CHECK(iso8601(wall_time{milliseconds{1'709'251'199'999}}) == "2024-02-29T23:59:59.999Z");
  }

  TEST_CASE("dates in headers are in the preferred form of HTTP") {
    // The example of RFC 9110 section 5.6.7.
    CHECK(http_date(wall_time{milliseconds{784'111'777'000}}) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(http_date(wall_time{milliseconds{1'795'435'200'999}}) == "Mon, 23 Nov 2026 12:00:00 GMT");
    CHECK(http_date(wall_time{milliseconds{1'735'603'200'000}}) == "Tue, 31 Dec 2024 00:00:00 GMT");
  }
}
