#include "emulator/token_mint.hpp"

#include "base/base64url.hpp"
#include "emulator/dates.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::emulator;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

auto const instance = instance_id::parse("22222222-2222-4222-8222-0123456789ab").value();

claims sample(token_kind kind = token_kind::access) {
  claims about;
  about.kind = kind;
  about.app_id = "11111111-1111-4111-8111-111111111111";
  about.instance = instance;
  about.issued = wall_time{1'795'435'200'123ms};
  about.life = 14400s;
  about.serial = 0xfedcba9876543210;
  return about;
}

std::vector<std::string> parts_of(std::string const& token) {
  std::vector<std::string> parts{""};
  for (char const c : token) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

json::object decoded(std::string const& part) {
  return json::parse(base64url_decode(part).value()).as_object();
}

json::object inner(json::object const& payload) {
  return json::parse(payload.at("data").as_string()).as_object();
}

}  // namespace

TEST_SUITE("emulator.token_mint") {
  TEST_CASE("an access token has the five parts, the header and the claims of the upstream's") {
    token_mint const mint;
    auto const parts = parts_of(mint.make(sample(), 720));
    REQUIRE(parts.size() == 5);
    CHECK(parts[0] == "OauthNG");
    CHECK(parts[1] == "JWS");
    CHECK(decoded(parts[2]).at("alg") == "HS256");
    CHECK(decoded(parts[2]).contains("kid"));

    auto const payload = decoded(parts[3]);
    CHECK(payload.size() == 3);
    CHECK(payload.at("iat") == 1'795'435'200);
    CHECK(payload.at("exp") == 1'795'435'200 + 14400);
    auto const data = inner(payload).at("instance").as_object();
    CHECK(data.at("instanceId") == json::value(instance.to_string()));
    CHECK(data.at("appDefId") == json::value(sample().app_id));
    CHECK(data.at("signDate") == "2026-11-23T12:00:00.123Z");
    CHECK(data.at("expirationDate") == "2026-11-23T16:00:00.000Z");
    CHECK(data.at("permissions") == "OWNER");
    CHECK(data.at("demoMode") == false);
    CHECK(data.at("siteOwnerId") == json::value(owner_of(instance)));
    CHECK(data.at("metaSiteId") == json::value(site_of(instance)));
  }

  TEST_CASE("the signature is HMAC-SHA256 over header and payload") {
    token_mint const mint;
    for (auto const kind : {token_kind::access, token_kind::refresh}) {
      auto const token = mint.make(sample(kind), 900);
      auto const parts = parts_of(token);
      auto const signed_text = parts[parts.size() - 3] + "." + parts[parts.size() - 2];
      std::string const key = "the key of wix-oauth-emulator, known to everybody";
      std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
      unsigned size = 0;
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<unsigned char const*>(signed_text.data()), signed_text.size(),
           code.data(), &size);
      CHECK(base64url_decode(parts.back()).value() ==
            std::string{reinterpret_cast<char const*>(code.data()), size});
    }
  }

  TEST_CASE("legacy tokens are a JWT after their prefix, with app and instance in their data") {
    token_mint const mint;
    for (auto const kind : {token_kind::legacy_access, token_kind::refresh, token_kind::code}) {
      auto const parts = parts_of(mint.make(sample(kind), 1200));
      REQUIRE(parts.size() == 4);
      CHECK(parts[0] == "OAUTH2");
      CHECK(decoded(parts[1]).at("alg") == "HS256");
      auto const data = inner(decoded(parts[2]));
      CHECK(data.at("appId") == json::value(sample().app_id));
      CHECK(data.at("instanceId") == json::value(instance.to_string()));
    }
  }

  TEST_CASE("every size from 640 to 1500 is met to the byte, or missed by one") {
    token_mint const mint;
    for (std::size_t size = 640; size <= 1500; ++size) {
      auto const token = mint.make(sample(), size);
      CHECK(token.size() <= size);
      CHECK(token.size() + 1 >= size);
      CHECK(mint.read(token) == sample());
    }
    CHECK(mint.make(sample(), 640).size() == 640);
    CHECK(mint.make(sample(), 1500).size() == 1500);
  }

  TEST_CASE("sizes beyond the limits are clamped to them") {
    token_mint const mint;
    CHECK(mint.make(sample(), 1).size() == token_mint::size_min);
    auto const longest = mint.make(sample(), 10'000'000);
    CHECK(longest.size() + 1 >= token_mint::size_max);
    CHECK(longest.size() <= token_mint::size_max);
  }

  TEST_CASE("the site's owner is named where the size leaves room") {
    token_mint const mint;
    auto const has_owner = [&](std::size_t size) {
      auto const payload = decoded(parts_of(mint.make(sample(), size))[3]);
      return inner(payload).at("instance").as_object().contains("siteOwnerId");
    };
    CHECK_FALSE(has_owner(token_mint::size_with_owner - 1));
    CHECK(has_owner(token_mint::size_with_owner));
    CHECK(mint.make(sample(), token_mint::size_with_owner).size() == token_mint::size_with_owner);
  }

  TEST_CASE("tokens of different serial numbers differ, those of equal claims do not") {
    token_mint const mint;
    auto other = sample();
    ++other.serial;
    CHECK(mint.make(sample(), 700) == mint.make(sample(), 700));
    CHECK(mint.make(sample(), 700) != mint.make(other, 700));
    CHECK(token_mint{}.make(sample(), 700) == mint.make(sample(), 700));
  }

  TEST_CASE("every kind of token is read back as it was made") {
    token_mint const mint;
    for (auto const kind : {token_kind::access, token_kind::visitor, token_kind::legacy_access,
                            token_kind::refresh, token_kind::code}) {
      auto about = sample(kind);
      CHECK(mint.read(mint.make(about, 1000)) == about);
      about.serial = 0;
      about.issued = wall_time{1'700'000'000'000ms};
      CHECK(mint.read(mint.make(about, 1000)) == about);
    }
  }

  TEST_CASE("a token without a life has no exp and never expires") {
    token_mint const mint;
    auto about = sample(token_kind::refresh);
    about.life = 0s;
    auto const token = mint.make(about, 1200);
    CHECK_FALSE(decoded(parts_of(token)[2]).contains("exp"));
    CHECK(mint.read(token) == about);
    CHECK(about.expires() == wall_time::max());
  }

  TEST_CASE("a life counts from the whole second of the issue") {
    CHECK(sample().expires() == wall_time{1'795'449'600'000ms});
  }

  TEST_CASE("a token that was tampered with in any part is not read") {
    token_mint const mint;
    auto const token = mint.make(sample(), 640);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < token.size(); ++i) {
      auto forged = token;
      forged[i] = forged[i] == 'A' ? 'B' : 'A';
      refused += mint.read(forged).has_value() ? 0U : 1U;
    }
    CHECK(refused == token.size());
  }

  TEST_CASE("what is no token is not read") {
    token_mint const mint;
    auto const token = mint.make(sample(), 640);
    for (auto const& text :
         {std::string{}, std::string{"OauthNG.JWS."}, std::string{"OAUTH2.a"},
          std::string{"OAUTH2.a.b.c"}, token.substr(12), token.substr(0, token.size() - 1),
          token + "A", "Bearer " + token, std::string{"IST.eyJraWQiOiJ4In0.e30.c2ln"}}) {
      CAPTURE(text);
      CHECK_FALSE(mint.read(text).has_value());
    }
  }

  TEST_CASE("another instance is another one, and always the same") {
    CHECK(another_instance(instance) != instance);
    CHECK(another_instance(instance) == another_instance(instance));
    CHECK(another_instance(another_instance(instance)) == instance);
    CHECK(instance_id::parse(site_of(instance)).has_value());
    CHECK(site_of(instance) != owner_of(instance));
  }
}
