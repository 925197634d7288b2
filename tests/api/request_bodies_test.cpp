#include "api/request_bodies.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::api {
namespace {

std::string rejection_problem(std::string_view body) {
  auto const read = read_rejection(body);
  if (read.has_value()) return "it was read";
  CHECK(read.error().what == fault::invalid_body);
  return read.error().description;
}

std::string registration_problem(std::string_view body) {
  auto const read = read_registration(body);
  if (read.has_value()) return "it was read";
  CHECK(read.error().what == fault::invalid_body);
  return read.error().description;
}

std::string dropin_problem(std::string_view body, bool form = false) {
  auto const read = read_dropin_request(body, form);
  return read.has_value() ? "it was read" : read.error().description;
}

}  // namespace

TEST_SUITE("api.request_bodies") {
  TEST_CASE("a rejection names a generation") {
    for (std::uint64_t const number : {0ULL, 7ULL, 1767225600000ULL, 9007199254740991ULL}) {
      auto const read = read_rejection(" { \"generation\" : " + std::to_string(number) + " } ");
      REQUIRE(read.has_value());
      CHECK(std::get<core::generation_number>(*read) == number);
    }
  }

  TEST_CASE("a rejection carries a token, which becomes a secret") {
    for (auto const& token :
         {std::string{"t"}, std::string{"OauthNG.JWS.a.b.c"}, std::string(16 * 1024, 'x')}) {
      auto const read = read_rejection(R"({"access_token":")" + token + "\"}");
      REQUIRE(read.has_value());
      CHECK(std::get<secret>(*read).reveal() == token);
    }
  }

  TEST_CASE("a rejection of any other form is refused with the reason") {
    for (auto const* const body : {"", "{", "null", "7", "[]", "\"a\"", "{\"generation\":7}x",
                                   "{'generation':7}", "{\"generation\":7,}", "\xff"}) {
      CHECK_MESSAGE(rejection_problem(body) == "The body is not a JSON object.", std::string{body});
    }
    CHECK(rejection_problem("{}") == "The body has to have either generation or access_token.");
    CHECK(rejection_problem(R"({"generation":1,"access_token":"t"})") ==
          "The body has to have either generation or access_token.");
    CHECK(rejection_problem(R"({"generation":1,"reason":"x"})") ==
          R"(The body has an unknown member "reason".)");
    for (auto const* const value : {"-1", "1.0", "1e3", "\"7\"", "null", "true", "[]",
                                    "9007199254740992", "18446744073709551615", "1e400"}) {
      auto const body = std::string{R"({"generation":)"} + value + "}";
      CHECK_MESSAGE(
          rejection_problem(body) == "generation is not a whole number from 0 to 9007199254740991.",
          body);
    }
    for (auto const& value : {std::string{"\"\""}, std::string{"7"}, std::string{"null"},
                              '"' + std::string(16 * 1024 + 1, 'x') + '"'}) {
      CHECK(rejection_problem(R"({"access_token":)" + value + "}") ==
            "access_token is not a string of 1 to 16384 bytes.");
    }
    CHECK(rejection_problem(std::string(5000, '[')) == "The body is not a JSON object.");
  }

  TEST_CASE("a registration without a grant leaves the grant as it is") {
    for (auto const* const body : {"", "{}", " {} "}) {
      auto const read = read_registration(body);
      REQUIRE_MESSAGE(read.has_value(), std::string{body});
      CHECK(*read == requested_grant::unchanged);
    }
  }

  TEST_CASE("a registration names one of three grants, with what the grant needs") {
    auto const read = [](std::string_view body) {
      auto const found = read_registration(body);
      REQUIRE_MESSAGE(found.has_value(), std::string{body});
      return *found;
    };
    CHECK(read(R"({"grant":"client_credentials"})") == requested_grant::client_credentials);
    CHECK(read(R"({"grant":"refresh_token","refresh_token":"r"})") ==
          requested_grant::refresh_token);
    CHECK(read(R"({"code":"c","grant":"authorization_code"})") ==
          requested_grant::authorization_code);
  }

  TEST_CASE("a registration of any other form is refused with the reason") {
    for (auto const* const body : {"[]", "x", " ", "{\"grant\":"}) {
      CHECK(registration_problem(body) == "The body is not a JSON object.");
    }
    for (auto const* const body : {R"({"grant":"implicit"})", R"({"grant":""})", R"({"grant":7})",
                                   R"({"refresh_token":"r"})", R"({"Grant":"refresh_token"})"}) {
      CHECK_MESSAGE(registration_problem(body) ==
                        "grant is none of client_credentials, refresh_token, authorization_code.",
                    std::string{body});
    }
    CHECK(registration_problem(R"({"grant":"client_credentials","code":"c"})") ==
          R"(The body has a member "code" that this grant does not know.)");
    CHECK(registration_problem(R"({"grant":"client_credentials","":"c"})") ==
          R"(The body has a member "" that this grant does not know.)");
    CHECK(registration_problem(R"({"grant":"refresh_token","code":"c"})") ==
          R"(The body has a member "code" that this grant does not know.)");
    CHECK(registration_problem(R"({"grant":"refresh_token"})") ==
          "refresh_token is not a string of 1 to 16384 bytes.");
    CHECK(registration_problem(R"({"grant":"refresh_token","refresh_token":7})") ==
          "refresh_token is not a string of 1 to 16384 bytes.");
    CHECK(registration_problem(R"({"grant":"authorization_code","code":""})") ==
          "code is not a string of 1 to 16384 bytes.");
  }

  TEST_CASE("the drop-in reads JSON in either casing and ignores what it does not know (U-7)") {
    for (auto const* const body :
         {R"({"instance_id":"i","client_id":"c","client_secret":"s","grant_type":"g"})",
          R"({"instanceId":"i","clientId":"c","clientSecret":"s","grantType":"g"})",
          R"({"grantType":"g","client_id":"c","instance_id":"i","scope":["x"],"n":null})"}) {
      auto const read = read_dropin_request(body, false);
      REQUIRE_MESSAGE(read.has_value(), std::string{body});
      CHECK(read->grant_type == "g");
      CHECK(read->client_id == "c");
      CHECK(read->instance_id == "i");
    }
  }

  TEST_CASE("the drop-in reads forms in either casing (U-8)") {
    for (auto const* const body : {"grant_type=g&client_id=c&client_secret=%2B&instance_id=i",
                                   "grantType=g&clientId=c&instanceId=i&other=%20"}) {
      auto const read = read_dropin_request(body, true);
      REQUIRE_MESSAGE(read.has_value(), std::string{body});
      CHECK(read->grant_type == "g");
      CHECK(read->client_id == "c");
      CHECK(read->instance_id == "i");
    }
  }

  TEST_CASE("JSON that calls itself a form is read as JSON, as curl sends it") {
    auto const read = read_dropin_request("\n {\"client_id\":\"c\"}", true);
    REQUIRE(read.has_value());
    CHECK(read->client_id == "c");
    CHECK(!read->grant_type.has_value());
    CHECK(!read->instance_id.has_value());
  }

  TEST_CASE("the drop-in says what it cannot read") {
    CHECK(dropin_problem("") == "the body is not a JSON object");
    CHECK(dropin_problem("grant_type=g") == "the body is not a JSON object");
    CHECK(dropin_problem("[]") == "the body is not a JSON object");
    CHECK(dropin_problem(R"({"client_id":7})") == "client_id is not a string");
    CHECK(dropin_problem(R"({"clientId":null})") == "client_id is not a string");
    CHECK(dropin_problem(R"({"client_id":"a","clientId":"a"})") == "client_id is there twice");
    CHECK(dropin_problem("client_id=a&client_id=b", true) == "client_id is there twice");
    CHECK(dropin_problem("client_id=a&clientId=a", true) == "client_id is there twice");
    CHECK(dropin_problem("client_id=%", true) == "the body is not a valid form");
  }
}

}  // namespace wixtokend::api
