#include "cli/seconds_text.hpp"

#include <doctest/doctest.h>

#include <string_view>

namespace wixtokend::cli {
namespace {

using namespace std::chrono_literals;

TEST_SUITE("cli.seconds_text") {
  TEST_CASE("a bare number is of seconds, a unit says otherwise") {
    CHECK(parse_length("30") == 30s);
    CHECK(parse_length("0.5") == 500ms);
    CHECK(parse_length("30s") == 30s);
    CHECK(parse_length("250ms") == 250ms);
    CHECK(parse_length("5m") == 5min);
    CHECK(parse_length("1.5h") == 90min);
    CHECK(parse_length("0") == 0s);
  }

  TEST_CASE("anything else is no length") {
    for (std::string_view const text : {"", "s", "-1", "+1", "1 s", "1x", "1.", ".5", "1.0001",
                                        "1e3", "99999999999999999999", "9999999h"}) {
      CHECK_MESSAGE(!parse_length(text).has_value(), text);
    }
  }
}

}  // namespace
}  // namespace wixtokend::cli
