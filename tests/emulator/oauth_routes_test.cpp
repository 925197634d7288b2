#include "emulator/oauth_routes.hpp"

#include "emulator/emulator_world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::app_a;
using test::app_b;
using test::emulator_world;
using test::instance_1;
using test::instance_2;
using test::secret_a;
namespace json = boost::json;

namespace {

// The credentials with some members changed; a null removes.
json::object changed(json::object body, json::object const& changes) {
  for (auto const& [name, value] : changes) {
    if (value.is_null()) {
      body.erase(name);
    } else {
      body[name] = value;
    }
  }
  return body;
}

http::response mint_with(emulator_world& w, json::object const& changes) {
  return w.post("/oauth2/token", changed(emulator_world::credentials(), changes));
}

void check_error(http::response const& reply, unsigned status, std::string_view error) {
  CHECK(reply.status == status);
  CHECK(emulator_world::text(reply, "error") == error);
}

}  // namespace

TEST_SUITE("emulator.oauth_routes") {
  TEST_CASE("client credentials get a token, its type and its life, and nothing else") {
    emulator_world w;
    auto const reply = w.mint();
    CHECK(reply.status == 200);
    CHECK(w.header(reply, "content-type") == "application/json");
    auto const body = w.object(reply);
    CHECK(body.size() == 3);
    CHECK(body.at("token_type") == "Bearer");
    CHECK(body.at("expires_in") == 14400);
    auto const claims = w.state.mint.read(w.text(reply, "access_token"));
    REQUIRE(claims.has_value());
    CHECK(claims->kind == emulator::token_kind::access);
    CHECK(claims->app_id == app_a);
    CHECK(claims->instance.to_string() == instance_1);
    CHECK(claims->issued == test::noon);
  }

  TEST_CASE("a mint does not rotate: both tokens are good") {
    emulator_world w;
    auto const first = w.token();
    auto const second = w.token();
    CHECK(first != second);
    CHECK(w.call_api(first).status == 200);
    CHECK(w.call_api(second).status == 200);
  }

  TEST_CASE("camel case, forms, a trailing slash and a query are tolerated") {
    emulator_world w;
    auto const camel = json::object{{"grantType", "client_credentials"},
                                    {"clientId", app_a},
                                    {"clientSecret", secret_a},
                                    {"instanceId", instance_1}};
    CHECK(w.post("/oauth2/token", camel).status == 200);
    CHECK(w.post("/oauth2/token/", camel).status == 200);
    CHECK(w.post("/oauth2/token?fresh=17", camel).status == 200);
    CHECK(w.post_form("/oauth2/token", "grant_type=client_credentials&client_id=" + app_a +
                                           "&client_secret=" + secret_a +
                                           "&instance_id=" + instance_1)
              .status == 200);
  }

  TEST_CASE("ids may be in upper case, and the token has them in lower case") {
    emulator_world w;
    auto const reply = mint_with(w, {{"instance_id", "ABCDEFAB-2222-4222-8222-000000000001"}});
    auto const claims = w.state.mint.read(w.text(reply, "access_token"));
    CHECK(claims->instance.to_string() == "abcdefab-2222-4222-8222-000000000001");
  }

  TEST_CASE("a wrong secret and an unknown app are refused alike") {
    emulator_world w;
    check_error(mint_with(w, {{"client_secret", "wrong"}}), 401, "invalid_client");
    check_error(mint_with(w, {{"client_id", instance_2}}), 401, "invalid_client");
    check_error(mint_with(w, {{"client_id", app_b}}), 401, "invalid_client");  // A's secret
    w.set({{"bad_secret_status", 400}});
    check_error(mint_with(w, {{"client_secret", "wrong"}}), 400, "invalid_client");
  }

  TEST_CASE("each app has its own secret") {
    emulator_world w;
    auto const reply = mint_with(w, {{"client_id", app_b}, {"client_secret", test::secret_b}});
    REQUIRE(reply.status == 200);
    CHECK(w.state.mint.read(w.text(reply, "access_token"))->app_id == app_b);
  }

  TEST_CASE("an unknown, nil or removed instance is answered with 404, or as the knob says") {
    emulator_world w;
    auto const expected = R"({"message":"app not found in any meta-site","details":{}})";
    auto const nil = w.mint(test::nil_instance);
    CHECK(nil.status == 404);
    CHECK(nil.body == expected);

    REQUIRE(w.post("/__control/instances/" + instance_1 + "/remove", {}).status == 200);
    CHECK(w.mint().status == 404);
    CHECK(w.mint().body == expected);
    CHECK(w.mint(instance_2).status == 200);

    w.set({{"removed_instance_status", 400}});
    check_error(w.mint(), 400, "invalid_grant");
    w.set({{"removed_instance_status", 401}});
    check_error(w.mint(), 401, "invalid_grant");

    REQUIRE(w.post("/__control/instances/" + instance_1 + "/install", {}).status == 200);
    CHECK(w.mint().status == 200);
  }

  TEST_CASE("with listed instances only, others do not exist") {
    emulator_world w;
    w.set({{"instances_listed_only", true}});
    CHECK(w.mint().status == 404);
    REQUIRE(w.post("/__control/instances/" + instance_1 + "/install", {}).status == 200);
    CHECK(w.mint().status == 200);
    CHECK(w.mint(instance_2).status == 404);
  }

  TEST_CASE("an id that is no GUID is a validation error that names the field") {
    emulator_world w;
    auto const app = mint_with(w, {{"client_id", "my-app"}});
    CHECK(app.status == 400);
    CHECK(w.text(app, "message") ==
          "appRuntimeKeys [at index 0] is invalid: appId is not a valid GUID");
    auto const instance = mint_with(w, {{"instance_id", "site-1"}});
    CHECK(instance.status == 400);
    CHECK(w.text(instance, "message") == "instanceId is not a valid GUID");
    auto const details = w.object(instance).at("details");
    auto const violations = details.at("validationError").at("fieldViolations").as_array();
    REQUIRE(violations.size() == 1);
    CHECK(violations[0].at("field") == "instanceId");
  }

  TEST_CASE("a missing field is an invalid request") {
    emulator_world w;
    for (auto const* const name : {"grant_type", "client_id", "client_secret", "instance_id"}) {
      CAPTURE(std::string{name});
      check_error(mint_with(w, {{name, nullptr}}), 400, "invalid_request");
      check_error(mint_with(w, {{name, ""}}), 400, "invalid_request");
    }
  }

  TEST_CASE("an unknown grant, an unreadable body and another method are refused") {
    emulator_world w;
    check_error(mint_with(w, {{"grant_type", "password"}}), 400, "unsupported_grant_type");
    for (auto const* const path : {"/oauth2/token", "/oauth/access", "/oauth2/token-info"}) {
      CAPTURE(std::string{path});
      check_error(w.ask("POST", path, "not JSON"), 400, "invalid_request");
      check_error(w.ask("POST", path, ""), 400, "invalid_request");
      auto const got = w.ask("GET", path);
      CHECK(got.status == 405);
      CHECK(w.header(got, "allow") == "POST");
    }
  }

  TEST_CASE("visitors get an access token and a refresh token, with which they get another") {
    emulator_world w;
    auto const first = w.post("/oauth2/token", {{"grantType", "anonymous"}, {"clientId", app_a}});
    REQUIRE(first.status == 200);
    CHECK(w.object(first).at("expires_in") == 14400);
    auto const token = w.text(first, "access_token");
    CHECK(w.call_api(token).status == 200);
    auto const info = w.post("/oauth2/token-info", {{"token", token}});
    CHECK(w.text(info, "subjectType") == "VISITOR");

    auto const refresh_token = w.text(first, "refresh_token");
    auto const second =
        w.post("/oauth2/token", {{"grantType", "refresh_token"}, {"refreshToken", refresh_token}});
    REQUIRE(second.status == 200);
    CHECK(w.text(second, "refresh_token") == refresh_token);
    CHECK(w.text(second, "access_token") != token);
    check_error(w.post("/oauth2/token",
                       {{"grant_type", "refresh_token"}, {"refresh_token", "OAUTH2.x.y.z"}}),
                400, "invalid_grant");
  }

  TEST_CASE(
      "a code gets a legacy token of five minutes and a refresh token, without a stated life") {
    emulator_world w;
    auto const reply = w.exchange(w.code());
    REQUIRE(reply.status == 200);
    auto const body = w.object(reply);
    CHECK(body.size() == 2);
    auto const claims = w.state.mint.read(w.text(reply, "access_token"));
    REQUIRE(claims.has_value());
    CHECK(claims->kind == emulator::token_kind::legacy_access);
    CHECK(claims->life == 300s);
    CHECK(w.text(reply, "access_token").starts_with("OAUTH2."));
    CHECK(w.call_api(w.text(reply, "access_token")).status == 200);
    w.pass(301s);
    CHECK(w.call_api(w.text(reply, "access_token")).status == 401);
  }

  TEST_CASE("a code is good once, for ten minutes, for its own app") {
    emulator_world w;
    auto const used = w.code();
    CHECK(w.exchange(used).status == 200);
    auto const again = w.exchange(used);
    CHECK(again.status == 400);
    CHECK(w.text(again, "errorDescription").ends_with(" - invalid_token"));

    auto const late = w.code();
    auto const in_time = w.code();
    w.pass(10min - 1ms);
    CHECK(w.exchange(in_time).status == 200);
    w.pass(1ms);
    CHECK(w.exchange(late).status == 400);

    auto const foreign = w.code();
    auto const body = changed(emulator_world::legacy("authorization_code", "code", foreign),
                              {{"client_id", app_b}, {"client_secret", test::secret_b}});
    CHECK(w.post("/oauth/access", body).status == 400);
    CHECK(w.exchange(foreign).status == 200);
  }

  TEST_CASE("virtual time passes for codes too") {
    emulator_world w;
    auto const code = w.code();
    REQUIRE(w.post("/__control/advance", {{"seconds", 600}}).status == 200);
    CHECK(w.exchange(code).status == 400);
  }

  TEST_CASE("a refresh token does not rotate and never expires while the app is installed") {
    emulator_world w;
    auto const refresh_token = w.text(w.exchange(w.code()), "refresh_token");
    w.pass(24h * 365);
    auto const reply = w.refresh(refresh_token);
    REQUIRE(reply.status == 200);
    CHECK(w.text(reply, "refresh_token") == refresh_token);
    CHECK(w.object(reply).size() == 2);
    CHECK(w.text(w.refresh(refresh_token), "access_token") != w.text(reply, "access_token"));

    REQUIRE(w.post("/__control/instances/" + instance_1 + "/remove", {}).status == 200);
    CHECK(w.refresh(refresh_token).status == 400);
  }

  TEST_CASE(
      "with rotation each refresh brings another refresh token, and only it is good (U-116)") {
    emulator_world w;
    auto const before = w.text(w.exchange(w.code()), "refresh_token");
    w.set({{"rotate_refresh_tokens", true}});
    auto const first = w.refresh(before);
    REQUIRE(first.status == 200);
    auto const second = w.text(first, "refresh_token");
    CHECK(second != before);
    auto const refused = w.refresh(before);
    CHECK(refused.status == 400);
    CHECK(w.text(refused, "errorDescription").ends_with(" - invalid_token"));
    auto const third = w.text(w.refresh(second), "refresh_token");
    CHECK(w.refresh(second).status == 400);

    // Without rotation the last one stays, and a new code replaces it all the same.
    w.set({{"rotate_refresh_tokens", false}});
    CHECK(w.text(w.refresh(third), "refresh_token") == third);
    CHECK(w.refresh(second).status == 400);
    auto const fourth = w.text(w.exchange(w.code()), "refresh_token");
    CHECK(w.refresh(third).status == 400);
    CHECK(w.refresh(fourth).status == 200);
    // Another instance is not concerned.
    auto const other = w.text(w.exchange(w.code(instance_2)), "refresh_token");
    CHECK(w.text(w.refresh(other), "refresh_token") == other);
  }

  TEST_CASE("a code is no refresh token, an access token neither, and garbage is bad") {
    emulator_world w;
    for (auto const& text : {w.code(), w.token(), std::string{"OAUTH2.a.b.c"}, std::string{"x"}}) {
      auto const reply = w.refresh(text);
      CHECK(reply.status == 400);
      CHECK(w.object(reply).contains("errorDescription"));
    }
    CHECK(w.exchange(w.text(w.exchange(w.code()), "refresh_token")).status == 400);
  }

  TEST_CASE("legacy calls check their fields and the app's secret first") {
    emulator_world w;
    auto const with = [&](json::object const& changes) {
      return w.post(
          "/oauth/access",
          changed(emulator_world::legacy("refresh_token", "refresh_token", "x"), changes));
    };
    check_error(with({{"grant_type", nullptr}}), 400, "invalid_request");
    check_error(with({{"grant_type", "client_credentials"}}), 400, "unsupported_grant_type");
    check_error(with({{"client_secret", nullptr}}), 400, "invalid_request");
    check_error(with({{"client_secret", "wrong"}}), 401, "invalid_client");
    check_error(with({{"refresh_token", nullptr}}), 400, "invalid_request");
    check_error(with({{"grant_type", "authorization_code"}}), 400, "invalid_request");
    CHECK(with({{"client_id", "x"}}).status == 400);
  }

  TEST_CASE("legacy calls take camel case and forms") {
    emulator_world w;
    auto const code = w.code();
    auto const reply =
        w.post_form("/oauth/access/", "grantType=authorization_code&clientId=" + app_a +
                                          "&clientSecret=" + secret_a + "&code=" + code);
    REQUIRE(reply.status == 200);
    auto const refreshed =
        w.post("/oauth/access", {{"grantType", "refresh_token"},
                                 {"clientId", app_a},
                                 {"clientSecret", secret_a},
                                 {"refreshToken", w.text(reply, "refresh_token")}});
    CHECK(refreshed.status == 200);
  }

  TEST_CASE(
      "Token Info tells about a live token, with times as strings unless the knob says otherwise") {
    emulator_world w;
    auto const token = w.token();
    auto const info = [&] { return w.object(w.post("/oauth2/token-info", {{"token", token}})); };
    auto const usual = info();
    CHECK(usual.at("active") == true);
    CHECK(usual.at("subjectType") == "APP");
    CHECK(usual.at("subjectId") == json::value(app_a));
    CHECK(usual.at("clientId") == json::value(app_a));
    CHECK(usual.at("instanceId") == json::value(instance_1));
    CHECK(usual.at("siteId") ==
          json::value(emulator::site_of(instance_id::parse(instance_1).value())));
    CHECK(usual.at("iat") == "1795435200");
    CHECK(usual.at("exp") == "1795449600");

    w.set({{"token_info_types", "native"}});
    CHECK(info().at("exp") == 1795449600);
    CHECK(info().at("active") == true);
    w.set({{"token_info_types", "strings"}});
    CHECK(info().at("exp") == "1795449600");
    CHECK(info().at("active") == "true");
  }

  TEST_CASE("Token Info knows legacy tokens too, and takes forms") {
    emulator_world w;
    auto const token = w.text(w.exchange(w.code()), "access_token");
    auto const info = w.post_form("/oauth2/token-info", "token=" + token);
    CHECK(w.object(info).at("active") == true);
    CHECK(w.object(info).at("exp") == "1795435500");
  }

  TEST_CASE("Token Info calls dead tokens and garbage inactive, or answers 400 by the knob") {
    emulator_world w;
    auto const token = w.token();
    w.pass(14400s);
    auto const expected =
        R"({"active":false,"subjectType":"UNKNOWN","subjectId":"","clientId":""})";
    for (auto const& text : {token, std::string{"garbage"}, token + "x"}) {
      auto const reply = w.post("/oauth2/token-info", {{"token", text}});
      CHECK(reply.status == 200);
      CHECK(reply.body == expected);
    }
    w.set({{"token_info_types", "strings"}});
    CHECK(w.object(w.post("/oauth2/token-info", {{"token", "x"}})).at("active") == "false");
    w.set({{"inactive_token_status", 400}});
    auto const refused = w.post("/oauth2/token-info", {{"token", token}});
    CHECK(refused.status == 400);
    CHECK(w.object(refused).at("details").as_object().contains("validationError"));
    CHECK(w.post("/oauth2/token-info", {{"token", ""}}).status == 400);
  }
}
