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
      CHECK(!read->how.has_value());
      CHECK(read->credential.empty());
      CHECK(!read->replace);
    }
  }

  TEST_CASE("a registration names one of three grants, with what the grant needs as a secret") {
    auto const read = [](std::string_view body, core::grant how) {
      auto const found = read_registration(body);
      REQUIRE_MESSAGE(found.has_value(), std::string{body});
      bool const right = found->how == how;
      CHECK(right);
      return std::string{found->credential.reveal()};
    };
    CHECK(read(R"({"grant":"client_credentials"})", core::grant::client_credentials).empty());
    CHECK(read(R"({"grant":"refresh_token","refresh_token":"OAUTH2.r"})",
               core::grant::refresh_token) == "OAUTH2.r");
    CHECK(read(R"({"code":"c \u007e","grant":"authorization_code"})",
               core::grant::authorization_code) == "c ~");
    std::string const longest(16 * 1024, 'x');
    CHECK(read(R"({"grant":"refresh_token","refresh_token":")" + longest + "\"}",
               core::grant::refresh_token) == longest);
  }

  TEST_CASE("a credential is printable ASCII of 1 byte to 16 KiB") {
    auto const* const sentence =
        "refresh_token is not a string of 1 to 16384 printable ASCII characters.";
    for (auto const& value :
         {std::string{R"("")"}, std::string{"7"}, std::string{"null"}, std::string{R"("a\n")"},
          std::string{R"("\u0000")"}, std::string{R"("\u007f")"}, std::string{R"("\u00e9")"},
          '"' + std::string(16 * 1024 + 1, 'x') + '"'}) {
      CHECK_MESSAGE(registration_problem(R"({"grant":"refresh_token","refresh_token":)" + value +
                                         "}") == sentence,
                    value);
    }
  }

  TEST_CASE("a line of a bulk registration is a registration with its instance") {
    constexpr auto id = "2D2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55";
    auto const plain = read_bulk_line(R"({"instance_id":")" + std::string{id} + "\"}");
    REQUIRE(plain.has_value());
    CHECK(plain->instance == instance_id::parse(id).value());
    CHECK(!plain->wanted.how.has_value());
    auto const legacy = read_bulk_line(R"({"grant":"refresh_token","instance_id":")" +
                                       std::string{id} + R"(","refresh_token":"r"})");
    REQUIRE(legacy.has_value());
    CHECK(legacy->wanted.credential.reveal() == "r");
    bool const by_refresh_token = legacy->wanted.how == core::grant::refresh_token;
    CHECK(by_refresh_token);
  }

  TEST_CASE("a line of any other form is refused with the reason") {
    auto const problem_of_line = [](std::string const& line) {
      auto const read = read_bulk_line(line);
      if (read.has_value()) return std::string{"it was read"};
      return std::string{entry_of(read.error().what).code} + ": " + read.error().description;
    };
    std::string const id = R"("instance_id":"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55")";
    CHECK(problem_of_line("x") == "invalid_body: The line is not a JSON object.");
    CHECK(problem_of_line("[]") == "invalid_body: The line is not a JSON object.");
    CHECK(problem_of_line("{}") == "invalid_body: instance_id is missing, or not a string.");
    CHECK(problem_of_line(R"({"instance_id":7})") ==
          "invalid_body: instance_id is missing, or not a string.");
    CHECK(problem_of_line(R"({"instance_id":"x"})") == "invalid_instance_id: ");
    CHECK(problem_of_line("{" + id + R"(,"grant":"x"})") ==
          "invalid_body: grant is none of client_credentials, refresh_token, authorization_code.");
    CHECK(problem_of_line("{" + id + R"(,"name":"x"})") ==
          "invalid_body: grant is none of client_credentials, refresh_token, authorization_code.");
    CHECK(problem_of_line("{" + id + R"(,"grant":"client_credentials","code":"c"})") ==
          R"(invalid_body: The body has a member "code" that this grant does not know.)");
    CHECK(problem_of_line("{" + id + "}{" + id + "}") ==
          "invalid_body: The line is not a JSON object.");
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
          "refresh_token is not a string of 1 to 16384 printable ASCII characters.");
    CHECK(registration_problem(R"({"grant":"authorization_code","code":""})") ==
          "code is not a string of 1 to 16384 printable ASCII characters.");
    CHECK(registration_problem(R"({"":"c"})") ==
          "grant is none of client_credentials, refresh_token, authorization_code.");
    CHECK(registration_problem(R"({"instance_id":"x"})") ==
          "grant is none of client_credentials, refresh_token, authorization_code.");
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

  TEST_CASE("refresh tokens and tokens that the drop-in is sent become secrets") {
    for (auto const* const body : {R"({"refresh_token":"r","token":"t"})",
                                   R"({"refreshToken":"r","token":"t","refresh":"x"})"}) {
      auto const read = read_dropin_request(body, false);
      REQUIRE(read.has_value());
      CHECK(read->refresh_token->reveal() == "r");
      CHECK(read->token->reveal() == "t");
    }
    auto const form = read_dropin_request("refreshToken=a%2Bb&token=", true);
    REQUIRE(form.has_value());
    CHECK(form->refresh_token->reveal() == "a+b");
    CHECK(form->token->empty());
    CHECK(dropin_problem("token=a&token=a", true) == "token is there twice");
    CHECK(dropin_problem(R"({"refresh_token":"a","refreshToken":"a"})") ==
          "refresh_token is there twice");
    CHECK(dropin_problem(R"({"token":7})") == "token is not a string");
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
