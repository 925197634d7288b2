#include "api/preferences.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <optional>
#include <string>

using namespace wixtokend;
using namespace std::chrono_literals;

namespace {

std::optional<std::chrono::seconds> wait_of(std::initializer_list<std::string> values) {
  http::fields headers;
  headers.add("Host", "localhost");
  for (auto const& value : values) headers.add("Prefer", value);
  return api::preferred_wait(headers, 60s);
}

}  // namespace

TEST_SUITE("api.preferences") {
  TEST_CASE("wait is read wherever it stands") {
    CHECK(wait_of({"wait=10"}) == 10s);
    CHECK(wait_of({"wait=0"}) == 0s);
    CHECK(wait_of({"WAIT = 10"}) == 10s);
    CHECK(wait_of({"wait=\"10\""}) == 10s);
    CHECK(wait_of({"respond-async, wait=10"}) == 10s);
    CHECK(wait_of({"wait=10; foo=bar, other"}) == 10s);
    CHECK(wait_of({"respond-async", "wait=10"}) == 10s);
    CHECK(wait_of({"foo; wait=3, wait=10"}) == 10s);
    CHECK(wait_of({", ,wait=10"}) == 10s);
  }

  TEST_CASE("more than there can be comes to the most") {
    CHECK(wait_of({"wait=61"}) == 60s);
    CHECK(wait_of({"wait=99999999999999999999999999"}) == 60s);
  }

  TEST_CASE("the first of several counts") {
    CHECK(wait_of({"wait=10, wait=20"}) == 10s);
    CHECK(wait_of({"wait=10", "wait=20"}) == 10s);
    CHECK_FALSE(wait_of({"wait=x, wait=20"}).has_value());
  }

  TEST_CASE("what is no wait is not looked at") {
    CHECK_FALSE(wait_of({}).has_value());
    CHECK_FALSE(wait_of({""}).has_value());
    CHECK_FALSE(wait_of({"wait"}).has_value());
    CHECK_FALSE(wait_of({"wait="}).has_value());
    CHECK_FALSE(wait_of({"wait=-1"}).has_value());
    CHECK_FALSE(wait_of({"wait=1.5"}).has_value());
    CHECK_FALSE(wait_of({"wait=10 s"}).has_value());
    CHECK_FALSE(wait_of({"waiting=10"}).has_value());
    CHECK_FALSE(wait_of({R"(foo="a, wait=10")"}).has_value());
    CHECK_FALSE(wait_of({R"(foo="a\", wait=10)"}).has_value());
  }
}
