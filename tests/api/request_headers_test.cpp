#include "api/request_headers.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::api {

TEST_SUITE("api.request_headers") {
  TEST_CASE("headers of proxies and browsers are noticed, in any case") {
    http::fields plain;
    plain.add("Host", "localhost").add("Accept", "*/*").add("X-Forwarded", "no");
    CHECK(!forwarding_header(plain).has_value());
    for (auto const* const name :
         {"Forwarded", "X-Forwarded-For", "Origin", "x-forwarded-for", "ORIGIN"}) {
      http::fields headers;
      headers.add("Host", "localhost").add(name, "");
      CHECK_MESSAGE(forwarding_header(headers).has_value(), std::string{name});
    }
  }

  TEST_CASE("plain text is given to those who rank it above JSON, and to nobody else") {
    for (auto const* const accept :
         {"text/plain", "TEXT/PLAIN", "text/*", "text/plain, */*;q=0.1", "*/*;q=0.5, text/plain",
          "application/json;q=0.5, text/plain;q=0.9", "text/html, text/plain;q=0.1",
          "text/plain;charset=utf-8", "text/plain ; q=1.000", "application/json;q=0, */*",
          "text/plain;q=0.002, application/json;q=0.001"}) {
      CHECK_MESSAGE(prefers_plain_text(accept), std::string{accept});
    }
    for (auto const* const accept :
         {"", "*/*", "application/json", "application/*", "text/html", "text/plain;q=0",
          "application/json, text/plain", "text/plain;q=0.5, application/json",
          "text/plain;q=0.5, */*", "text/plain;q=0.1, text/*, application/json", "text/plainly",
          "text", "/", "text/plain;q=x", "text/plain;q=0.1234", "text/plain;q=-1", ",;,;q=1,",
          "text/plain;q=0.0.1"}) {
      CHECK_MESSAGE(!prefers_plain_text(accept), std::string{accept});
    }
  }

  TEST_CASE("an entity tag is the generation in quotes") {
    CHECK(entity_tag(7) == "\"7\"");
    CHECK(entity_tag(9007199254740991) == "\"9007199254740991\"");
  }

  TEST_CASE("If-None-Match names a generation by its tag, in a list or with an asterisk") {
    for (auto const* const header :
         {"\"7\"", " \"7\" ", "W/\"7\"", "\"6\", \"7\"", "\"6\",\"7\",\"8\"", "*", " * "}) {
      CHECK_MESSAGE(names_generation(header, 7), std::string{header});
    }
    for (auto const* const header : {"", "7", "\"77\"", "\"6\"", "'7'", "\"7", "7\"", "w/\"7\"",
                                     "\"6\" \"7\"", ",", "\"*\"", "\"a,7\""}) {
      CHECK_MESSAGE(!names_generation(header, 7), std::string{header});
    }
  }

  TEST_CASE("a client id comes out of Basic authentication, encoded as clients do (RFC 6749)") {
    CHECK(basic_user("Basic YWJjOnNlY3JldA==") == "abc");  // abc:secret
    CHECK(basic_user("basic  YWJjOg") == "abc");           // abc:
    CHECK(basic_user("Basic YSUyRGI6czp0") == "a-b");      // a%2Db:s:t
    CHECK(basic_user("Basic Pz8_Og==") == "???");
    CHECK(basic_user("Basic Pz8/Og==") == "???");
    for (auto const* const header :
         {"", "Basic", "Basic ", "Bearer YWJjOnNlY3JldA==", "Basic YWJj",
          "Basic Og==", "Basic !!!!", "Basic YSU6eA==", "Basic YT1iOng="}) {  // …, a%:x, a=b:x
      CHECK_MESSAGE(!basic_user(header).has_value(), std::string{header});
    }
  }

  TEST_CASE("a request id is visible ASCII of at most 128 characters") {
    CHECK(is_request_id("a"));
    CHECK(is_request_id("req-1;\"~!"));
    CHECK(is_request_id(std::string(128, 'x')));
    CHECK(!is_request_id(""));
    CHECK(!is_request_id(std::string(129, 'x')));
    CHECK(!is_request_id("a b"));
    CHECK(!is_request_id("a\tb"));
    CHECK(!is_request_id("\x7f"));
    CHECK(!is_request_id("\xc3\xa4"));
  }
}

}  // namespace wixtokend::api
