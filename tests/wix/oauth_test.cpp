#include "wix/oauth.hpp"

#include "support/wix_samples.hpp"
#include "wix/json_reading.hpp"
#include "wix/token_format.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::mint_answer;
using test::sample_now;
using test::sample_reply;
using test::sample_token;

namespace {

auto const asked = instance_id::parse(test::sample_instance).value();
secret const app_secret{test::sample_secret};

service::mint_request request() {
  service::mint_request made;
  made.instance = asked;
  return made;
}

wix::mint_result classify(wix::timed_reply const& reply) {
  return wix::classify_mint(reply, request(), app_secret);
}

// The life of what is minted, or nothing.
std::optional<duration> life_of(wix::timed_reply const& reply) {
  auto const result = classify(reply);
  auto const* const minted = std::get_if<core::minted>(&result);
  if (minted == nullptr) return std::nullopt;
  CHECK(minted->sent == reply.sent);
  return minted->expires_at - minted->sent;
}

std::optional<duration> life_of(std::string_view expires_in) {
  return life_of(sample_reply(200, mint_answer("opaque", expires_in)));
}

// The code of the transient failure that it is; empty for anything else.
std::string code_of(wix::timed_reply const& reply) {
  auto const result = classify(reply);
  auto const* const failed = std::get_if<core::failure>(&result);
  if (failed == nullptr || failed->kind != core::failure_class::transient) return {};
  return failed->code;
}

std::string code_of(std::string const& body) {
  return code_of(sample_reply(200, body));
}

// An answer with a token that says these things of itself, for 4 hours by `expires_in`.
wix::timed_reply claiming(std::int64_t issued_at, std::int64_t expires_at, bool with_date) {
  auto const token = sample_token(test::sample_instance, issued_at, expires_at);
  auto reply = sample_reply(200, mint_answer(token));
  if (with_date) reply.message.headers.add("Date", std::string{test::sample_date});
  return reply;
}

}  // namespace

