// The grants of custom authentication (legacy), whose answers carry a refresh token.
#include "support/wix_samples.hpp"
#include "wix/json_reading.hpp"
#include "wix/oauth.hpp"
#include "wix/token_format.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;
using core::grant;
using test::sample_reply;

namespace {

secret const app_secret{test::sample_secret};
constexpr std::string_view credential = "OAUTH2.what-was-sent.to-the.upstream";

service::mint_request request(grant how) {
  service::mint_request made;
  made.instance = instance_id::parse(test::sample_instance).value();
  made.how = how;
  made.credential = secret{credential};
  return made;
}

// In the shape of U-30; the same for access tokens, refresh tokens and codes.
std::string legacy_token(std::string_view instance) {
  return "OAUTH2." + base64url_encode(R"({"kid":"k","alg":"RS256"})") + "." +
         base64url_encode(R"({"data":"{\"appId\":\"a\",\"instanceId\":\")" + std::string{instance} +
                          R"(\"}","iat":1,"exp":2})") +
         ".c2lnbmF0dXJl";
}

// Both members as JSON; empty for none.
std::string answer(std::string_view access, std::string_view refresh,
                   std::string_view more = R"("x":1)") {
  std::string body = "{";
  if (!access.empty()) body.append(R"("access_token":)").append(access).append(",");
  if (!refresh.empty()) body.append(R"("refresh_token":)").append(refresh).append(",");
  return body.append(more) + "}";
}

wix::mint_result classify(grant how, std::string body, unsigned status = 200) {
  return wix::classify_mint(sample_reply(status, std::move(body)), request(how), app_secret, 240s);
}

// The code of the transient failure that it is; empty for anything else.
std::string code_of(wix::mint_result const& result) {
  auto const* const failed = std::get_if<core::failure>(&result);
  if (failed == nullptr || failed->kind != core::failure_class::transient) return {};
  return failed->code;
}

constexpr auto both = {grant::refresh_token, grant::authorization_code};

}  // namespace

