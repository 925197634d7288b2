// `POST /oauth/access`: refresh tokens of custom authentication (docs/upstream.md U-3, U-26, U-29).

#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {
namespace {

std::string const json_type = "Content-Type: application/json\r\n";
std::string const form_type = "Content-Type: application/x-www-form-urlencoded\r\n";
std::string const main_app = "11111111-1111-4111-8111-111111111111";
std::string const blog_app = "22222222-2222-4222-8222-222222222222";
std::string const refresh_token = "OAUTH2.refresh-token-of-the-sample";

// The SDK's own request (U-78).
std::string sdk_body(std::string const& token = refresh_token, std::string const& app = main_app) {
  return R"({"refresh_token":")" + token + R"(","client_id":")" + app +
         R"(","client_secret":"s","grant_type":"refresh_token"})";
}

// Takes a token in exchange for what the upstream calls one.
struct access_world : durable_api_world {
  access_world() { CHECK(put(refresh_token).status == 201); }

  http::response put(std::string const& token, std::string const& query = {},
                     std::string const& id = sample_id) {
    return request("PUT", "/v1/instances/" + id + query, json_type,
                   R"({"grant":"refresh_token","refresh_token":")" + token + "\"}");
  }
  http::response access(std::string const& body, std::string const& type = json_type,
                        std::uint32_t uid = 1000) {
    return request("POST", "/oauth/access", type, body, uid);
  }
};

}  // namespace