TEST_SUITE("wix.oauth") {
  TEST_CASE("a mint's body has the four documented fields (U-1, U-7)") {
    auto const text = wix::mint_body("the-app", app_secret, request());
    auto const body = wix::parse_object(text);
    REQUIRE(body.has_value());
    CHECK(body->size() == 4);
    CHECK(wix::string_at(*body, "grant_type") == "client_credentials");
    CHECK(wix::string_at(*body, "client_id") == "the-app");
    CHECK(wix::string_at(*body, "client_secret") == test::sample_secret);
    CHECK(wix::string_at(*body, "instance_id") == test::sample_instance);
    CHECK(text.find(test::sample_secret) == text.rfind(test::sample_secret));
  }

  TEST_CASE("any secret and any token arrive as they are") {
    for (std::string const text : {"", "plain", "\"}, {\"", "back\\slash", "line\r\nend\x01",
                                   "caf\xc3\xa9", "</script>", "\x7f"}) {
      auto const mint = wix::parse_object(wix::mint_body(text, secret{text}, request()));
      REQUIRE(mint.has_value());
      CHECK(wix::string_at(*mint, "client_id") == text);
      CHECK(wix::string_at(*mint, "client_secret") == text);
      auto const info = wix::parse_object(wix::token_info_body(secret{text}));
      REQUIRE(info.has_value());
      CHECK(info->size() == 1);
      CHECK(wix::string_at(*info, "token") == text);
    }
  }

  TEST_CASE("a documented answer is minted, its life counted from the sending (U-10, U-18)") {
    auto reply = sample_reply(200, mint_answer("OauthNG.JWS.a.b.c"));
    reply.received = reply.sent + 9s;
    auto const result = classify(reply);
    auto const* const minted = std::get_if<core::minted>(&result);
    REQUIRE(minted != nullptr);
    CHECK(minted->token == secret{"OauthNG.JWS.a.b.c"});
    CHECK(minted->sent == reply.sent);
    CHECK(minted->expires_at == reply.sent + 14400s);
    CHECK_FALSE(minted->life_assumed);
  }

  TEST_CASE("token_type and unknown fields are not asked for (U-10)") {
    CHECK(life_of(sample_reply(200, R"({"access_token":"t","expires_in":60,"x":{"y":[1]}})")) ==
          duration{60s});
  }

  TEST_CASE("expires_in is obeyed in every form of a number, up to 24 hours (U-16)") {
    CHECK(life_of("14400") == duration{14400s});
    CHECK(life_of("\"14400\"") == duration{14400s});
    CHECK(life_of("300") == duration{300s});
    CHECK(life_of("14400.0") == duration{14400s});
    CHECK(life_of("1.44e4") == duration{14400s});
    CHECK(life_of("899.5") == duration{899500ms});
    CHECK(life_of("\"899.5\"") == duration{899500ms});
    CHECK(life_of("86400") == duration{24h});
    for (auto const* const absurd :
         {"86401", "\"86401\"", "1e18", "9223372036854775807", "18446744073709551615",
          "184467440737095516160", "1e308", "1e400", "\"99999999999999999999999\""}) {
      CAPTURE(std::string{absurd});
      CHECK(life_of(absurd) == duration{24h});
    }
  }

  TEST_CASE("an absent or null expires_in means 300 s, marked as assumed (U-16)") {
    for (auto const* const form : {"", "null"}) {
      auto const result = classify(sample_reply(200, mint_answer("opaque", form)));
      auto const* const minted = std::get_if<core::minted>(&result);
      REQUIRE(minted != nullptr);
      CHECK(minted->expires_at == minted->sent + 300s);
      CHECK(minted->life_assumed);
    }
  }

  TEST_CASE("an expires_in that is no number is transient (U-17)") {
    for (std::string const form :
         {"0e400", "\"\"", "\"soon\"", "\"4h\"", "\" 14400\"", "\"0x3840\"", "\"inf\"", "\"NaN\"",
          "true", "false", "[14400]", "{}"}) {
      CAPTURE(form);
      CHECK(code_of(mint_answer("opaque", form)) == "expires_in_unusable");
    }
    CHECK(code_of(mint_answer("opaque", "1e999999999999999")) == "not_json");
    CHECK(code_of(mint_answer("opaque", "014400")) == "not_json");
  }

  TEST_CASE("a life of two seconds or less is transient (U-17)") {
    for (std::string const form : {"2", "1", "0", "-1", "-14400", "0.5", "-0", "1e-400", "-1e400",
                                   "\"2\"", "\"-5\"", "-9223372036854775808"}) {
      CAPTURE(form);
      CHECK(code_of(mint_answer("opaque", form)) == "life_too_short");
    }
    auto reply = sample_reply(200, mint_answer("opaque", "2.5"));
    reply.received = reply.sent;
    CHECK(life_of(reply) == duration{2500ms});
  }

  TEST_CASE("what a slow answer leaves of a life is what must be long enough") {
    auto reply = sample_reply(200, mint_answer("opaque", "10"));
    reply.received = reply.sent + 7999ms;
    CHECK(life_of(reply) == duration{10s});
    reply.received = reply.sent + 8s;
    CHECK(code_of(reply) == "life_too_short");
    reply.received = reply.sent + 60s;
    CHECK(code_of(reply) == "life_too_short");
  }

  TEST_CASE("an access_token must be there, a string, and not empty (U-10)") {
    for (std::string const body :
         {R"({"expires_in":14400})", R"({"access_token":"","expires_in":14400})",
          R"({"access_token":null,"expires_in":14400})", R"({"access_token":42,"expires_in":1})",
          R"({"access_token":["t"]})", R"({"access_token":{"t":1}})", R"({"accessToken":"t"})",
          R"({"access_token":"t","access_token":""})", "{}"}) {
      CAPTURE(body);
      CHECK(code_of(body) == "access_token_missing");
    }
  }

  TEST_CASE("an error in a 200 does not make a class, but its words are kept (U-54)") {
    auto const result =
        classify(sample_reply(200, R"({"error":"invalid_client","error_description":"wrong"})"));
    auto const* const failed = std::get_if<core::failure>(&result);
    REQUIRE(failed != nullptr);
    CHECK(failed->kind == core::failure_class::transient);
    CHECK(failed->code == "access_token_missing");
    CHECK(failed->message == "wrong");
  }

  TEST_CASE("an access_token is at most 16 KiB of printable ASCII (U-37)") {
    std::string const longest(wix::token_size_max, 't');
    CHECK(life_of(sample_reply(200, mint_answer(longest))) == duration{14400s});
    CHECK(code_of(mint_answer(longest + "t")) == "access_token_unusable");
    for (std::string const token : {R"(a\nb)", R"(a\r\nX-Header: 1)", R"(a\u0000)", R"(\u007f)",
                                    R"(\u001b[0m)", "caf\xc3\xa9", R"(\u0085)", R"(\u20ac)"}) {
      CAPTURE(token);
      CHECK(code_of(mint_answer(token)) == "access_token_unusable");
    }
    CHECK(code_of(mint_answer("\xff")) == "not_json");
    CHECK(code_of(mint_answer("a\nb")) == "not_json");
  }

  TEST_CASE("a 200 that is no JSON object is transient (U-54)") {
    for (std::string const body :
         {"", " ", "<html>200 OK</html>", "[]", "null", "\"OauthNG.JWS.a.b.c\"", "{", "{}{}",
          "access_token=t&expires_in=14400", R"({"access_token":"t","expires_in":14400)"}) {
      CAPTURE(body);
      CHECK(code_of(body) == "not_json");
    }
  }

  TEST_CASE("only 200 is success (U-10)") {
    for (unsigned const status : {201U, 202U, 203U, 206U, 302U, 500U}) {
      auto const result = classify(sample_reply(status, mint_answer("opaque")));
      auto const* const failed = std::get_if<core::failure>(&result);
      REQUIRE(failed != nullptr);
      CHECK(failed->kind == core::failure_class::transient);
      CHECK(failed->status == status);
    }
  }

  TEST_CASE("a token that names another instance is discarded (U-41)") {
    auto const other = sample_token(test::other_instance, sample_now, sample_now + 14400);
    auto const result = classify(sample_reply(200, mint_answer(other)));
    auto const* const failed = std::get_if<core::failure>(&result);
    REQUIRE(failed != nullptr);
    CHECK(failed->kind == core::failure_class::transient);
    CHECK(failed->code == "instance_mismatch");
    CHECK(failed->status == 200);

    auto const nil = sample_token("00000000-0000-0000-0000-000000000000", 1, 14401);
    CHECK(code_of(mint_answer(nil)) == "instance_mismatch");
    // The same instance in capitals, and names that cannot be read, are no other instance.
    for (auto const* const name : {"2D2F5D2E-6F1A-4C38-9E0B-0D4C6A1B7E55", "not-a-guid", ""}) {
      CHECK(life_of(sample_reply(200, mint_answer(sample_token(name, 1, 14401)))) ==
            duration{14400s});
    }
  }

  TEST_CASE("exp - iat may shorten a life, and never lengthens it (U-19)") {
    CHECK(life_of(claiming(5000, 5900, false)) == duration{900s});
    CHECK(life_of(claiming(5000, 5000 + 14400, false)) == duration{14400s});
    CHECK(life_of(claiming(5000, 5000 + 99999, false)) == duration{14400s});
    CHECK(code_of(claiming(5000, 5002, false)) == "life_too_short");
    // A stated life of 60 s stays 60 s.
    auto const token = sample_token(test::sample_instance, 0, 14400);
    CHECK(life_of(sample_reply(200, mint_answer(token, "60"))) == duration{60s});
    // So does an assumed one, and it stays assumed when it is shortened.
    CHECK(life_of(sample_reply(200, mint_answer(token, ""))) == duration{300s});
    auto const brief = sample_token(test::sample_instance, 0, 100);
    auto const result = classify(sample_reply(200, mint_answer(brief, "")));
    REQUIRE(std::holds_alternative<core::minted>(result));
    CHECK(std::get<core::minted>(result).expires_at == instant{1100s});
    CHECK(std::get<core::minted>(result).life_assumed);
  }

  TEST_CASE("exp alone counts only against the upstream's own clock (U-19)") {
    // Without Date, an exp long ago by our clock is nobody's business.
    CHECK(life_of(claiming(sample_now - 90000, sample_now - 75600, false)) == duration{14400s});
    // With it, an hour that has passed is missing: the reply was kept on the way (U-12).
    CHECK(life_of(claiming(sample_now - 3600, sample_now + 10800, true)) == duration{10800s});
    CHECK(code_of(claiming(sample_now - 61200, sample_now - 46800, true)) == "life_too_short");
    CHECK(life_of(claiming(sample_now, sample_now + 14400, true)) == duration{14400s});
    // Our own clock being far off changes nothing.
    auto reply = claiming(sample_now, sample_now + 14400, true);
    reply.received_wall += 1000h;
    CHECK(life_of(reply) == duration{14400s});
    // A cache that says how long it kept the reply.
    reply.message.headers.add("Age", "3600");
    CHECK(life_of(reply) == duration{10800s});
  }

  TEST_CASE("claims that contradict each other are not believed") {
    CHECK(life_of(claiming(5000, 5000, true)) == duration{14400s});
    CHECK(life_of(claiming(5000, 4000, true)) == duration{14400s});
    auto const only_exp =
        test::token_with_payload(R"({"exp":)" + std::to_string(sample_now + 500) + "}");
    auto reply = sample_reply(200, mint_answer(only_exp));
    CHECK(life_of(reply) == duration{14400s});
    reply.message.headers.add("Date", std::string{test::sample_date});
    CHECK(life_of(reply) == duration{500s});
  }

  TEST_CASE("neither the secret nor the token is in the texts of a failure") {
    auto const secret_text = std::string{test::sample_secret};
    auto const token = sample_token(test::other_instance, 0, 14400);
    for (auto const& reply :
         {sample_reply(
              400, R"({"error":"invalid_grant","error_description":"no )" + secret_text + R"("})"),
          sample_reply(500, R"({"message":"token )" + token + R"( of )" + secret_text +
                                R"(","access_token":")" + token + R"("})"),
          sample_reply(200, R"({"message":")" + secret_text + R"("})"),
          sample_reply(200, mint_answer(token))}) {
      auto const result = classify(reply);
      auto const* const failed = std::get_if<core::failure>(&result);
      REQUIRE(failed != nullptr);
      auto const texts = failed->code + "\n" + failed->message + "\n" + failed->request_id;
      CAPTURE(texts);
      CHECK(texts.find(secret_text.substr(0, 8)) == std::string::npos);
      CHECK(texts.find(token.substr(0, 8)) == std::string::npos);
      CHECK(texts.find(token.substr(100, 8)) == std::string::npos);
    }
  }

  TEST_CASE("Token Info: 200 is read, a 400 with an error shape means inactive (U-34, U-89)") {
    secret const token{"OauthNG.JWS.the-token-asked-about"};
    auto const info = [&](unsigned status, std::string body) {
      return wix::classify_token_info(sample_reply(status, std::move(body)), token);
    };
    auto const active = info(200, R"({"active":"true","subjectType":"APP","exp":"5"})");
    REQUIRE(std::holds_alternative<service::token_info>(active));
    CHECK(std::get<service::token_info>(active).active);
    CHECK(std::get<service::token_info>(active).expires_at == 5);

    // An odd field beside the answer does not spoil it.
    auto const both = info(200, R"({"active":true,"message":"hello"})");
    REQUIRE(std::holds_alternative<service::token_info>(both));
    CHECK(std::get<service::token_info>(both).active);

    for (auto const& inactive : {info(200, R"({"active":false})"), info(200, "{}"),
                                 info(400, R"({"error":"invalid_request"})"),
                                 info(400, R"({"message":"bad token","details":{}})")}) {
      REQUIRE(std::holds_alternative<service::token_info>(inactive));
      CHECK_FALSE(std::get<service::token_info>(inactive).active);
    }

    struct row {
      unsigned status;
      std::string body;
      core::failure_class kind;
      std::string code;
    };
    using enum core::failure_class;
    for (auto const& row :
         std::vector<row>{{200, "<html>", transient, "not_json"},
                          {200, R"({"active":7})", transient, "token_info_unusable"},
                          {200, R"({"error":"x"})", transient, "token_info_unusable"},
                          {400, "<html>", transient, ""},
                          {401, R"({"error":"x"})", instance_blocked, "x"},
                          {404, "", instance_blocked, ""},
                          {429, "", throttled, ""},
                          {500, "", transient, ""}}) {
      CAPTURE(row.body);
      auto const result = info(row.status, row.body);
      REQUIRE(std::holds_alternative<core::failure>(result));
      CHECK(std::get<core::failure>(result).kind == row.kind);
      CHECK(std::get<core::failure>(result).code == row.code);
    }

    auto const echo = info(500, R"({"message":"OauthNG.JWS.the-token-asked-about"})");
    CHECK(std::get<core::failure>(echo).message == "[redacted]");
  }
}
