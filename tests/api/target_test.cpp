#include "api/target.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::api {
namespace {

using segments = std::vector<std::string>;

target parsed(std::string_view text) {
  auto const found = parse_target(text);
  REQUIRE_MESSAGE(found.has_value(), std::string{text});
  return *found;
}

}  // namespace

TEST_SUITE("api.target") {
  TEST_CASE("a path is split at its slashes, and empty segments stay") {
    CHECK(parsed("/").path == segments{""});
    CHECK(parsed("/healthz").path == segments{"healthz"});
    CHECK(parsed("/v1/instances").path == segments{"v1", "instances"});
    CHECK(parsed("/v1/instances/").path == segments{"v1", "instances", ""});
    CHECK(parsed("//v1").path == segments{"", "v1"});
    CHECK(parsed("/a//b").path == segments{"a", "", "b"});
  }

  TEST_CASE("segments are decoded after the split, so an encoded slash separates nothing") {
    CHECK(parsed("/v1/%69nstances").path == segments{"v1", "instances"});
    CHECK(parsed("/v1/a%2Fb").path == segments{"v1", "a/b"});
    CHECK(parsed("/v1/a%2fb").path == segments{"v1", "a/b"});
    CHECK(parsed("/a%3Fb").path == segments{"a?b"});
    CHECK(parsed("/%C3%A4").path == segments{"\xc3\xa4"});
    CHECK(parsed("/a%2525").path == segments{"a%25"});  // decoded once
  }

  TEST_CASE("dot segments and pluses are names like any other") {
    CHECK(parsed("/v1/../healthz").path == segments{"v1", "..", "healthz"});
    CHECK(parsed("/v1/%2e%2e/x").path == segments{"v1", "..", "x"});
    CHECK(parsed("/a+b?c=d+e").path == segments{"a+b"});
    CHECK(parsed("/a+b?c=d+e").query == parameters{{"c", "d+e"}});
  }

  TEST_CASE("a query is split into names and values in their order") {
    CHECK(parsed("/a").query.empty());
    CHECK(parsed("/a?").query.empty());
    CHECK(parsed("/a?b").query == parameters{{"b", ""}});
    CHECK(parsed("/a?b=").query == parameters{{"b", ""}});
    CHECK(parsed("/a?=b").query == parameters{{"", "b"}});
    CHECK(parsed("/a?wait=5&min_valid=30").query == parameters{{"wait", "5"}, {"min_valid", "30"}});
    CHECK(parsed("/a?wait=5&wait=6").query == parameters{{"wait", "5"}, {"wait", "6"}});
    CHECK(parsed("/a?&b=1&&c=2&").query == parameters{{"b", "1"}, {"c", "2"}});
    CHECK(parsed("/a?b=c=d").query == parameters{{"b", "c=d"}});
    CHECK(parsed("/a?b=/?").query == parameters{{"b", "/?"}});
    CHECK(parsed("/a?w%61it=%35").query == parameters{{"wait", "5"}});
    CHECK(parsed("/a?b=%26c%3D").query == parameters{{"b", "&c="}});
  }

  TEST_CASE("other forms of a target are refused") {
    for (auto const* const text :
         {"", "*", "healthz", "http://localhost/healthz", "localhost:80", "?a=b", "/a#b", "/a b",
          "/a\tb", "/a\nb", "/a\x7f", "/\xc3\xa4"}) {
      auto const found = parse_target(text);
      REQUIRE_MESSAGE(!found.has_value(), std::string{text});
      CHECK_MESSAGE(found.error() == errc::invalid_address, std::string{text});
    }
    CHECK(!parse_target(std::string_view{"/a\0b", 4}).has_value());
  }

  TEST_CASE("broken encodings, control characters and what is no UTF-8 are refused") {
    for (auto const* const text :
         {"/%", "/%4", "/%4g", "/%g4", "/%%41", "/a?b=%", "/a?b=%4", "/a?%4=b", "/%00", "/%0d%0a",
          "/%7f", "/%1f", "/%ff", "/%c3", "/%ed%a0%80", "/%c0%af", "/a?b=%00", "/a?b=%ff"}) {
      auto const found = parse_target(text);
      REQUIRE_MESSAGE(!found.has_value(), std::string{text});
      CHECK_MESSAGE(found.error() == errc::invalid_encoding, std::string{text});
    }
  }

  TEST_CASE("in a form a plus is a blank") {
    auto const form = parse_form("grant_type=client_credentials&a+b=c+d%2B&empty=&alone");
    REQUIRE(form.has_value());
    CHECK(*form ==
          parameters{
              {"grant_type", "client_credentials"}, {"a b", "c d+"}, {"empty", ""}, {"alone", ""}});
    CHECK(parse_form("").has_value());
    CHECK(!parse_form("a=%").has_value());
    CHECK(!parse_form("a=%0a").has_value());
  }
}

}  // namespace wixtokend::api