TEST_SUITE("api.dropin_handlers_access") {
  TEST_CASE("the SDK's refresh gets the cached token, and its own refresh token back") {
    access_world w;
    auto const answer = w.access(sdk_body());
    CHECK(answer.status == 200);
    CHECK(answer.body ==
          R"({"refresh_token":")" + refresh_token + R"(","access_token":"token-1"})");
    CHECK(header_of(answer, "Content-Type") == "application/json");
    CHECK(header_of(answer, "Cache-Control") == "no-store");
    CHECK(header_of(answer, "Pragma") == "no-cache");
    CHECK(header_of(answer, "x-wix-request-id") == header_of(answer, "X-Request-Id"));
    for (int i = 0; i < 5; ++i) CHECK(w.access(sdk_body()).status == 200);
    CHECK(w.request("POST", "/oauth/access/", json_type, sdk_body()).status == 200);
    CHECK(w.issuer.calls == 1);
    CHECK(w.issuer.grants.front() == core::grant::refresh_token);
  }

  TEST_CASE("camelCase, forms, Basic authentication and other spellings are all accepted") {
    access_world w;
    CHECK(w.access(R"({"refreshToken":")" + refresh_token + R"(","clientId":")" + main_app +
                   R"(","grantType":"refresh_token","clientSecret":7})")
              .status == 200);
    auto const form = "grant_type=refresh_token&refresh_token=" + refresh_token;
    CHECK(w.access(form + "&client_id=" + main_app, form_type).status == 200);
    CHECK(w.access("grantType=refresh_token&refreshToken=" + refresh_token +
                       "&clientId=" + main_app + "&clientSecret=x",
                   form_type)
              .status == 200);
    CHECK(w.access(sdk_body(), form_type).status == 200);
    CHECK(w.access(sdk_body(), "").status == 200);
  }

  TEST_CASE("a refresh token that is not known is told in the upstream's words (U-29)") {
    access_world w;
    auto const answer = w.access(sdk_body("OAUTH2.another"));
    CHECK(answer.status == 400);
    CHECK(answer.body ==
          R"({"errorDescription":"no instance of this app is registered here with this refresh )"
          R"(token - invalid_token","error":"invalid_grant","error_description":"no instance of )"
          R"(this app is registered here with this refresh token - invalid_token"})");
    CHECK(answer.body.find("another") == std::string::npos);
    CHECK(w.access(sdk_body("")).body == answer.body);
    CHECK(w.access(sdk_body(refresh_token + "x")).body == answer.body);
    CHECK(w.access(sdk_body(refresh_token, blog_app)).body == answer.body);  // of the other app
    CHECK(w.issuer.calls <= 1);  // its own, after the registration
    CHECK(w.blog_issuer.calls == 0);
  }

  TEST_CASE("one that was replaced, or whose instance is gone, is not known any more") {
    access_world w;
    CHECK(w.put("OAUTH2.newer", "?replace=true").status == 200);
    CHECK(error_of(w.access(sdk_body())) == "400 invalid_grant");
    CHECK(w.access(sdk_body("OAUTH2.newer")).status == 200);
    CHECK(w.request("DELETE", instance_path()).status == 204);
    CHECK(error_of(w.access(sdk_body("OAUTH2.newer"))) == "400 invalid_grant");
  }

  TEST_CASE("one that comes back as another is answered as it was sent, then is unknown") {
    access_world w;
    w.time.advance(1s);
    w.issuer.rotates_to = "OAUTH2.rotated";
    CHECK(w.request("DELETE", instance_path("/token")).status == 204);
    w.time.advance(1s);
    CHECK(error_of(w.access(sdk_body())) == "400 invalid_grant");
    auto const answer = w.access(sdk_body("OAUTH2.rotated"));
    CHECK(member_of(answer, "refresh_token") == "\"OAUTH2.rotated\"");
  }

  TEST_CASE("requests that are not whole are told in the shape of RFC 6749") {
    access_world w;
    auto const error = [&](std::string const& body, std::string const& type = json_type) {
      auto const answer = w.access(body, type);
      CHECK(header_of(answer, "x-wix-request-id") == header_of(answer, "X-Request-Id"));
      return error_of(answer) + ": " + member_of(answer, "error_description");
    };
    CHECK(error("{") == R"(400 invalid_request: "the body is not a JSON object")");
    CHECK(error("{}") == R"(400 invalid_request: "grant_type is missing")");
    CHECK(error("grant_type=refresh_token&grant_type=refresh_token", form_type) ==
          R"(400 invalid_request: "grant_type is there twice")");
    CHECK(error(R"({"grant_type":"refresh_token"})") ==
          R"(400 invalid_request: "client_id is missing")");
    CHECK(error(R"({"grant_type":"refresh_token","client_id":")" + main_app + "\"}") ==
          R"(400 invalid_request: "refresh_token is missing")");
    CHECK(error(sdk_body(refresh_token, "33333333-3333-4333-8333-333333333333")) ==
          R"(401 invalid_client: "no app with this client_id is configured here")");
    CHECK(error(R"({"grant_type":"client_credentials"})") ==
          R"(400 unsupported_grant_type: "only refresh_token is served here")");
  }

  TEST_CASE("codes are not taken here, and the answer says where they are") {
    access_world w;
    auto const answer = w.access(R"({"code":"OAUTH2.code","client_id":")" + main_app +
                                 R"(","client_secret":"s","grant_type":"authorization_code"})");
    CHECK(error_of(answer) == "400 unsupported_grant_type");
    CHECK(answer.body.find("PUT /v1/instances/") != std::string::npos);
    CHECK(answer.body.find("OAUTH2.code") == std::string::npos);
  }

  TEST_CASE("what the upstream refuses is passed on in the shape of this call") {
    durable_api_world w;
    auto refused = scripted_issuer::failure_of(core::failure_class::instance_blocked, "");
    refused.status = 400;
    refused.message = "[business][FATAL] - invalid_token";
    w.issuer.fails = refused;
    w.request("PUT", instance_path(), json_type,
              R"({"grant":"refresh_token","refresh_token":")" + refresh_token + "\"}");
    auto const answer = w.request("POST", "/oauth/access", json_type, sdk_body());
    CHECK(answer.status == 400);
    CHECK(answer.body == R"({"errorDescription":"[business][FATAL] - invalid_token",)"
                         R"("error":"invalid_grant",)"
                         R"("error_description":"[business][FATAL] - invalid_token"})");
    CHECK(header_of(answer, "x-wix-request-id") == "request-7");
  }

  TEST_CASE("no token in time is 503, with a pause") {
    durable_api_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.request("PUT", instance_path(), json_type,
              R"({"grant":"refresh_token","refresh_token":")" + refresh_token + "\"}");
    auto& client = w.connect();
    client.send(request_text("POST", "/oauth/access", json_type, sdk_body()));
    w.time.advance(5s);
    auto const answer = client.take();
    CHECK(error_of(answer) == "503 temporarily_unavailable");
    CHECK(header_of(answer, "Retry-After") != "-");
  }

  TEST_CASE("what is not granted is not told apart from what is not known") {
    access_world w;
    auto const other = instance_id::parse("7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310").value();
    core::access_rule everything{core::subject::user, 1000, core::all_roles};
    core::access_rule limited{core::subject::user, 2000, core::all_roles};
    limited.instances.emplace(1, other);
    w.policy = core::access_policy{{everything, limited}, {}};
    auto const unknown = w.access(sdk_body("OAUTH2.another"), json_type, 2000);
    auto const denied = w.access(sdk_body(), json_type, 2000);
    CHECK(denied.status == 400);
    CHECK(denied.body == unknown.body);
    CHECK(w.server.counted().denied == 1);
    CHECK(w.access(sdk_body()).status == 200);
    CHECK(error_of(w.access(sdk_body(), json_type, 3000)) == "403 access_denied");

    // The same refresh token under an instance that it may read.
    CHECK(w.put(refresh_token, "", other.to_string()).status == 201);
    CHECK(w.access(sdk_body(), json_type, 2000).status == 200);
  }
}

}  // namespace wixtokend::test
