#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

// Facts about the upstream that is played here: docs/upstream.md U-7, U-8, U-44, U-79 to U-83,
// U-98 to U-103.

namespace wixtokend::test {
namespace {

std::string const json_type = "Content-Type: application/json\r\n";
std::string const form_type = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n";

// The exact body of the SDK's mint (U-76), for an app and an instance.
std::string sdk_body(std::string const& app = "11111111-1111-4111-8111-111111111111",
                     std::string const& instance = sample_id) {
  return R"({"instance_id":")" + instance + R"(","client_id":")" + app +
         R"(","client_secret":"app-secret","grant_type":"client_credentials"})";
}

http::response mint(api_world& w, std::string const& body, std::string const& type = json_type) {
  return w.request("POST", "/oauth2/token", type, body);
}

}  // namespace

TEST_SUITE("api.dropin_handlers") {
  TEST_CASE("the SDK's own request gets the upstream's own answer, with a short life") {
    api_world w;
    auto const answer = mint(w, sdk_body());
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"access_token":"token-1","token_type":"Bearer","expires_in":300})");
    CHECK(header_of(answer, "Content-Type") == "application/json");
    CHECK(header_of(answer, "Cache-Control") == "no-store");
    CHECK(header_of(answer, "Pragma") == "no-cache");
    CHECK(header_of(answer, "X-Cache") == "MISS");
    CHECK(header_of(answer, "x-wix-request-id") == header_of(answer, "X-Request-Id"));

    mint(w, sdk_body());
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("the life that is told is the usable one when that is shorter than the cap") {
    api_world w;
    w.issuer.life = 100s;
    CHECK(member_of(mint(w, sdk_body()), "expires_in") == "90");
    w.time.advance(500ms);
    CHECK(member_of(mint(w, sdk_body()), "expires_in") == "89");
  }

  TEST_CASE("camelCase, forms, no secret and foreign fields are all accepted") {
    api_world w;
    auto const app = std::string{"11111111-1111-4111-8111-111111111111"};
    auto const id = std::string{sample_id};
    CHECK(mint(w, R"({"grantType":"client_credentials","clientId":")" + app +
                      R"(","instanceId":")" + id + R"(","scope":"x"})")
              .status == 200);
    auto const form = "grant_type=client_credentials&client_id=" + app + "&instance_id=" + id;
    CHECK(mint(w, form, form_type).status == 200);
    CHECK(mint(w, form + "&client_secret=a%2Bb", form_type).status == 200);
    CHECK(mint(w, sdk_body(), form_type).status == 200);  // `curl -d '{…}'`
    CHECK(mint(w, sdk_body(), "").status == 200);
    CHECK(w.request("POST", "/oauth2/token?fresh=1767225600000", json_type, sdk_body()).status ==
          200);
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("media types: parameters and case do not matter, and others are read as JSON") {
    api_world w;
    auto const form = std::string{"grant_type=client_credentials&client_id="} +
                      "11111111-1111-4111-8111-111111111111&instance_id=" + sample_id;
    for (auto const* const type :
         {"Content-Type: application/x-www-form-urlencoded\r\n",
          "Content-Type: APPLICATION/X-WWW-Form-Urlencoded ; charset=UTF-8\r\n",
          "content-type:application/x-www-form-urlencoded;x=\"y\"\r\n"}) {
      CHECK_MESSAGE(mint(w, form, type).status == 200, std::string{type});
    }
    for (auto const* const type :
         {"Content-Type: application/json;charset=utf-8\r\n", "Content-Type: text/plain\r\n",
          "Content-Type: application/x-www-form-urlencoded-not\r\n"}) {
      CHECK_MESSAGE(mint(w, sdk_body(), type).status == 200, std::string{type});
      CHECK_MESSAGE(error_of(mint(w, form, type)) == "400 invalid_request", std::string{type});
    }
    CHECK(error_of(mint(w, "--x\r\n\r\n", "Content-Type: multipart/form-data; boundary=x\r\n")) ==
          "400 invalid_request");
  }

  TEST_CASE("a body that is too large is 413 before anything is read of it") {
    api_world w;
    auto const answer = mint(w, R"({"client_secret":")" + std::string(64 * 1024, 'x') + "\"}");
    CHECK(answer.status == 413);
    CHECK(!member_of(answer, "error_description").empty());
  }

  TEST_CASE("the client id may come with Basic authentication; the body goes before it") {
    api_world w;
    auto const form = std::string{"grant_type=client_credentials&instance_id="} + sample_id;
    auto const of_main = std::string{"Authorization: Basic "} +  // %2D for each dash, then :secret
                         "MTExMTExMTElMkQxMTExJTJENDExMSUyRDgxMTElMkQxMTExMTExMTExMTE6c2VjcmV0\r\n";
    CHECK(mint(w, form, form_type + of_main).status == 200);
    CHECK(w.issuer.calls == 1);
    CHECK(mint(w, form + "&client_id=22222222-2222-4222-8222-222222222222", form_type + of_main)
              .status == 200);
    CHECK(w.blog_issuer.calls == 1);

    auto const unknown = mint(w, form, form_type + std::string{"Authorization: Basic YTpi\r\n"});
    CHECK(error_of(unknown) == "401 invalid_client");
    CHECK(header_of(unknown, "WWW-Authenticate") ==
          R"(Basic realm="wixtokend", error="invalid_client")");
    CHECK(error_of(mint(w, form, form_type + std::string{"Authorization: Bearer YTpi\r\n"})) ==
          "400 invalid_request");
  }

  TEST_CASE("client_id picks the app, in either case") {
    api_world w;
    CHECK(mint(w, sdk_body("22222222-2222-4222-8222-222222222222")).status == 200);
    CHECK(w.blog_issuer.calls == 1);
    CHECK(w.issuer.calls == 0);

    auto settings = api_world::default_settings();
    settings.apps[0].app_id = "ABCDEF00-1111-4111-8111-111111111111";
    api_world other{{}, settings};
    CHECK(mint(other, sdk_body("abcdef00-1111-4111-8111-111111111111")).status == 200);
  }

  TEST_CASE("an unknown app is 401 invalid_client") {
    api_world w;
    auto const answer = mint(w, sdk_body("33333333-3333-4333-8333-333333333333"));
    CHECK(answer.status == 401);
    CHECK(answer.body == R"({"error":"invalid_client","error_description":)"
                         R"("no app with this client_id is configured here"})");
    CHECK(header_of(answer, "x-wix-request-id") == header_of(answer, "X-Request-Id"));
  }

  TEST_CASE("requests that are not whole are told in the shape of RFC 6749") {
    api_world w;
    auto const error = [&](std::string const& body, std::string const& type = json_type) {
      auto const answer = mint(w, body, type);
      return std::to_string(answer.status) + " " + answer.body;
    };
    auto const wrong = [](std::string const& code, std::string const& why) {
      return R"(400 {"error":")" + code + R"(","error_description":")" + why + "\"}";
    };
    CHECK(error("{") == wrong("invalid_request", "the body is not a JSON object"));
    CHECK(error("") == wrong("invalid_request", "the body is not a JSON object"));
    CHECK(error("a=%", form_type) == wrong("invalid_request", "the body is not a valid form"));
    CHECK(error("{}") == wrong("invalid_request", "grant_type is missing"));
    CHECK(error("client_id=x", form_type) == wrong("invalid_request", "grant_type is missing"));
    CHECK(error(R"({"grant_type":7})") == wrong("invalid_request", "grant_type is not a string"));
    CHECK(error(R"({"grant_type":"refresh_token"})") ==
          wrong("unsupported_grant_type",
                "only client_credentials is served here; refresh tokens of custom authentication "
                "are at POST /oauth/access"));
    CHECK(error(R"({"grant_type":"client_credentials"})") ==
          wrong("invalid_request", "client_id is missing"));
    CHECK(error(R"({"grant_type":"client_credentials",)"
                R"("client_id":"11111111-1111-4111-8111-111111111111"})") ==
          wrong("invalid_request", "instance_id is missing"));
    CHECK(w.issuer.calls == 0);
  }

  TEST_CASE("an instance id that is no GUID is told in the upstream's shape (U-102)") {
    api_world w;
    auto const answer = mint(w, sdk_body("11111111-1111-4111-8111-111111111111", "x"));
    CHECK(answer.status == 400);
    CHECK(answer.body ==
          R"({"message":"instance_id is not a valid GUID","details":{"validationError":)"
          R"({"fieldViolations":[{"field":"instance_id","description":"not a valid GUID",)"
          R"("violatedRule":"FORMAT"}]}},"error":"invalid_request",)"
          R"("error_description":"instance_id is not a valid GUID"})");
  }

  TEST_CASE("an unknown instance is 404 in the upstream's shape (U-100)") {
    core::app_policy app;
    app.on_demand = false;
    api_world w{app};
    auto const answer = mint(w, sdk_body());
    CHECK(answer.status == 404);
    CHECK(answer.body == R"({"message":"The instance is not registered here.","details":{},)"
                         R"("error":"invalid_grant",)"
                         R"("error_description":"The instance is not registered here."})");
  }

  TEST_CASE("what the upstream refuses is passed on, with its request id") {
    api_world w;
    auto blocked =
        scripted_issuer::failure_of(core::failure_class::instance_blocked, "invalid_grant");
    blocked.status = 400;
    w.issuer.fails = blocked;
    auto const refused = mint(w, sdk_body());
    CHECK(refused.status == 400);
    CHECK(refused.body == R"({"error":"invalid_grant","error_description":"scripted"})");
    CHECK(header_of(refused, "x-wix-request-id") == "request-7");
    CHECK(header_of(refused, "Retry-After") == "5");

    blocked.status = 404;
    w.blog_issuer.fails = blocked;
    auto const gone = mint(w, sdk_body("22222222-2222-4222-8222-222222222222"));
    CHECK(gone.status == 404);
    CHECK(member_of(gone, "message") == "\"Wix does not know this instance of the app.\"");
    CHECK(member_of(gone, "error") == "\"invalid_grant\"");

    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::app_refused, "x");
    auto const other = mint(w, sdk_body("11111111-1111-4111-8111-111111111111",
                                        "7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310"));
    CHECK(other.status == 401);
    CHECK(member_of(other, "error") == "\"invalid_client\"");
  }

  TEST_CASE("no token in time is 503 or 504 in the upstream's shape, after the default wait") {
    api_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    auto& client = w.connect();
    client.send(request_text("POST", "/oauth2/token", json_type, sdk_body()));
    w.time.advance(5s);
    auto const answer = client.take();
    CHECK(answer.status == 503);
    CHECK(answer.body ==
          R"({"message":"There is no usable token, and none could be obtained in time.",)"
          R"("details":{"applicationError":{"code":"UNAVAILABLE","description":)"
          R"("There is no usable token, and none could be obtained in time.","data":{}}},)"
          R"("error":"temporarily_unavailable","error_description":)"
          R"("There is no usable token, and none could be obtained in time."})");
    CHECK(header_of(answer, "Retry-After") != "-");

    w.blog_issuer.hang = true;
    client.send(request_text("POST", "/oauth2/token", json_type,
                             sdk_body("22222222-2222-4222-8222-222222222222")));
    w.time.advance(5s);
    CHECK(client.take().status == 504);
  }

  TEST_CASE("the policy applies, and says no in a shape that OAuth clients read") {
    api_world w;
    auto const answer = w.request("POST", "/oauth2/token", json_type, sdk_body(), 2000);
    CHECK(error_of(answer) == "403 access_denied");
    CHECK(!member_of(answer, "error_description").empty());
    CHECK(w.issuer.calls == 0);
  }

  TEST_CASE("an instance or app that is not granted is 403 before anything is done for it") {
    api_world w;
    core::access_rule limited{core::subject::user, 2000, core::all_roles};
    limited.apps.emplace(1, app_number{0});
    limited.instances.emplace(1, instance_id::parse(sample_id).value());
    w.policy = core::access_policy{{limited}, {}};
    auto const asked = [&](std::string const& app, std::string const& instance) {
      auto const answer =
          w.request("POST", "/oauth2/token", json_type, sdk_body(app, instance), 2000);
      return answer.status;
    };
    auto const main_app = std::string{"11111111-1111-4111-8111-111111111111"};
    CHECK(asked(main_app, "7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310") == 403);
    CHECK(asked("22222222-2222-4222-8222-222222222222", sample_id) == 403);
    CHECK(asked("33333333-3333-4333-8333-333333333333", sample_id) == 403);  // no such app
    CHECK(w.issuer.calls == 0);
    CHECK(w.blog_issuer.calls == 0);
    CHECK(asked(main_app, sample_id) == 200);
  }
}

}  // namespace wixtokend::test
