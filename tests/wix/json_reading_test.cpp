#include "wix/json_reading.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace wixtokend;
using wix::parse_object;

namespace {

std::string nested(unsigned depth) {
  std::string text;
  for (unsigned i = 0; i < depth; ++i) text += R"({"a":)";
  return text + "1" + std::string(depth, '}');
}

}  // namespace

TEST_SUITE("wix.json_reading") {
  TEST_CASE("an object is read, with blanks around it") {
    auto const object = parse_object(" {\"a\":\"x\",\"o\":{\"b\":1}}\r\n");
    REQUIRE(object.has_value());
    CHECK(wix::string_at(*object, "a") == "x");
    CHECK(wix::string_at(*object, "o").empty());
    CHECK(wix::string_at(*object, "absent").empty());
    CHECK(wix::object_at(*object, "o") != nullptr);
    CHECK(wix::object_at(*object, "a") == nullptr);
    CHECK(wix::object_at(*object, "absent") == nullptr);
  }

  TEST_CASE("what is not one JSON object is nothing") {
    for (std::string const text : {"",
                                   " ",
                                   "null",
                                   "[]",
                                   "\"{}\"",
                                   "1",
                                   "{",
                                   "{}{}",
                                   "{} x",
                                   "{'a':1}",
                                   "{\"a\":01}",
                                   "{\"a\":1,}",
                                   "{\"a\":\"\n\"}",
                                   "{\"a\":NaN}",
                                   "{\"a\":\"\\ud800\"}",
                                   "{\"a\":\"\xff\"}",
                                   "{\"a\":\"\xc0\xaf\"}",
                                   "\xef\xbb\xbf{}",
                                   "<html></html>",
                                   "{\"a\":1e999999999999999}"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_object(text).has_value());
    }
    CHECK_FALSE(parse_object(std::string_view{"{}\0", 3}).has_value());
  }

  TEST_CASE("nesting is read down to its limit and no further") {
    CHECK(parse_object(nested(wix::json_depth_max)).has_value());
    CHECK_FALSE(parse_object(nested(wix::json_depth_max + 1)).has_value());
    CHECK_FALSE(parse_object(nested(20000)).has_value());
  }

  TEST_CASE("of equal keys the last one counts") {
    auto const object = parse_object(R"({"a":"first","a":"last"})");
    REQUIRE(object.has_value());
    CHECK(wix::string_at(*object, "a") == "last");
  }

  TEST_CASE("numbers are read from numbers and from decimal strings") {
    auto const number = [](std::string const& json) {
      auto const object = parse_object("{\"n\":" + json + "}");
      REQUIRE(object.has_value());
      return wix::number_in(*object->if_contains("n"));
    };
    CHECK(number("14400") == 14400.0);
    CHECK(number("14400.0") == 14400.0);
    CHECK(number("1.44e4") == 14400.0);
    CHECK(number("-1") == -1.0);
    CHECK(number("18446744073709551615") > 1e19);
    CHECK(number("\"14400\"") == 14400.0);
    CHECK(number("\"14400.5\"") == 14400.5);
    CHECK(number("\"-3\"") == -3.0);
    auto const beyond = number("1e400");
    REQUIRE(beyond.has_value());
    CHECK(std::isinf(*beyond));
    for (std::string const json :
         {"0e400", "null", "true", "[]", "{}", "\"\"", "\" 1\"", "\"1 \"", "\"+1\"", "\"1e4\"",
          "\"0x10\"", "\"inf\"", "\"-inf\"", "\"nan\"", "\"1,5\"", "\"14400s\"", "\"1\\u0000\""}) {
      CAPTURE(json);
      CHECK_FALSE(number(json).has_value());
    }
    CHECK_FALSE(number("\"" + std::string(400, '9') + "\"").has_value());
  }

  TEST_CASE("Unix seconds are read within the years that have four digits") {
    auto const object =
        parse_object(R"({"n":1715096067,"s":"1715096067","f":1715096067.9,"z":0,"neg":-1,)"
                     R"("ms":1715096067000000,"huge":1e300,"null":null,"word":"soon"})");
    REQUIRE(object.has_value());
    for (auto const* const key : {"n", "s", "f"}) {
      CHECK(wix::unix_seconds_at(*object, key) == 1715096067);
    }
    CHECK(wix::unix_seconds_at(*object, "z") == 0);
    for (auto const* const key : {"neg", "ms", "huge", "null", "word", "absent"}) {
      CAPTURE(std::string{key});
      CHECK_FALSE(wix::unix_seconds_at(*object, key).has_value());
    }
  }
}
