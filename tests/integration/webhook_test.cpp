// Webhooks from the emulator's signature to the disk.

#include "integration/store_filling.hpp"
#include "integration/world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <string>

using namespace wixtokend::test;
namespace json = boost::json;

namespace {

// What a webhook says is asked of the upstream; with this it stays open.
constexpr auto upstream_fails = R"({"route":"token","kind":"error","status":503,"shape":"empty"})";

// A world whose daemon has a store and the emulator's public key.
world_options with_webhooks() {
  world_options options;
  options.app_settings = "webhook_public_key_file = \"webhook-key\"\non_demand = false";
  options.start_daemon = false;
  return options;
}

class webhook_world : public world {
 public:
  enum class start { now, later };

  explicit webhook_world(std::string const& form = "pem", start when = start::now)
      : world{with_webhooks()} {
    add_store();
    folder().write("webhook-key", control_text("GET", "webhook-key?form=" + form));
    if (when == start::now) start_daemon();
  }

  // A refresh token that the upstream takes, had with a code.
  std::string refresh_token_of(unsigned instance) {
    auto const code = text(
        control("POST", "codes", R"({"instance":")" + instance_text(instance) + "\"}"), "code");
    auto client = raw_client::tcp(http_port());
    auto const body = R"({"grant_type":"authorization_code","client_id":")" + std::string{app_id} +
                      R"(","client_secret":")" + app_secret + R"(","code":")" + code + "\"}";
    auto const answer =
        client.request("POST", "/oauth/access", body, "Content-Type: application/json\r\n");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    control("POST", "counters/reset");
    auto token = text(parse(answer), "refresh_token");
    remember_secret(token);
    return token;
  }

  // The body of a webhook. `more` are further members of the request to the emulator.
  std::string webhook(std::string const& event, unsigned instance, std::string const& more = {}) {
    return control_text("POST", "webhooks?as=jwt",
                        R"({"event":")" + event + R"(","instance":")" + instance_text(instance) +
                            "\"" + more + "}");
  }

  raw_response deliver(std::string const& jwt) {
    return call("POST", "/v1/webhooks", jwt, "Content-Type: text/plain\r\n");
  }

  unsigned status_of(unsigned instance) { return call("GET", instance_path(instance)).status; }

  bool removal_announced(unsigned instance) {
    return !member(view(instance), "removal_announced_at").is_null();
  }

  void check_refused(std::string const& jwt, std::string const& error) {
    auto const answer = deliver(jwt);
    CHECK(answer.status == 400);
    CHECK_MESSAGE(text(parse(answer), "error") == error, answer.body);
  }
};

}  // namespace

