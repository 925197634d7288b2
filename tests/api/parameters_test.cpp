#include "api/parameters.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::api {
namespace {

using namespace std::chrono_literals;

parameters one(std::string name, std::string value) {
  return {{std::move(name), std::move(value)}};
}

}  // namespace

TEST_SUITE("api.parameters") {
  TEST_CASE("known parameters may come, each once") {
    CHECK(allow_only({}, "").has_value());
    CHECK(allow_only({}, "wait").has_value());
    CHECK(allow_only(one("wait", "5"), "min_valid wait").has_value());
    CHECK(allow_only({{"wait", "5"}, {"min_valid", ""}}, "min_valid wait").has_value());
  }

  TEST_CASE("an unknown parameter is named in the problem") {
    auto const found = allow_only({{"wait", "5"}, {"Wait", "5"}}, "min_valid wait");
    REQUIRE(!found.has_value());
    CHECK(found.error().what == fault::unknown_parameter);
    CHECK(found.error().description == R"(The parameter "Wait" is not known to this call.)");
    CHECK(!allow_only(one("wai", ""), "min_valid wait").has_value());
    CHECK(!allow_only(one("min_valid wait", ""), "min_valid wait").has_value());
    CHECK(!allow_only(one("", ""), "min_valid wait").has_value());
    CHECK(!allow_only(one("", ""), "").has_value());
  }

  TEST_CASE("a parameter that is there twice is named in the problem") {
    auto const found = allow_only({{"wait", "5"}, {"wait", "5"}}, "wait");
    REQUIRE(!found.has_value());
    CHECK(found.error().what == fault::repeated_parameter);
    CHECK(found.error().description == R"(The parameter "wait" is there twice.)");
  }

  TEST_CASE("what a caller made of a name cannot break the text of the problem") {
    auto const found = allow_only(one("a\"\xc3\xa4" + std::string(500, 'x'), ""), "wait");
    REQUIRE(!found.has_value());
    CHECK(found.error().description.size() < 200);
    CHECK(found.error().description.starts_with(R"(The parameter "a\x22\xc3\xa4xxx)"));
  }

  TEST_CASE("seconds are decimal with up to three decimals") {
    auto const read = [](std::string const& text) {
      return read_seconds(one("wait", text), "wait", 5s, 60s);
    };
    auto const is = [&](std::string const& text, duration length) {
      auto const value = read(text);
      return value.has_value() && *value == length;
    };
    CHECK(is("0", 0s));
    CHECK(is("7", 7s));
    CHECK(is("007", 7s));
    CHECK(is("60", 60s));
    CHECK(is("60.000", 60s));
    CHECK(is("0.5", 500ms));
    CHECK(is("1.25", 1250ms));
    CHECK(is("1.050", 1050ms));
    CHECK(is("0.001", 1ms));
    for (auto const* const bad : {"",
                                  " 5",
                                  "5 ",
                                  "+5",
                                  "-1",
                                  "5s",
                                  "0x5",
                                  "1e1",
                                  "1.",
                                  ".5",
                                  "1.2345",
                                  "1.-5",
                                  "1.5.5",
                                  "1,5",
                                  "NaN",
                                  "inf",
                                  "61",
                                  "60.001",
                                  "99999999999999999999",
                                  "5\n"}) {
      auto const value = read(bad);
      REQUIRE_MESSAGE(!value.has_value(), std::string{bad});
      CHECK(value.error().what == fault::invalid_parameter);
      CHECK(value.error().description ==
            R"(The parameter "wait" is not a number of seconds from 0 to 60 with at most three )"
            "decimals.");
    }
  }

  TEST_CASE("an absent parameter has its default") {
    auto const seconds = read_seconds({}, "wait", 5s, 60s);
    REQUIRE(seconds.has_value());
    CHECK(*seconds == 5s);
    auto const number = read_number(one("other", "1"), "limit", 100, 1, 500);
    REQUIRE(number.has_value());
    CHECK(*number == 100);
    auto const flag = read_flag({}, "replace");
    REQUIRE(flag.has_value());
    CHECK(!*flag);
  }

  TEST_CASE("a number keeps to its bounds") {
    auto const read = [](std::string const& text) {
      return read_number(one("limit", text), "limit", 100, 1, 500);
    };
    REQUIRE(read("1").has_value());
    CHECK(*read("500") == 500);
    for (auto const* const bad : {"", "0", "501", "-1", "1.0", "abc", "18446744073709551617"}) {
      auto const value = read(bad);
      REQUIRE_MESSAGE(!value.has_value(), std::string{bad});
      CHECK(value.error().what == fault::invalid_parameter);
      CHECK(value.error().description ==
            R"(The parameter "limit" is not a whole number from 1 to 500.)");
    }
  }

  TEST_CASE("a flag is true or false in so many words") {
    REQUIRE(read_flag(one("replace", "true"), "replace").has_value());
    CHECK(*read_flag(one("replace", "true"), "replace"));
    CHECK(!*read_flag(one("replace", "false"), "replace"));
    for (auto const* const bad : {"", "1", "TRUE", "yes"}) {
      CHECK_MESSAGE(!read_flag(one("replace", bad), "replace").has_value(), std::string{bad});
    }
  }
}

}  // namespace wixtokend::api
