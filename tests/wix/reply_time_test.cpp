#include "wix/reply_time.hpp"

#include "support/wix_samples.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace std::chrono_literals;

namespace {

constexpr wall_time local_now{std::chrono::seconds{test::sample_now}};

std::optional<std::int64_t> date(std::string_view text) {
  auto const read = wix::parse_http_date(text);
  if (!read.has_value()) return std::nullopt;
  return read->time_since_epoch().count();
}

std::optional<duration> wait(std::string value, std::string date_header = {}) {
  http::fields headers;
  headers.add("retry-after", std::move(value));
  if (!date_header.empty()) headers.add("date", std::move(date_header));
  return wix::retry_after(headers, local_now);
}

http::fields dated(std::string date_header) {
  http::fields headers;
  headers.add("Date", std::move(date_header));
  return headers;
}

}  // namespace

TEST_SUITE("wix.reply_time") {
  TEST_CASE("the three forms of an HTTP date are read") {
    CHECK(date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
    CHECK(date("Sunday, 06-Nov-94 08:49:37 GMT") == 784111777);
    CHECK(date("Sun Nov  6 08:49:37 1994") == 784111777);
    CHECK(date("Wed Nov 16 08:49:37 1994") == 784975777);
    CHECK(date("Thursday, 01-Jan-26 00:00:00 GMT") == 1767225600);
    CHECK(date("Thu, 29 Feb 2024 23:59:60 GMT") == 1709251200);
    CHECK(date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
    CHECK(date(test::sample_date) == test::sample_now);
  }

  TEST_CASE("what is no HTTP date is refused") {
    for (std::string const text : {"",
                                   "Sun",
                                   "Sun, 06 Nov 1994 08:49:37",
                                   "Sun, 06 Nov 1994 08:49:37 UTC",
                                   "Sun, 06 Nov 1994 08:49:37 GMT ",
                                   " Sun, 06 Nov 1994 08:49:37 GMT",
                                   "Sun, 6 Nov 1994 08:49:37 GMT",
                                   "Sun, 31 Feb 1994 08:49:37 GMT",
                                   "Sun, 00 Nov 1994 08:49:37 GMT",
                                   "Sun, 06 Nov 1994 24:00:00 GMT",
                                   "Sun, 06 Nov 1994 08:60:00 GMT",
                                   "Sun, 06 Nov 1994 08:49:61 GMT",
                                   "Sun, 06 nov 1994 08:49:37 GMT",
                                   "Som, 06 Nov 1994 08:49:37 GMT",
                                   "Sun, 06 Nov 94 08:49:37 GMT",
                                   "Sun, -6 Nov 1994 08:49:37 GMT",
                                   "Sunday, 06-Nov-1994 08:49:37 GMT",
                                   "Sun Nov 06 08:49:37 94",
                                   "1994-11-06T08:49:37Z",
                                   "784111777",
                                   "Sun, 06 Nov 1994 +8:49:37 GMT"}) {
      CAPTURE(text);
      CHECK_FALSE(date(text).has_value());
    }
  }

  TEST_CASE("Retry-After in seconds is honoured up to an hour") {
    CHECK(wait("1") == duration{1s});
    CHECK(wait("120") == duration{120s});
    CHECK(wait("3600") == duration{1h});
    CHECK(wait("3601") == duration{1h});
    CHECK(wait("99999999999999999999999999") == duration{1h});
  }

  TEST_CASE("Retry-After as a date is measured against the reply's own clock") {
    CHECK(wait("Sun, 06 Nov 2022 08:50:37 GMT") == duration{1min});  // no Date: the local clock
    CHECK(wait("Sun, 06 Nov 2022 10:50:37 GMT") == duration{1h});
    CHECK(wait("Sun, 06 Nov 2022 08:50:37 GMT", "Sun, 06 Nov 2022 08:50:27 GMT") == duration{10s});
    CHECK(wait("Sun Nov  6 08:50:37 2022") == duration{1min});
    CHECK(wait("Sun, 06 Nov 2022 08:50:37 GMT", "rubbish") == duration{1min});
  }

  TEST_CASE("a past, zero or broken Retry-After is as absent") {
    for (std::string const text :
         {"0", "000", "", "-1", "+1", "1.5", "1s", "soon", "0x10", "1, 2",
          "Sun, 06 Nov 2022 08:49:37 GMT", "Sun, 06 Nov 2022 08:00:00 GMT",
          "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 2023 00:00:00 GMT"}) {
      CAPTURE(text);
      CHECK_FALSE(wait(text).has_value());
    }
    CHECK_FALSE(wix::retry_after(http::fields{}, local_now).has_value());
  }

  TEST_CASE("the upstream's clock is Date, and Age later if a cache kept the reply (U-12)") {
    auto headers = dated(std::string{test::sample_date});
    auto const seconds = [](http::fields const& from) {
      auto const read = wix::upstream_clock(from);
      return read.has_value() ? read->time_since_epoch().count() : -1;
    };
    CHECK(seconds(headers) == test::sample_now);
    headers.add("Age", "61200");
    CHECK(seconds(headers) == test::sample_now + 61200);
    for (auto const* const age : {"", "-5", "many", "99999999999999999999"}) {
      auto odd = dated(std::string{test::sample_date});
      odd.add("Age", age);
      CHECK(seconds(odd) == test::sample_now);
    }
    CHECK(seconds(http::fields{}) == -1);
    CHECK(seconds(dated("yesterday")) == -1);
  }

  TEST_CASE("the clock's offset has a sign: positive if the local clock is ahead (U-20)") {
    CHECK(wix::clock_offset(dated(std::string{test::sample_date}), local_now) == 0s);
    CHECK(wix::clock_offset(dated("Sun, 06 Nov 2022 08:48:00 GMT"), local_now) == 97s);
    CHECK(wix::clock_offset(dated("Sun, 06 Nov 2022 08:50:00 GMT"), local_now) == -23s);
    CHECK_FALSE(wix::clock_offset(http::fields{}, local_now).has_value());
  }
}