TEST_SUITE("integration.webhook") {
  TEST_CASE("AppInstalled registers the instance, and SIGKILL right after the answer keeps it") {
    webhook_world w;
    CHECK(w.status_of(1) == 404);
    auto const answer = w.deliver(w.webhook("AppInstalled", 1));
    w.kill_daemon();
    CHECK_MESSAGE(answer.status == 200, answer.body);
    w.start_daemon();
    auto const view = w.view(1);
    CHECK(member(view, "registered").as_bool());
    CHECK(text(view, "grant") == "client_credentials");
    CHECK(member(view, "removal_announced_at").is_null());
    w.warm_token(1);
  }

  TEST_CASE("the key may also be the base64 of the PEM in one line") {
    webhook_world w{"line"};
    CHECK(w.deliver(w.webhook("AppInstalled", 1)).status == 200);
    CHECK(w.status_of(1) == 200);
  }

  TEST_CASE("the answer does not wait for an upstream that hangs") {
    webhook_world w;
    w.register_all(2, 2);
    w.warm_token(2);
    w.script(R"({"route":"token","kind":"hang"})");
    w.call("DELETE", instance_path(2) + "/token");  // its mint hangs before the webhook comes
    auto const before = w.mints();
    REQUIRE(eventually([&] { return number_of(w.app_status(), "in_flight") == 1; }));
    CHECK(w.deliver(w.webhook("AppInstalled", 1)).status == 200);
    CHECK(w.deliver(w.webhook("AppRemoved", 2)).status == 200);
    CHECK(number_of(w.app_status(), "in_flight") >= 1);  // it still hangs
    CHECK(w.mints() == before);
    w.kill_daemon();
    w.start_daemon();
    CHECK(w.status_of(1) == 200);
    CHECK(w.removal_announced(2));
    CHECK(w.mints() == before);
    w.script("");
  }

  TEST_CASE("AppRemoved is noted durably, and not believed while Wix gives tokens") {
    webhook_world w;
    w.register_all(1, 1);
    auto const token = text(w.warm_token(1), "access_token");
    CHECK_FALSE(w.removal_announced(1));
    w.script(upstream_fails);  // it is asked whether that is so
    auto const answer = w.deliver(w.webhook("AppRemoved", 1));
    w.kill_daemon();
    CHECK_MESSAGE(answer.status == 200, answer.body);
    w.start_daemon();
    CHECK(w.removal_announced(1));
    CHECK(member(w.view(1), "registered").as_bool());
    CHECK(text(w.warm_token(1), "access_token") == token);

    // It was a late one, or one out of order: the upstream mints, so the app is there.
    w.script("");
    CHECK(w.call("POST", instance_path(1) + "/retry").status == 202);
    CHECK(eventually([&] { return !w.removal_announced(1); }));
    CHECK(text(w.warm_token(1), "access_token") != token);
  }

  TEST_CASE(
      "AppRemoved that Wix confirms once leaves the instance there, AppInstalled revives it") {
    webhook_world w;
    w.register_all(1, 1);
    w.warm_token(1);
    CHECK(w.deliver(w.webhook("AppRemoved", 1, R"(,"apply":true)")).status == 200);
    CHECK(w.call("DELETE", instance_path(1) + "/token").status == 204);
    CHECK(w.token(1, "?wait=20").status == 404);
    CHECK(text(w.view(1), "state") == "blocked");  // one refusal of the two that it takes
    CHECK(w.removal_announced(1));
    CHECK(w.deliver(w.webhook("AppInstalled", 1, R"(,"apply":true)")).status == 200);
    CHECK_FALSE(w.removal_announced(1));
    w.warm_token(1);  // tried anew at once, not when the block would have ended
  }

  // A minute lies between the two refusals that it takes; an earlier daemon has seen the first.
  TEST_CASE("AppRemoved that Wix confirms twice removes, and the refresh token can be restored") {
    webhook_world w{"pem", webhook_world::start::later};
    auto const refresh_token = w.refresh_token_of(1);
    fill_store(w, 1, [&](unsigned n, wixtokend::instant now) {
      auto change = warm_instance(n, "OAUTH2.fake-access-token-of-the-removed-one", now);
      change.instance->how = wixtokend::core::grant::refresh_token;
      change.instance->removal = {now - std::chrono::minutes{2}, now - std::chrono::minutes{1}};
      change.grant_changed = true;
      change.grant.refresh_token = wixtokend::secret{refresh_token};
      return change;
    });
    w.script(R"({"route":"access","kind":"error","status":400,"code":"invalid_grant"})");
    w.start_daemon();
    REQUIRE(eventually([&] { return w.status_of(1) == 404; }));
    CHECK(w.daemon().errors().find("instance_removed") != std::string::npos);
    CHECK(w.requests("access") == 1);
    CHECK(w.call("DELETE", instance_path(2)).status == 404);  // waits for what changed before
    w.kill_daemon();
    w.start_daemon();
    CHECK(w.status_of(1) == 404);
    CHECK(w.requests("access") == 1);  // what is kept is not used

    w.script("");
    CHECK(w.call("POST", instance_path(2) + "/restore").status == 404);
    auto const restored = w.call("POST", instance_path(1) + "/restore");
    CHECK_MESSAGE(restored.status == 200, restored.body);
    CHECK(text(w.view(1), "grant") == "refresh_token");
    w.warm_token(1);
  }

  TEST_CASE("a duplicate is answered like the first and changes nothing") {
    webhook_world w;
    auto const installed = w.webhook("AppInstalled", 1);
    CHECK(w.deliver(installed).status == 200);
    auto const generation = number_of(w.warm_token(1), "generation");
    CHECK(w.deliver(installed).status == 200);
    CHECK(w.deliver(installed).status == 200);
    CHECK(number_of(w.warm_token(1), "generation") == generation);
    CHECK(w.mints(1) == 1);

    w.script(upstream_fails);
    auto const gone = w.webhook("AppRemoved", 1);
    CHECK(w.deliver(gone).status == 200);
    auto const announced = number_of(w.view(1), "removal_announced_at");
    CHECK(w.deliver(gone).status == 200);
    CHECK(std::abs(number_of(w.view(1), "removal_announced_at") - announced) <= 1);
    CHECK(w.deliver(w.webhook("AppRemoved", 77)).status == 200);  // of one that nobody knows
    CHECK(w.status_of(77) == 404);
  }

  TEST_CASE("another event is taken and changes nothing") {
    webhook_world w;
    CHECK(w.deliver(w.webhook("PaidPlanPurchased", 1)).status == 200);
    CHECK(w.status_of(1) == 404);
  }

  TEST_CASE("what is not signed with the app's key, or too old, or another app's is refused") {
    webhook_world w;
    for (auto const* how : {"PS256", "HS256", "none", "stranger"}) {
      w.check_refused(w.webhook("AppInstalled", 1, std::string{R"(,"signature":")"} + how + "\""),
                      "webhook_signature");
    }
    auto changed = w.webhook("AppInstalled", 1);
    auto const at = changed.find('.') + 30;  // in the payload
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    w.check_refused(changed, "webhook_signature");
    w.check_refused("{}", "invalid_webhook");
    w.check_refused(w.webhook("AppInstalled", 1, R"(,"exp_seconds":-3600)"), "webhook_expired");
    w.check_refused(w.webhook("AppInstalled", 1, R"(,"exp_seconds":null)"), "webhook_expired");
    w.check_refused(
        w.webhook("AppInstalled", 1, R"(,"payload_app":"99999999-2222-4333-8444-555555555555")"),
        "webhook_other_app");
    CHECK(w.status_of(1) == 404);
    CHECK(w.deliver(w.webhook("AppInstalled", 1)).status == 200);  // the right one is taken
  }

  TEST_CASE("without a public key webhooks are refused, and the answer says what to configure") {
    world w;
    auto const answer = w.call("POST", "/v1/webhooks", "a.b.c");
    CHECK(answer.status == 409);
    CHECK(text(parse(answer), "error") == "webhooks_not_configured");
    CHECK_MESSAGE(answer.body.find("webhook_public_key_file") != std::string::npos, answer.body);
  }
}
