#include "emulator/form.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;

namespace {

std::string value_in(std::string_view text, std::string_view name) {
  auto const fields = parse_form(text);
  REQUIRE(fields.has_value());
  return std::string{find(*fields, name).value_or("(absent)")};
}

}  // namespace

TEST_SUITE("emulator.form") {
  TEST_CASE("names and values are decoded") {
    CHECK(value_in("a=1&b=2", "b") == "2");
    CHECK(value_in("a=x%20y+z%2B", "a") == "x y z+");
    CHECK(value_in("%61%3d=%3D", "a=") == "=");
    CHECK(value_in("token=OauthNG.JWS.a-b_c", "token") == "OauthNG.JWS.a-b_c");
    CHECK(value_in("x=%c3%A4", "x") == "\xc3\xa4");
  }

  TEST_CASE("a value may hold equals signs, be empty or be absent") {
    CHECK(value_in("a=b=c", "a") == "b=c");
    CHECK(value_in("a=", "a").empty());
    CHECK(value_in("a", "a").empty());
    CHECK(value_in("a=1", "b") == "(absent)");
  }

  TEST_CASE("empty parts are skipped, and the first of several values counts") {
    CHECK(value_in("&&a=1&a=2&", "a") == "1");
    CHECK(parse_form("&&")->empty());
    CHECK(parse_form("")->empty());
  }

  TEST_CASE("a percent sign needs two hexadecimal digits") {
    for (auto const* const text : {"a=%", "a=%4", "a=%4g", "a=%g4", "%=1", "a=1%2", "a=%%41"}) {
      CAPTURE(std::string{text});
      CHECK(parse_form(text).error() == errc::invalid_encoding);
    }
    CHECK(value_in("a=%41", "a") == "A");
  }
}