TEST_SUITE("wix.oauth_legacy") {
  TEST_CASE("the bodies have the four documented fields, with the credential as it is (U-2, U-3)") {
    for (std::string const text : {"plain", "\"}, {\"", "back\\slash", "caf\xc3\xa9", ""}) {
      auto asked = request(grant::authorization_code);
      asked.credential = secret{text};
      auto const exchange = wix::parse_object(wix::mint_body("the-app", app_secret, asked));
      REQUIRE(exchange.has_value());
      CHECK(exchange->size() == 4);
      CHECK(wix::string_at(*exchange, "grant_type") == "authorization_code");
      CHECK(wix::string_at(*exchange, "client_id") == "the-app");
      CHECK(wix::string_at(*exchange, "client_secret") == test::sample_secret);
      CHECK(wix::string_at(*exchange, "code") == text);

      asked.how = grant::refresh_token;
      auto const refresh = wix::parse_object(wix::mint_body("the-app", app_secret, asked));
      REQUIRE(refresh.has_value());
      CHECK(refresh->size() == 4);
      CHECK(wix::string_at(*refresh, "grant_type") == "refresh_token");
      CHECK(wix::string_at(*refresh, "refresh_token") == text);
    }
    CHECK(wix::mint_path(grant::client_credentials) == "/oauth2/token");
    CHECK(wix::mint_path(grant::authorization_code) == "/oauth/access");
    CHECK(wix::mint_path(grant::refresh_token) == "/oauth/access");
  }

  TEST_CASE("without expires_in the configured life is assumed; a stated one is obeyed (U-25)") {
    for (auto const how : both) {
      auto const result = classify(how, answer(R"("a")", R"("r")"));
      auto const* const minted = std::get_if<core::minted>(&result);
      REQUIRE(minted != nullptr);
      CHECK(minted->token == secret{"a"});
      CHECK(minted->refresh_token == secret{"r"});
      CHECK(minted->expires_at == minted->sent + 240s);
      CHECK(minted->life_assumed);

      auto const stated = classify(how, answer(R"("a")", R"("r")", R"("expires_in":600)"));
      auto const* const told = std::get_if<core::minted>(&stated);
      REQUIRE(told != nullptr);
      CHECK(told->expires_at == told->sent + 600s);
      CHECK_FALSE(told->life_assumed);
    }
    auto const reply = sample_reply(200, answer(R"("a")", R"("r")"));
    auto const life = [&](duration configured) {
      auto const result =
          wix::classify_mint(reply, request(grant::refresh_token), app_secret, configured);
      auto const* const minted = std::get_if<core::minted>(&result);
      return minted == nullptr ? duration{} : minted->expires_at - minted->sent;
    };
    CHECK(life(48h) == duration{24h});
    CHECK(life(1s) == duration{});  // of no use
  }

  TEST_CASE("client credentials are neither given a refresh token nor the legacy life") {
    auto const result = classify(grant::client_credentials, answer(R"("a")", R"("r")"));
    auto const* const minted = std::get_if<core::minted>(&result);
    REQUIRE(minted != nullptr);
    CHECK(minted->refresh_token.empty());
    CHECK(minted->expires_at == minted->sent + 300s);
    CHECK(std::holds_alternative<core::minted>(
        classify(grant::client_credentials, answer(R"("a")", "[7]"))));
  }

  TEST_CASE("a code must bring a refresh token, a refresh may lack it (U-26, U-109)") {
    std::string const longest(wix::token_size_max, 'r');
    struct row {
      std::string refresh;
      std::string of_code;     // the code of the failure, empty if it is minted
      std::string of_refresh;  // the same
    };
    for (auto const& row : std::vector<row>{
             {"", "refresh_token_missing", ""},
             {"null", "refresh_token_missing", ""},
             {R"("")", "refresh_token_missing", ""},
             {R"("new")", "", ""},
             {"\"" + longest + "\"", "", ""},
             {"\"" + longest + "r\"", "refresh_token_unusable", "refresh_token_unusable"},
             {R"("a\r\nb")", "refresh_token_unusable", "refresh_token_unusable"},
             {R"("a\u0000")", "refresh_token_unusable", "refresh_token_unusable"},
             {R"("caf\u00e9")", "refresh_token_unusable", "refresh_token_unusable"},
             {"42", "refresh_token_unusable", "refresh_token_unusable"},
             {"true", "refresh_token_unusable", "refresh_token_unusable"},
             {R"(["r"])", "refresh_token_unusable", "refresh_token_unusable"},
         }) {
      CAPTURE(row.refresh.substr(0, 40));
      auto const of_code = classify(grant::authorization_code, answer(R"("a")", row.refresh));
      CHECK(code_of(of_code) == row.of_code);
      CHECK(std::holds_alternative<core::minted>(of_code) == row.of_code.empty());
      auto const of_refresh = classify(grant::refresh_token, answer(R"("a")", row.refresh));
      CHECK(code_of(of_refresh) == row.of_refresh);
      CHECK(std::holds_alternative<core::minted>(of_refresh) == row.of_refresh.empty());
    }
    auto const none = classify(grant::refresh_token, answer(R"("a")", "null"));
    REQUIRE(std::holds_alternative<core::minted>(none));
    CHECK(std::get<core::minted>(none).refresh_token.empty());
  }

  TEST_CASE("a code's refresh token is kept, whatever the access token is worth") {
    for (auto const& body : {answer("", R"("r")"), answer(R"("a\nb")", R"("r")"),
                             answer(R"("a")", R"("r")", R"("expires_in":"x")"),
                             answer(R"("a")", R"("r")", R"("expires_in":2)")}) {
      auto const result = classify(grant::authorization_code, body);
      auto const* const kept = std::get_if<core::minted>(&result);
      REQUIRE(kept != nullptr);
      CHECK(kept->token.empty());
      CHECK(kept->expires_at == kept->sent);
      CHECK(kept->refresh_token == secret{"r"});
    }
  }

  TEST_CASE("the rules of access tokens hold as for client credentials") {
    for (auto const how : {grant::refresh_token}) {
      CHECK(code_of(classify(how, answer("", R"("r")"))) == "access_token_missing");
      CHECK(code_of(classify(how, answer(R"("a\nb")", R"("r")"))) == "access_token_unusable");
      CHECK(code_of(classify(how, answer(R"("a")", R"("r")", R"("expires_in":"x")"))) ==
            "expires_in_unusable");
      CHECK(code_of(classify(how, answer(R"("a")", R"("r")", R"("expires_in":2)"))) ==
            "life_too_short");
      CHECK(code_of(classify(how, "<html>")) == "not_json");
      auto const created = classify(how, answer(R"("a")", R"("r")"), 201);
      REQUIRE(std::holds_alternative<core::failure>(created));
      CHECK(std::get<core::failure>(created).kind == core::failure_class::transient);
    }
  }

  TEST_CASE("tokens that name the instance are taken, another instance's are not (U-41, U-108)") {
    auto const quoted = [](std::string const& text) { return "\"" + text + "\""; };
    auto const ours = quoted(legacy_token(test::sample_instance));
    auto const other = quoted(legacy_token(test::other_instance));
    for (auto const how : both) {
      auto const good = classify(how, answer(ours, ours));
      auto const* const minted = std::get_if<core::minted>(&good);
      REQUIRE(minted != nullptr);
      // What the token says of its life is not looked at.
      CHECK(minted->expires_at == minted->sent + 240s);
      CHECK(code_of(classify(how, answer(other, ours))) == "instance_mismatch");
      CHECK(code_of(classify(how, answer(ours, other))) == "instance_mismatch");
    }
    // A refresh token that nobody asked for is not looked at.
    CHECK(std::holds_alternative<core::minted>(
        classify(grant::client_credentials, answer(R"("a")", other))));
  }

  TEST_CASE("a dead code or refresh token in the legacy shape blocks the instance (U-29, U-57)") {
    std::string const words =
        "[business][FATAL][unknown exception] HandleExceptions$Bad - invalid_token";
    for (auto const how : both) {
      auto const result = classify(how, R"({"errorDescription":")" + words + R"("})", 400);
      REQUIRE(std::holds_alternative<core::failure>(result));
      auto const& failed = std::get<core::failure>(result);
      CHECK(failed.kind == core::failure_class::instance_blocked);
      CHECK(failed.status == 400);
      CHECK(failed.code == "invalid_token");
      CHECK(failed.message == words);
    }
  }

  TEST_CASE("errors of either grant are classified like any other (U-51 to U-59)") {
    using enum core::failure_class;
    struct row {
      unsigned status;
      std::string body;
      core::failure_class kind;
    };
    for (auto const& row :
         std::vector<row>{{400, R"({"error":"invalid_grant"})", instance_blocked},
                          {401, R"({"error":"invalid_client"})", app_refused},
                          {400, R"({"errorDescription":"x - invalid_client"})", app_refused},
                          {404, "", instance_blocked},
                          {403, R"({"errorDescription":"no"})", instance_blocked},
                          {400, "<html>", transient},
                          {429, "", throttled},
                          {500, R"({"errorDescription":"x - invalid_token"})", transient}}) {
      CAPTURE(row.body);
      for (auto const how : both) {
        auto const result = classify(how, row.body, row.status);
        REQUIRE(std::holds_alternative<core::failure>(result));
        CHECK(std::get<core::failure>(result).kind == row.kind);
      }
    }
  }

  TEST_CASE("no text holds the app secret, the credential or either token") {
    std::string const access = "OAUTH2.an-access-token-of-the-answer";
    std::string const refresh = "OAUTH2.a-refresh-token-of-the-answer";
    auto const tokens = R"("access_token":")" + access + R"(","refresh_token":")" + refresh + "\"";
    auto const all = std::string{test::sample_secret} + " " + std::string{credential} + " " +
                     access + " " + refresh;
    for (auto const how : both) {
      for (unsigned const status : {200U, 400U, 500U}) {
        for (std::string const member : {"message", "error", "errorDescription"}) {
          if (how == grant::authorization_code && status == 200) continue;  // kept: see above
          auto const body =
              "{" + tokens + R"(,"expires_in":"x",")" + member + R"(":")" + all + "\"}";
          auto const result = classify(how, body, status);
          auto const* const failed = std::get_if<core::failure>(&result);
          REQUIRE(failed != nullptr);
          auto const texts = failed->code + "\n" + failed->message;
          CAPTURE(texts);
          CHECK(texts.find(test::sample_secret) == std::string::npos);
          CHECK(texts.find("what-was-sent") == std::string::npos);
          CHECK(texts.find("access-token-of") == std::string::npos);
          CHECK(texts.find("refresh-token-of") == std::string::npos);
        }
      }
    }
  }
}
