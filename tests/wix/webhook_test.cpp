#include "wix/webhook.hpp"

#include "base/base64url.hpp"
#include "support/wix_samples.hpp"
#include "wix/signing_key.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;
using service::webhook_event;
using service::webhook_refusal;
using test::signing_key;

namespace {

constexpr std::string_view our_app = "11111111-1111-4111-8111-111111111111";
constexpr std::string_view header = R"({"kid":"k","alg":"RS256","typ":"JWT"})";
wall_time const now{std::chrono::seconds{test::sample_now}};

signing_key const& our_key() {
  static auto const key = signing_key::rsa(2048);
  return key;
}

std::string payload(std::string const& exp = std::to_string(test::sample_now + 60),
                    std::string_view app = our_app) {
  auto const inner = R"({\\\"appId\\\":\\\")" + std::string{app} + R"(\\\"})";
  return R"({"data":"{\"data\":\")" + inner + R"(\",\"instanceId\":\")" +
         std::string{test::sample_instance} + R"(\",\"eventType\":\"AppInstalled\"}","iat":1)" +
         (exp.empty() ? exp : ",\"exp\":" + exp) + "}";
}

wix::webhook_settings settings() {
  wix::webhook_settings made;
  made.app_id = our_app;
  made.key = wix::parse_public_key(our_key().public_pem()).value();
  return made;
}

// Why it is refused; nothing if it is not.
std::optional<webhook_refusal> refusal(std::string_view body,
                                       wix::webhook_settings how = settings(),
                                       wall_time when = now) {
  auto const result = wix::webhook_verifier{std::move(how)}.verify(body, when);
  auto const* const refused = std::get_if<webhook_refusal>(&result);
  return refused == nullptr ? std::nullopt : std::optional{*refused};
}

error_code key_error(std::string_view text) {
  auto const key = wix::parse_public_key(text);
  return key.has_value() ? error_code{} : key.error();
}

}  // namespace

