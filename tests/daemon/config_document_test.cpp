#include "daemon/config_document.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace wixtokend::daemon;

std::string problem_of(std::string_view text) {
  auto const outcome = parse_document(text);
  auto const* const problem = std::get_if<config_problem>(&outcome);
  return problem == nullptr ? "fine" : to_text("f", *problem);
}

}  // namespace

TEST_SUITE("daemon.config_document") {
  TEST_CASE("values keep their types and places") {
    auto const outcome = parse_document("[a]\nb = true\n\n[[c]]\nd = [1, 2.5,\n 'x']\n");
    REQUIRE(std::holds_alternative<config_table>(outcome));
    auto const& root = std::get<config_table>(outcome);
    REQUIRE(root.size() == 2);

    CHECK(root[0].key == "a");
    auto const& a = std::get<config_table>(root[0].value.data);
    CHECK(a[0].key == "b");
    CHECK(a[0].where == config_position{2, 1});
    CHECK(a[0].value.where == config_position{2, 5});
    CHECK(std::get<bool>(a[0].value.data));

    CHECK(root[1].key == "c");
    auto const& list = std::get<config_list>(root[1].value.data);
    REQUIRE(list.size() == 1);
    CHECK(list[0].where == config_position{4, 1});
    auto const& d = std::get<config_list>(std::get<config_table>(list[0].data)[0].value.data);
    CHECK(std::get<std::int64_t>(d[0].data) == 1);
    CHECK(std::get<double>(d[1].data) == 2.5);
    CHECK(std::get<std::string>(d[2].data) == "x");
    CHECK(d[2].where == config_position{6, 2});
  }

  TEST_CASE("types are named as people call them") {
    auto const outcome = parse_document("k = [true, 1, 1.5, 's', [], {}, 2026-01-31, 12:00:00]");
    auto const& list = std::get<config_list>(std::get<config_table>(outcome).front().value.data);
    char const* const names[]{"a boolean",      "an integer",    "a number with a fraction",
                              "a string",       "an array",      "a table",
                              "a date or time", "a date or time"};
    REQUIRE(list.size() == 8);
    for (std::size_t i = 0; i < list.size(); ++i) CHECK(type_name(list[i]) == names[i]);
  }

  TEST_CASE("text that is not TOML is a problem with a place and a reason") {
    CHECK(problem_of("a = 1\nb = \n") ==
          "f:2:5: this is not TOML, in key-value pair: expected value");
    CHECK(problem_of("[a\n").starts_with("f:1:"));
    CHECK(problem_of("a = 1\na = 2\n").find("cannot redefine existing integer 'a'") !=
          std::string::npos);
    CHECK(problem_of("a = \"\xff\"\n").starts_with("f:1:"));
    CHECK(problem_of("") == "fine");
  }

  TEST_CASE("a reason never repeats what stands in the file") {
    // A secret put where it does not belong, without quotes, or with an unfinished string.
    for (auto const* const secret :
         {"8F2c0d3e-5a1b", "true-or-false-8F2c", "1e8F2c0d3e", "1_0__8F2c", "0x8F2c_zz",
          "999999999999999999999999", "1e999", "inf8F2c", "2026-8F2c", "\"8F2c\\q0d3e\"", "\"8F2c",
          "'8F2c", "\"\"\"8F2c", "[8F2c", "{8F2c", "\"\\u8F2c\\uzzzz\""}) {
      auto const text = problem_of(std::string{"app_secret = "} + secret + "\n");
      CHECK_MESSAGE(text.starts_with("f:"), text);
      CHECK_MESSAGE(text.find("8F2c") == std::string::npos, text);
      CHECK_MESSAGE(text.find("99999") == std::string::npos, text);
      CHECK_MESSAGE(text.find("e999") == std::string::npos, text);
    }
  }

  TEST_CASE("deep nesting is a problem, not a crash") {
    std::string const deep = "a = " + std::string(100'000, '[');
    CHECK(problem_of(deep).starts_with("f:1:"));
  }
}
