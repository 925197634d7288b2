// Clients that others wrote, unmodified, against the drop-in calls: the official SDK, and a general
// OAuth 2 library.

#include "integration/world.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace wixtokend::test;
namespace json = boost::json;

namespace {

// Runs one of the applications in sdk/ with its token calls going to the daemon's socket.
finished_process run_app(world& w, std::string const& name, unsigned instance,
                         std::vector<std::string> environment = {}) {
  std::string const folder = WIXTOKEND_SOURCE_DIR "/tests/integration/sdk";
  for (auto const* const package : {"@wix/sdk", "oauth4webapi"}) {
    REQUIRE_MESSAGE(std::filesystem::exists(folder + "/node_modules/" + package + "/package.json"),
                    package << " is not installed: run ./dev setup");
  }
  environment.insert(
      environment.end(),
      {"WIXTOKEND_SOCKET=" + w.socket(), "EMULATOR_PORT=" + std::to_string(w.https_port()),
       "EMULATOR_CA=" + w.folder().path("ca.pem"), "APP_ID=" + std::string{app_id},
       "INSTANCE_ID=" + instance_text(instance)});
  return run_process({"node", "--import", folder + "/preload.mjs", folder + "/" + name},
                     environment);
}

// The same, for what must not fail.
json::value report_of(world& w, std::string const& name, unsigned instance,
                      std::vector<std::string> environment = {}) {
  auto const run = run_app(w, name, instance, std::move(environment));
  REQUIRE_MESSAGE(run.exit_code == 0, run.output << run.errors);
  return json::parse(run.output);
}

// A world in which one instance has a refresh token.
struct legacy_world : world {
  std::string refresh_token;

  legacy_world() : world{stopped()} {
    add_store();
    start_daemon();
    auto const code =
        text(control("POST", "codes", R"({"instance":")" + instance_text(1) + "\"}"), "code");
    auto upstream = raw_client::tcp(http_port());
    auto const body = R"({"grant_type":"authorization_code","client_id":")" + std::string{app_id} +
                      R"(","client_secret":")" + app_secret + R"(","code":")" + code + "\"}";
    auto const answer =
        upstream.request("POST", "/oauth/access", body, "Content-Type: application/json\r\n");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    refresh_token = text(parse(answer), "refresh_token");
    remember_secret(refresh_token);
    REQUIRE(call("PUT", instance_path(1),
                 R"({"grant":"refresh_token","refresh_token":")" + refresh_token + "\"}")
                .status == 201);
    warm_token(1);
    control("POST", "counters/reset");
  }

 private:
  static world_options stopped() {
    world_options options;
    options.start_daemon = false;
    return options;
  }
};

// How the library sees an error: "400 ResponseBodyError invalid_request".
std::string seen(json::value const& failure) {
  REQUIRE_MESSAGE(failure.is_object(), failure);
  auto const& fields = failure.as_object();
  auto seen = std::to_string(number_of(failure, "status")) + " " + text(failure, "kind");
  if (fields.contains("error")) seen += " " + text(failure, "error");
  return seen;
}

}  // namespace

