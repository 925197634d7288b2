#include "emulator/oauth_request.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;

namespace {

constexpr auto json_type = "application/json";
constexpr auto form_type = "application/x-www-form-urlencoded";

void check_all(result<oauth_request> const& read) {
  REQUIRE(read.has_value());
  CHECK(read->grant_type == "g");
  CHECK(read->client_id == "c");
  CHECK(read->client_secret.reveal() == "s");
  CHECK(read->instance_id == "i");
  CHECK(read->code == "o");
  CHECK(read->refresh_token == "r");
  CHECK(read->token == "t");
}

}  // namespace

TEST_SUITE("emulator.oauth_request") {
  TEST_CASE("JSON in snake case, in camel case and in a mixture is read") {
    check_all(parse_oauth_request(
        json_type,
        R"({"grant_type":"g","client_id":"c","client_secret":"s","instance_id":"i","code":"o",)"
        R"("refresh_token":"r","token":"t"})"));
    check_all(parse_oauth_request(
        json_type,
        R"({"grantType":"g","clientId":"c","clientSecret":"s","instanceId":"i","code":"o",)"
        R"("refreshToken":"r","token":"t"})"));
    check_all(parse_oauth_request(
        json_type,
        R"({"grantType":"g","client_id":"c","clientSecret":"s","instance_id":"i","code":"o",)"
        R"("refreshToken":"r","token":"t","scope":["x"]})"));
  }

  TEST_CASE("forms in either case are read") {
    check_all(parse_oauth_request(form_type,
                                  "grant_type=g&client_id=c&client_secret=s&instance_id=i&code=o&"
                                  "refresh_token=r&token=t"));
    check_all(parse_oauth_request("Application/X-WWW-Form-Urlencoded ; charset=UTF-8",
                                  "grantType=g&clientId=c&clientSecret=s&instanceId=i&code=o&"
                                  "refreshToken=r&token=t"));
  }

  TEST_CASE("snake case wins where both are there") {
    auto const read = parse_oauth_request(json_type, R"({"clientId":"camel","client_id":"snake"})");
    REQUIRE(read.has_value());
    CHECK(read->client_id == "snake");
  }

  TEST_CASE("any other content type, or none, means JSON") {
    for (auto const* const type : {"", "text/plain", "application/json; charset=utf-8"}) {
      auto const read = parse_oauth_request(type, R"({"token":"t"})");
      REQUIRE(read.has_value());
      CHECK(read->token == "t");
    }
  }

  TEST_CASE("fields that are absent or no strings are empty") {
    auto const read = parse_oauth_request(
        json_type, R"({"client_id":1,"client_secret":null,"code":["x"],"token":{"a":"b"}})");
    REQUIRE(read.has_value());
    CHECK(read->client_id.empty());
    CHECK(read->client_secret.empty());
    CHECK(read->code.empty());
    CHECK(read->token.empty());
    CHECK(read->grant_type.empty());
  }

  TEST_CASE("a body that is no JSON object is an error") {
    for (auto const* const body : {"", "{", "[]", "\"x\"", "grant_type=g", "{} {}", "<html>"}) {
      CAPTURE(std::string{body});
      CHECK(parse_oauth_request(json_type, body).error() == errc::invalid_json);
    }
    CHECK(parse_oauth_request(form_type, "a=%zz").error() == errc::invalid_encoding);
  }

  TEST_CASE("values of many kilobytes are read whole") {
    std::string const token(60'000, 'x');
    CHECK(parse_oauth_request(json_type, R"({"token":")" + token + R"("})")->token == token);
    CHECK(parse_oauth_request(form_type, "token=" + token)->token == token);
  }
}
