#include "daemon/duration_text.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE("daemon.duration_text") {
  TEST_CASE("each unit, alone and in order, is understood") {
    struct row {
      char const* text;
      duration length;
    };
    for (auto const& one :
         {row{"30s", 30s}, row{"5m", 5min}, row{"1h", 1h}, row{"250ms", 250ms}, row{"1h30m", 90min},
          row{"1h30m5s250ms", 1h + 30min + 5s + 250ms}, row{"1h250ms", 1h + 250ms}, row{"0s", 0s},
          row{"0ms", 0s}, row{"007s", 7s}, row{"90m", 90min}, row{"86400s", 24h},
          row{"87600h", duration_text_max}, row{"87599h60m", duration_text_max}}) {
      auto const read = parse_duration(one.text);
      REQUIRE_MESSAGE(read.has_value(), one.text);
      CHECK_MESSAGE(*read == one.length, one.text);
    }
  }

  TEST_CASE("whatever else is refused") {
    for (auto const* const text :
         {"",     " ",    "5",    "s",    "ms",     "h",    "-5s",  "+5s",  "5 s",   " 5s", "5s ",
          "5S",   "5sec", "5d",   "1.5h", "1,5h",   "5m1h", "1s1s", "1h1h", "1ms1s", "5s5", "1h30",
          "0x5s", "5\n",  "5s\n", "٥s",   "1h 30m", "s5",   "1e3s", "5ns",  "5us",   "5µs"}) {
      CHECK_MESSAGE(!parse_duration(text).has_value(), text);
    }
    CHECK(!parse_duration(std::string_view{"5s\0", 3}).has_value());
  }

  TEST_CASE("what is longer than ten years is refused without overflow") {
    for (auto const* const text :
         {"87600h1ms", "87601h", "5256001m", "315360001s", "315360000001ms",
          "18446744073709551615h", "18446744073709551616h", "99999999999999999999999999s",
          "9223372036854775807ms"}) {
      CHECK_MESSAGE(!parse_duration(text).has_value(), text);
    }
  }

  TEST_CASE("durations are written in the same form") {
    CHECK(format_duration(0s) == "0s");
    CHECK(format_duration(30s) == "30s");
    CHECK(format_duration(90min) == "1h30m");
    CHECK(format_duration(250ms) == "250ms");
    CHECK(format_duration(24h) == "24h");
    CHECK(format_duration(1h + 1ms) == "1h1ms");
    CHECK(format_duration(1500us) == "1ms");
  }

  TEST_CASE("what is written reads back as the same") {
    for (std::int64_t count = 1; count < 400'000'000'000; count = count * 3 + 7) {
      auto const length = std::chrono::milliseconds{count};
      if (length > duration_text_max) break;
      auto const read = parse_duration(format_duration(length));
      REQUIRE(read.has_value());
      CHECK(*read == length);
    }
  }
}