TEST_SUITE("integration.sdk") {
  TEST_CASE("the official SDK, unmodified, gets its tokens from the socket") {
    world w;
    auto const report = report_of(w, "app.mjs", 1);
    CHECK(text(member(report, "first"), "instanceId") == instance_text(1));
    CHECK(member(report, "many").as_array().size() == 50);
    CHECK(w.mints(1) == 1);  // the SDK alone mints one for each of the 51 strategies
    auto const counters = w.control("GET", "counters");
    CHECK(number_of(member(member(counters, "routes"), "instance"), "requests") == 51);
  }

  TEST_CASE("a removed instance fails in the SDK with the upstream's status") {
    world w;
    w.control("POST", "instances/" + instance_text(2) + "/remove");
    auto const run = run_app(w, "app.mjs", 2);
    CHECK(run.exit_code == 1);
    CHECK_MESSAGE(run.output.find("404") != std::string::npos, run.output);
  }

  TEST_CASE("with refresh tokens the SDK gets the cached token, too, however often it asks") {
    legacy_world w;
    auto const report = report_of(w, "legacy.mjs", 1, {"REFRESH_TOKEN=" + w.refresh_token});
    CHECK(number_of(report, "tokens") == 1);
    CHECK(text(report, "instanceId") == instance_text(1));
    CHECK(member(report, "plain").as_bool());
    CHECK(member(report, "elevated").as_bool());
    CHECK(w.requests("access") == 0);  // the SDK alone refreshes for each of the 21 calls
    CHECK(w.mints(1) == 0);

    auto const& info = member(report, "info");
    CHECK(member(info, "active").as_bool());
    CHECK(text(info, "clientId") == app_id);
    CHECK(text(info, "instanceId") == instance_text(1));
    CHECK(!text(info, "exp").empty());
    CHECK(w.requests("token_info") == 1);  // two were asked for
    CHECK(!member(member(report, "refreshTokenInfo"), "active").as_bool());
    CHECK(text(report, "foreignElevation").find("not issued for the app") != std::string::npos);
  }

  TEST_CASE("what goes wrong with refresh tokens is told by the SDK, with a request id") {
    legacy_world w;
    auto const report = report_of(w, "legacy.mjs", 1, {"REFRESH_TOKEN=" + w.refresh_token});
    auto const refused = text(report, "badRefreshToken");
    CHECK_MESSAGE(refused.find("Wix OAuth API: 400, request id: ") != std::string::npos, refused);
    CHECK_MESSAGE(refused.find("null") == std::string::npos, refused);
    auto const code = text(report, "code");
    CHECK_MESSAGE(code.find("Wix OAuth API: 400, request id: ") != std::string::npos, code);
    auto const& unknown = member(report, "unknown");
    CHECK(number_of(unknown, "status") == 400);
    auto const words = text(member(unknown, "body"), "errorDescription");
    CHECK_MESSAGE(words.ends_with(" - invalid_token"), words);
  }

  TEST_CASE("a general OAuth 2 library gets tokens, introspects them, and tells errors apart") {
    world w;
    auto const report = report_of(w, "oauth.mjs", 1);
    CHECK(member(report, "same").as_bool());
    CHECK(text(report, "type") == "bearer");  // the library's spelling
    CHECK(number_of(report, "expiresIn") == 300);
    CHECK(w.mints(1) == 1);
    CHECK(member(member(report, "info"), "active").as_bool());
    CHECK(text(member(report, "info"), "instanceId") == instance_text(1));
    CHECK(!member(member(report, "foreign"), "active").as_bool());
    CHECK(w.requests("token_info") == 1);

    CHECK(seen(member(report, "unknownApp")) == "401 ResponseBodyError invalid_client");
    auto const& challenged = member(report, "unknownAppInHeader");
    CHECK(seen(challenged) == "401 WWWAuthenticateChallengeError");
    CHECK(text(member(challenged, "challenge"), "scheme") == "basic");
    CHECK(text(member(member(challenged, "challenge"), "parameters"), "error") == "invalid_client");
    CHECK(seen(member(report, "noGuid")) == "400 ResponseBodyError invalid_request");
    CHECK(seen(member(report, "otherGrant")) == "400 ResponseBodyError unsupported_grant_type");
    CHECK(!text(member(report, "otherGrant"), "description").empty());
  }

  TEST_CASE("a general OAuth 2 library learns of refused instances and of outages") {
    world w;
    w.control("POST", "instances/" + instance_text(2) + "/remove");
    auto const removed = report_of(w, "oauth.mjs", 2, {"MODE=failing"});
    CHECK(seen(member(removed, "failure")) == "404 ResponseBodyError invalid_grant");

    w.script(R"({"route":"token","kind":"error","status":503})");
    auto const down = report_of(w, "oauth.mjs", 3, {"MODE=failing"});
    CHECK(seen(member(down, "failure")).starts_with("503 "));
    CHECK(!text(member(down, "failure"), "retryAfter").empty());
  }
}