TEST_SUITE("wix.webhook") {
  TEST_CASE("a webhook signed with the app's key is read, with white space around it") {
    auto const jwt = our_key().jwt(header, payload());
    for (auto const& body : {jwt, jwt + "\n", " \r\n\t" + jwt + "\r\n"}) {
      auto const result = wix::webhook_verifier{settings()}.verify(body, now);
      REQUIRE(std::holds_alternative<service::webhook>(result));
      CHECK(std::get<service::webhook>(result).event == webhook_event::installed);
      CHECK(std::get<service::webhook>(result).instance.to_string() == test::sample_instance);
    }
  }

  TEST_CASE("without a key nothing is verified") {
    auto how = settings();
    how.key.reset();
    CHECK(refusal(our_key().jwt(header, payload()), how) == webhook_refusal::not_configured);
  }

  TEST_CASE("any algorithm but RS256 is refused, however it is signed (U-72, U-111)") {
    auto const signed_with = [](std::string_view head, auto sign) {
      auto const text = base64url_encode(head) + "." + base64url_encode(payload());
      return text + "." + base64url_encode(sign(text));
    };
    auto const pkcs1 = [](std::string const& text) { return our_key().sign(text); };
    auto const pss = [](std::string const& text) { return our_key().sign(text, "SHA256", true); };
    auto const sha512 = [](std::string const& text) { return our_key().sign(text, "SHA512"); };
    auto const with_public_key = [](std::string const& text) {
      return test::hmac_sha256(our_key().public_pem(), text);
    };
    auto const unsigned_ = [](std::string const&) { return std::string{}; };

    CHECK_FALSE(refusal(signed_with(header, pkcs1)).has_value());
    for (auto const& jwt :
         {signed_with(R"({"alg":"none"})", unsigned_), signed_with(R"({"alg":"none"})", pkcs1),
          signed_with(R"({"alg":"None"})", unsigned_), signed_with(header, unsigned_),
          signed_with(R"({"alg":"HS256"})", with_public_key), signed_with(header, with_public_key),
          signed_with(R"({"alg":"HS256"})", pkcs1), signed_with(R"({"alg":"PS256"})", pss),
          signed_with(header, pss), signed_with(R"({"alg":"RS512"})", sha512),
          signed_with(header, sha512), signed_with(R"({"alg":"rs256"})", pkcs1),
          signed_with(R"({"alg":"RS256 "})", pkcs1), signed_with(R"({"alg":["RS256"]})", pkcs1),
          signed_with(R"({"alg":null})", pkcs1), signed_with(R"({"typ":"JWT"})", pkcs1)}) {
      CAPTURE(jwt.substr(0, 60));
      CHECK(refusal(jwt) == webhook_refusal::bad_signature);
    }
    // Extensions that must be understood are not.
    for (auto const* const critical :
         {R"({"alg":"RS256","crit":["exp"],"exp":1})", R"({"alg":"RS256","crit":[]})",
          R"({"alg":"RS256","b64":false,"crit":["b64"]})"}) {
      CHECK(refusal(signed_with(critical, pkcs1)) == webhook_refusal::malformed);
    }
    for (auto const* const no_header : {"", "null", "[]", "RS256", R"({"alg":"RS256")"}) {
      CHECK(refusal(signed_with(no_header, pkcs1)) == webhook_refusal::malformed);
    }
  }

  TEST_CASE("a signature of another key, or of another text, is bad") {
    auto const stranger = signing_key::rsa(2048);
    CHECK(refusal(stranger.jwt(header, payload())) == webhook_refusal::bad_signature);
    CHECK(refusal(signing_key::elliptic().jwt(header, payload())) ==
          webhook_refusal::bad_signature);

    auto const jwt = our_key().jwt(header, payload());
    auto const dot = jwt.rfind('.');
    auto const other = our_key().jwt(header, payload("9999999999"));
    CHECK(refusal(other.substr(0, other.rfind('.')) + jwt.substr(dot)) ==
          webhook_refusal::bad_signature);
    // Each byte of the signature counts.
    for (auto at = dot + 1; at + 1 < jwt.size(); at += 17) {
      auto changed = jwt;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      CHECK(refusal(changed) == webhook_refusal::bad_signature);
    }
    auto const bytes = base64url_decode(jwt.substr(dot + 1)).value();
    auto const text = jwt.substr(0, dot + 1);
    for (auto const& signature : {bytes.substr(1), bytes + std::string(1, '\0'),
                                  std::string(1, '\0') + bytes, std::string(256, '\0')}) {
      CHECK(refusal(text + base64url_encode(signature)) == webhook_refusal::bad_signature);
    }
    // What is said is looked at only after the signature.
    CHECK(refusal(stranger.jwt(header, "not json")) == webhook_refusal::bad_signature);
    CHECK(refusal(stranger.jwt(header, payload("1"))) == webhook_refusal::bad_signature);
    CHECK(refusal(our_key().jwt(header, "not json")) == webhook_refusal::malformed);
  }

  TEST_CASE("a body that is no JWT is malformed") {
    auto const jwt = our_key().jwt(header, payload());
    auto const first = jwt.find('.');
    auto const second = jwt.find('.', first + 1);
    for (auto const& body :
         {std::string{}, std::string{" \n"}, std::string{"."}, std::string{".."}, std::string{"{}"},
          std::string{"a.b.c"}, jwt + ".", "." + jwt, jwt + "." + jwt, jwt.substr(0, second),
          jwt + "=", jwt + "\n" + jwt, jwt.substr(0, first) + "=" + jwt.substr(first),
          jwt.substr(0, 5) + " " + jwt.substr(5), "\"" + jwt + "\"", "digest: JWT=" + jwt,
          jwt.substr(0, second + 1) + "+" + jwt.substr(second + 2),
          std::string(wix::webhook_size_max + 1, 'A'), std::string(60'000, '.')}) {
      CAPTURE(body.substr(0, 60));
      CHECK(refusal(body) == webhook_refusal::malformed);
    }
  }

  TEST_CASE("the largest body is verified, one byte more is malformed") {
    auto const padded = [](std::size_t size) {
      auto text = payload();
      text.insert(1, R"("x":")" + std::string(size, 'x') + R"(",)");
      return our_key().jwt(header, text);
    };
    auto jwt = padded(48'000);
    REQUIRE(jwt.size() < wix::webhook_size_max);
    CHECK_FALSE(refusal(jwt).has_value());
    jwt.resize(wix::webhook_size_max, ' ');
    CHECK_FALSE(refusal(jwt).has_value());
    CHECK(refusal(jwt + " ") == webhook_refusal::malformed);
  }

  TEST_CASE("exp is honoured to the second, with its leeway (U-96, U-112)") {
    auto const jwt = our_key().jwt(header, payload(std::to_string(test::sample_now)));
    auto how = settings();
    auto const at = [&](std::chrono::milliseconds after) { return refusal(jwt, how, now + after); };
    CHECK_FALSE(at(-1ms).has_value());
    CHECK_FALSE(at(59'999ms).has_value());
    CHECK(at(60s) == webhook_refusal::expired);
    how.exp_leeway = 0s;
    CHECK_FALSE(at(-1ms).has_value());
    CHECK(at(0s) == webhook_refusal::expired);
    how.exp_leeway = 48h;
    CHECK_FALSE(at(47h).has_value());
    CHECK(at(48h) == webhook_refusal::expired);
    CHECK_FALSE(refusal(our_key().jwt(header, payload("253402300799")), how).has_value());
  }

  TEST_CASE("a webhook without exp is expired, unless that is allowed (U-72)") {
    auto how = settings();
    for (auto const* const none : {"", "null"}) {
      auto const jwt = our_key().jwt(header, payload(none));
      how.require_exp = true;
      CHECK(refusal(jwt, how) == webhook_refusal::expired);
      how.require_exp = false;
      CHECK_FALSE(refusal(jwt, how).has_value());
    }
    // One that is there counts all the same.
    CHECK(refusal(our_key().jwt(header, payload("1")), how) == webhook_refusal::expired);
  }

  TEST_CASE("a webhook for another app is refused, expired or not") {
    auto const jwt = our_key().jwt(header, payload("1", "99999999-9999-4999-8999-999999999999"));
    CHECK(refusal(jwt) == webhook_refusal::other_app);
  }

  TEST_CASE("a public key is a PEM, or the base64 of one, with white space around it (U-113)") {
    auto const pem = our_key().public_pem();
    auto const line = test::base64(pem);
    auto broken = line;
    for (std::size_t at = 76; at < broken.size(); at += 77) broken.insert(at, "\n");
    auto unpadded = line;
    while (unpadded.back() == '=') unpadded.pop_back();
    auto dos = pem;
    for (auto at = dos.find('\n'); at != dos.npos; at = dos.find('\n', at + 2))
      dos.insert(at, "\r");
    auto const jwt = our_key().jwt(header, payload());
    for (auto const& text : {pem, "\n " + pem + "\r\n", dos, our_key().traditional_public_pem(),
                             line, line + "\n", broken, unpadded, test::base64("\n" + pem + "\n"),
                             test::base64(our_key().traditional_public_pem())}) {
      CAPTURE(text);
      auto const key = wix::parse_public_key(text);
      REQUIRE(key.has_value());
      auto how = settings();
      how.key = *key;
      CHECK_FALSE(refusal(jwt, how).has_value());
    }
    auto const large = signing_key::rsa(3072);
    auto how = settings();
    how.key = wix::parse_public_key(large.public_pem()).value();
    CHECK_FALSE(refusal(large.jwt(header, payload()), how).has_value());
    CHECK(refusal(jwt, how) == webhook_refusal::bad_signature);
  }

  TEST_CASE("any other key is refused with its reason") {
    using enum wix::public_key_error;
    auto const pem = our_key().public_pem();
    auto const elliptic = signing_key::elliptic().public_pem();
    CHECK(key_error(our_key().private_pem()) == private_key);
    CHECK(key_error(test::base64(our_key().private_pem())) == private_key);
    CHECK(key_error(elliptic) == not_rsa);
    CHECK(key_error(signing_key::rsa_pss(2048).public_pem()) == not_rsa);
    CHECK(key_error(signing_key::rsa(1024).public_pem()) == bad_size);
    CHECK(key_error(signing_key::rsa(2040).public_pem()) == bad_size);
    auto halved = pem;
    halved.resize(pem.size() / 2);
    for (auto const& text :
         {std::string{}, std::string{" "}, std::string{"public key"}, std::string{"AAAA"}, halved,
          pem + pem, "x" + pem, pem + "x", test::base64(pem) + "!", test::base64(test::base64(pem)),
          std::string{"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"},
          std::string{"-----BEGIN PUBLIC KEY-----"}, std::string{"-----BEGIN "},
          std::string(wix::public_key_size_max + 1, 'A'),
          "-----BEGIN CERTIFICATE-----" + pem.substr(26)}) {
      CAPTURE(text.substr(0, 60));
      CHECK(key_error(text) == not_a_key);
    }
    CHECK(key_error("x").message() == "neither a public key in PEM, nor the base64 of one");
    CHECK(make_error_code(bad_size).message() == "not a sound RSA key of at least 2048 bits");
  }
}
