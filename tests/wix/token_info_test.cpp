#include "wix/token_info.hpp"

#include "wix/json_reading.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace wixtokend;

namespace {

std::optional<service::token_info> parse(std::string const& text) {
  auto const body = wix::parse_object(text);
  REQUIRE(body.has_value());
  std::array<std::string_view, 1> const hidden{"OauthNG.JWS.the-token-asked-about"};
  return wix::parse_token_info(*body, hidden);
}

}  // namespace

TEST_SUITE("wix.token_info") {
  TEST_CASE("strings, as the documentation's example has them, are normalised (U-33)") {
    auto const info = parse(R"({"active":"true","subjectType":"APP","subjectId":"s",)"
                            R"("exp":"1715096067","iat":"1715081667","clientId":"c",)"
                            R"("siteId":"m","instanceId":"i"})");
    REQUIRE(info.has_value());
    CHECK(info->active);
    CHECK(info->subject_type == "APP");
    CHECK(info->subject_id == "s");
    CHECK(info->expires_at == 1715096067);
    CHECK(info->issued_at == 1715081667);
    CHECK(info->client_id == "c");
    CHECK_FALSE(info->account_id.has_value());
    CHECK(info->site_id == "m");
    CHECK(info->instance == "i");
    CHECK_FALSE(info->vendor_product_id.has_value());
  }

  TEST_CASE("native types, as the published types have them, mean the same (U-33)") {
    auto const info = parse(R"({"active":true,"subjectType":"USER","subjectId":"s",)"
                            R"("exp":1715096067,"iat":1715081667,"clientId":"c",)"
                            R"("accountId":"a","siteId":null,"vendorProductId":"pro"})");
    REQUIRE(info.has_value());
    CHECK(info->active);
    CHECK(info->expires_at == 1715096067);
    CHECK(info->issued_at == 1715081667);
    CHECK(info->account_id == "a");
    CHECK_FALSE(info->site_id.has_value());
    CHECK(info->vendor_product_id == "pro");
  }

  TEST_CASE("an inactive token has empty defaults, written out or left out (U-34)") {
    for (std::string const text :
         {R"({"active":false,"subjectType":"UNKNOWN","subjectId":"","clientId":""})",
          R"({"active":"false","subjectType":"UNKNOWN"})", R"({"subjectType":"UNKNOWN"})",
          R"({"active":null,"subjectType":"UNKNOWN"})"}) {
      CAPTURE(text);
      auto const info = parse(text);
      REQUIRE(info.has_value());
      CHECK_FALSE(info->active);
      CHECK(info->subject_type == "UNKNOWN");
      CHECK(info->client_id.empty());
      CHECK_FALSE(info->expires_at.has_value());
    }
  }

  TEST_CASE("whether it is active must be readable") {
    for (std::string const active : {"1", "\"yes\"", "\"True\"", "\"\"", "[]", "{}"}) {
      CAPTURE(active);
      CHECK_FALSE(parse("{\"active\":" + active + "}").has_value());
    }
  }

  TEST_CASE("fields of the wrong type are as absent") {
    auto const info = parse(R"({"active":true,"subjectType":7,"subjectId":null,"exp":"later",)"
                            R"("iat":-5,"clientId":[],"accountId":1,"instanceId":{}})");
    REQUIRE(info.has_value());
    CHECK(info->subject_type.empty());
    CHECK(info->client_id.empty());
    CHECK_FALSE(info->expires_at.has_value());
    CHECK_FALSE(info->issued_at.has_value());
    CHECK_FALSE(info->account_id.has_value());
    CHECK_FALSE(info->instance.has_value());
  }

  TEST_CASE("texts are bounded and never hold the token") {
    auto const info = parse(R"({"active":true,"subjectId":")" + std::string(5000, 'x') +
                            R"(","clientId":"OauthNG.JWS.the-token-asked-about"})");
    REQUIRE(info.has_value());
    CHECK(info->subject_id.size() == wix::info_text_size_max);
    CHECK(info->client_id == "[redacted]");
  }
}
