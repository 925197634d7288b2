#include "cli/time_text.hpp"

#include <doctest/doctest.h>

namespace wixtokend::cli {
namespace {

TEST_SUITE("cli.time_text") {
  TEST_CASE("lengths have their two greatest units") {
    CHECK(length_text(-5) == "0 s");
    CHECK(length_text(0) == "0 s");
    CHECK(length_text(59) == "59 s");
    CHECK(length_text(61) == "1 min");
    CHECK(length_text(3 * 3600 + 59 * 60 + 59) == "3 h 59 min");
    CHECK(length_text(7200) == "2 h");
    CHECK(length_text(2 * 86400 + 4 * 3600 + 1) == "2 d 4 h");
  }

  TEST_CASE("short ones never take more than six columns") {
    CHECK(short_length(45) == "45s");
    CHECK(short_length(12 * 60) == "12m");
    CHECK(short_length(3 * 3600 + 59 * 60) == "3h59m");
    CHECK(short_length(23 * 3600 + 59 * 60) == "23h59m");
    CHECK(short_length(99 * 86400 + 23 * 3600) == "99d23h");
    CHECK(short_length(100 * 86400 + 5 * 3600) == "100d");
    CHECK(short_length(INT64_MAX) == "99999d");
  }

  TEST_CASE("distances say in which direction") {
    CHECK(distance_text(160, 100) == "in 1 min");
    CHECK(distance_text(40, 100) == "1 min ago");
    CHECK(distance_text(100, 100) == "now");
    CHECK(distance_text(std::nullopt, 100) == "-");
  }

  TEST_CASE("dates are of UTC, whatever number comes") {
    CHECK(date_text(0) == "1970-01-01T00:00:00Z");
    CHECK(date_text(1767239939) == "2026-01-01T03:58:59Z");
    CHECK(date_text(-1) == "1970-01-01T00:00:00Z");
    CHECK(date_text(INT64_MAX) == "9999-12-31T23:59:59Z");
  }
}

}  // namespace
}  // namespace wixtokend::cli
