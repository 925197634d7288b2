#include "wix/token_format.hpp"

#include "base/base64url.hpp"
#include "support/wix_samples.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using test::token_with_payload;
using wix::decode_token;

namespace {

auto const asked = instance_id::parse(test::sample_instance).value();

std::string with_data(std::string const& data) {
  return token_with_payload(R"({"data":)" + data + R"(,"iat":1,"exp":2})");
}

}  // namespace

TEST_SUITE("wix.token_format") {
  TEST_CASE("instance, iat and exp are read from a token in the known form (U-36, U-39, U-40)") {
    auto const claims = decode_token(test::sample_token(test::sample_instance, 1000, 15400));
    REQUIRE(claims.has_value());
    CHECK(claims->instance == asked);
    CHECK(claims->issued_at == 1000);
    CHECK(claims->expires_at == 15400);
  }

  TEST_CASE("each claim may be absent or odd without hiding the others") {
    auto const bare = decode_token(token_with_payload("{}"));
    REQUIRE(bare.has_value());
    CHECK_FALSE(bare->instance.has_value());
    CHECK_FALSE(bare->issued_at.has_value());
    CHECK_FALSE(bare->expires_at.has_value());

    auto const odd = decode_token(token_with_payload(R"({"data":{},"iat":"7","exp":[]})"));
    REQUIRE(odd.has_value());
    CHECK_FALSE(odd->instance.has_value());
    CHECK(odd->issued_at == 7);
    CHECK_FALSE(odd->expires_at.has_value());
  }

  TEST_CASE("data that does not name a GUID names no instance") {
    for (std::string const data :
         {"\"\"", "\"{\"", "\"[]\"", "\"{}\"", R"("{\"instance\":null}")", R"("{\"instance\":{}}")",
          R"("{\"instance\":{\"instanceId\":5}}")", R"("{\"instance\":{\"instanceId\":\"\"}}")",
          R"("{\"instance\":{\"instanceId\":\"not-a-guid\"}}")",
          R"("{\"instanceId\":\"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55\"}")", "null", "1"}) {
      CAPTURE(data);
      auto const claims = decode_token(with_data(data));
      REQUIRE(claims.has_value());
      CHECK_FALSE(claims->instance.has_value());
      CHECK(claims->expires_at == 2);
    }
  }

  TEST_CASE("tokens of other forms are opaque") {
    auto const header = base64url_encode(R"({"alg":"HS256"})");
    auto const payload = base64url_encode(R"({"iat":1,"exp":2})");
    for (std::string const& token : {
             std::string{},
             std::string{"."},
             std::string{"...."},
             std::string{"opaque"},
             header + "." + payload + ".sig",              // a plain JWT
             "OAUTH2." + header + ".!." + "sig",           // no base64url
             "OAUTH2." + header + "." + payload,           // three parts
             "OAUTH2." + header + "." + payload + ".s.g",  // five
             "oauth2." + header + "." + payload + ".sig",
             "OauthNG.JWS." + payload + "." + header + "." + "sig.more",
             "OauthNG.JWS." + header + "." + payload,            // four parts
             "OauthNG.JWS." + header + "." + payload + ".sig.",  // six
             "oauthng.jws." + header + "." + payload + ".sig",   // another spelling
             "Oauth.JWS." + header + "." + payload + ".sig",
             "OauthNG.JWE." + header + "." + payload + ".sig",
             "OauthNG." + payload + ".JWS." + header + ".sig",  // payload at the wrong index
             "OauthNG.JWS." + header + "..sig",
             "OauthNG.JWS." + header + "." + payload + "=.sig",  // padding
             "OauthNG.JWS." + header + "." + payload + "\n.sig",
             "OauthNG.JWS." + header + ".e30+.sig",  // not the URL alphabet
             "OauthNG.JWS." + header + ".e.sig",
             token_with_payload("[1]"),
             token_with_payload("{\"iat\":1"),
             token_with_payload("{} {}"),
             token_with_payload("\xff\xfe"),
         }) {
      CAPTURE(token);
      CHECK_FALSE(decode_token(token).has_value());
    }
  }

  TEST_CASE("header and signature are not looked at") {
    auto const payload = base64url_encode(R"({"iat":1,"exp":2})");
    CHECK(decode_token("OauthNG.JWS.." + payload + ".").has_value());
    CHECK(decode_token("OauthNG.JWS.!!." + payload + ".==").has_value());
  }

  TEST_CASE("hostile payloads are bounded") {
    std::string deep;
    for (int i = 0; i < 2000; ++i) deep += "[";
    CHECK_FALSE(decode_token(token_with_payload(R"({"data":)" + deep)).has_value());

    auto const claims = decode_token(with_data("\"" + deep + "\""));  // deep inside of the string
    REQUIRE(claims.has_value());
    CHECK_FALSE(claims->instance.has_value());

    // One byte over the limit, in the part that decides nothing.
    auto token = test::sample_token(test::sample_instance, 1000, 15400);
    token.append(wix::token_size_max - token.size(), 'x');
    CHECK(decode_token(token).has_value());
    CHECK_FALSE(decode_token(token + "x").has_value());
  }

  TEST_CASE("of a legacy token only the instance is read, from the payload's top (U-30, U-108)") {
    auto const claims_of = [](std::string const& payload) {
      return wix::decode_token("OAUTH2." + base64url_encode(R"({"kid":"k","alg":"RS256"})") + "." +
                               base64url_encode(payload) + ".c2ln");
    };
    std::string const named = R"(\"instanceId\":\"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55\")";
    auto const claims =
        claims_of(R"({"data":"{\"appId\":\"a\",)" + named + R"(}","iat":1,"exp":9})");
    REQUIRE(claims.has_value());
    REQUIRE(claims->instance.has_value());
    CHECK(claims->instance->to_string() == test::sample_instance);
    CHECK_FALSE(claims->issued_at.has_value());
    CHECK_FALSE(claims->expires_at.has_value());

    auto const nested = claims_of(R"({"data":"{\"instance\":{)" + named + R"(}}"})");
    REQUIRE(nested.has_value());
    CHECK_FALSE(nested->instance.has_value());
    auto const foreign = claims_of("{}");
    REQUIRE(foreign.has_value());
    CHECK_FALSE(foreign->instance.has_value());
    CHECK_FALSE(claims_of("[]").has_value());
  }
}
