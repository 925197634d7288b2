// docs/openapi.yaml against a validator that others wrote, and real answers against the document.

#include "integration/world.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace wixtokend::test;
namespace json = boost::json;

namespace {

constexpr auto stranger_app = "33333333-3333-4333-8333-333333333333";

world_options described() {
  world_options options;
  options.app_settings = "webhook_public_key_file = \"webhook-key\"";
  options.start_daemon = false;
  return options;
}

// Remembers every call of its own with its answer.
class described_world : public world {
 public:
  described_world() : world{described()} {
    add_store();
    folder().write("webhook-key", control_text("GET", "webhook-key?form=pem"));
    add_settings("[limits]\nheader_timeout = \"200ms\"\n\n[audit]\nfile = \"" +
                 folder().path("audit.log") + "\"\n\n[[socket]]\nname = \"readers\"\npath = \"" +
                 readers() + "\"\nmode = \"0600\"\nroles = [\"read\"]\n");
    start_daemon();
  }

  [[nodiscard]] std::string readers() const { return folder().path("readers.sock"); }

  raw_response ask(std::string const& method, std::string const& target,
                   std::string const& body = {}, std::string const& headers = {}) {
    auto answer = call(method, target, body, headers);
    note(method, target, answer);
    return answer;
  }
  void ask_as_reader(std::string const& method, std::string const& target) {
    auto client = raw_client::unix_socket(readers());
    note(method, target, client.request(method, target));
  }
  // Bytes that are no whole request, or no good one, for a call that they name.
  void say(std::string const& method, std::string const& target, std::string const& bytes) {
    auto client = connect();
    client.send(bytes);
    note(method, target, client.receive());
  }
  // The answer to a request of HTTP/1.0 ends with its connection.
  void ask_old(std::string const& method, std::string const& target, std::string const& body) {
    auto client = connect();
    client.send(method + " " + target +
                " HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    auto answer = client.receive();
    answer.body += client.receive_all();
    note(method, target, answer);
  }

  [[nodiscard]] std::string answers() const { return json::serialize(answers_); }

 private:
  void note(std::string const& method, std::string const& target, raw_response const& answer) {
    json::object headers;
    for (auto const& [name, value] : answer.headers) headers[name] = value;
    json::object one;
    one["method"] = method;
    one["target"] = target;
    one["status"] = answer.status;
    one["headers"] = std::move(headers);
    one["body"] = answer.body;
    answers_.push_back(std::move(one));
  }

  json::array answers_;
};

std::string const json_body = "Content-Type: application/json\r\n";
std::string const form_body = "Content-Type: application/x-www-form-urlencoded\r\n";

// Calls about tokens, of the default app or by its name.
void ask_for_tokens(described_world& w, std::string const& prefix) {
  auto const path = prefix + "/instances/" + instance_text(1) + "/token";
  w.warm_token(1);
  auto const got = w.ask("GET", path);
  w.remember_secret(text(parse(got), "access_token"));
  auto const tag = got.header("etag");
  w.ask("GET", path, {}, "Accept: text/plain\r\nX-Request-Id: mine\r\n");
  w.ask("HEAD", path);
  w.ask("GET", path, {}, "If-None-Match: " + tag + "\r\n");
  w.ask("GET", path, {}, "If-None-Match: " + tag + "\r\nPrefer: wait=1\r\n");
  w.ask("GET", path + "?min_valid=80000");
  w.ask("GET", path + "?min_valid=x");
  w.ask("GET", path + "?wait=0&wait=0");
  w.ask("GET", path + "?colour=1");
  w.ask("GET", path, {}, "Origin: http://example.com\r\n");
  w.ask("GET", prefix + "/instances/no-guid/token");
  w.ask("POST", path + "-info");
  auto const report = R"({"generation":)" + tag.substr(1, tag.size() - 2) + "}";
  w.remember_secret(text(parse(w.ask("POST", path + "/reject", report)), "access_token"));
  w.ask("POST", path + "/reject", "{}");
  auto const next = w.ask("GET", path).header("etag");
  w.ask("POST", path + "/reject", R"({"generation":)" + next.substr(1, next.size() - 2) + "}");
  w.ask("DELETE", path);
  w.ask_as_reader("DELETE", path);
}

void ask_about_instances(described_world& w, std::string const& prefix, unsigned first) {
  auto const list = prefix + "/instances";
  auto const one = list + "/" + instance_text(first);
  w.ask("PUT", one, "{}");
  w.ask("PUT", one);
  w.ask("GET", one);
  w.ask("GET", list + "?limit=1");
  w.ask("GET", list + "?state=warm");
  w.ask("GET", list + "?state=none");
  w.ask("PUT", one, R"({"grant":"magic"})");
  w.ask("PUT", one, R"({"grant":"refresh_token","refresh_token":"fake-token-one"})");
  w.ask("PUT", one, R"({"grant":"refresh_token","refresh_token":"fake-token-two"})");
  w.ask("PUT", one + "?replace=true", R"({"grant":"authorization_code","code":"fake-code"})");
  w.ask("GET", one);
  w.ask("POST", one + "/retry");
  w.ask("POST", one + "/restore");
  w.ask("DELETE", one);
  w.ask("DELETE", one);
  auto const lines = R"({"instance_id":")" + instance_text(first + 1) + "\"}\nnonsense\n";
  w.ask("POST", list, lines);
  w.ask_old("POST", list + "?results=all", lines);
  w.ask("POST", list, std::string(70'000, 'x') + "\n");
  w.ask("PUT", one, std::string(70'000, ' '));
  auto const installed =
      w.control_text("POST", "webhooks?as=jwt",
                     R"({"event":"AppInstalled","instance":")" + instance_text(first + 2) + "\"}");
  w.ask("POST", prefix + "/webhooks", installed);
  w.ask("POST", prefix + "/webhooks", "nonsense");
}

void ask_in_wix_place(described_world& w) {
  auto const body = [](std::string const& grant, std::string const& app, std::string const& rest) {
    return R"({"grant_type":")" + grant + R"(","client_id":")" + app + "\"" + rest + "}";
  };
  auto const instance = [](unsigned n) { return R"(,"instance_id":")" + instance_text(n) + "\""; };
  auto const got =
      w.ask("POST", "/oauth2/token", body("client_credentials", app_id, instance(1)), json_body);
  auto const token = text(parse(got), "access_token");
  w.remember_secret(token);
  w.ask("POST", "/oauth2/token",
        "grant_type=client_credentials&client_id=" + std::string{app_id} +
            "&instanceId=" + instance_text(1),
        form_body);
  w.ask("POST", "/oauth2/token", "nonsense", json_body);
  w.ask("POST", "/oauth2/token", body("password", app_id, ""), json_body);
  w.ask("POST", "/oauth2/token", body("client_credentials", app_id, R"(,"instance_id":"x")"),
        json_body);
  w.ask("POST", "/oauth2/token", body("client_credentials", stranger_app, instance(1)), json_body);
  w.ask("POST", "/oauth2/token", body("client_credentials", stranger_app, instance(1)),
        json_body + "Authorization: Basic eDp5\r\n");
  w.ask("POST", "/oauth2/token-info", R"({"token":")" + token + "\"}", json_body);
  w.ask("POST", "/oauth2/token-info", R"({"token":"of-somebody"})", json_body);
  w.ask("POST", "/oauth2/token-info", "{}", json_body);
  w.ask("PUT", instance_path(30),
        R"({"grant":"refresh_token","refresh_token":"fake-token-three"})");
  auto const holder = R"(,"refresh_token":"fake-token-three")";
  w.ask("POST", "/oauth/access", body("refresh_token", app_id, holder), json_body);
  w.ask("POST", "/oauth/access", body("refresh_token", app_id, ""), json_body);
  w.ask("POST", "/oauth/access", body("refresh_token", app_id, R"(,"refresh_token":"none")"),
        json_body);
}

// A refresh token that the upstream takes.
std::string legacy_token(described_world& w) {
  auto const code =
      text(w.control("POST", "codes", R"({"instance":")" + instance_text(31) + "\"}"), "code");
  auto upstream = raw_client::tcp(w.http_port());
  auto const answer =
      upstream.request("POST", "/oauth/access",
                       R"({"grant_type":"authorization_code","client_id":")" + std::string{app_id} +
                           R"(","client_secret":")" + app_secret + R"(","code":")" + code + "\"}",
                       json_body);
  auto token = text(parse(answer), "refresh_token");
  w.remember_secret(token);
  return token;
}

void ask_for_legacy_tokens(described_world& w) {
  auto const token = legacy_token(w);
  w.ask("PUT", instance_path(31), R"({"grant":"refresh_token","refresh_token":")" + token + "\"}");
  w.warm_token(31);
  w.ask("POST", "/oauth/access",
        R"({"grantType":"refresh_token","clientId":")" + std::string{app_id} +
            R"(","refreshToken":")" + token + "\"}",
        json_body);
}

void ask_how_it_goes(described_world& w) {
  for (auto const* const path : {"/healthz", "/readyz", "/version", "/v1/status", "/metrics"}) {
    w.ask("GET", path);
    w.ask("GET", path, {}, "Accept: application/openmetrics-text\r\n");
    w.ask("HEAD", path);
    w.ask("GET", std::string{path} + "?a=b");
    w.ask_as_reader("GET", path);
    w.say("GET", path, std::string{"GET "} + path + " HTTP/1.1\r\nHo");
    w.say("GET", path, std::string{"GET "} + path + " HTTP/1.1\r\nA: " + std::string(20'000, 'a'));
  }
}

void ask_while_wix_fails(described_world& w) {
  auto const token = [](unsigned n) { return instance_path(n) + "/token?wait=0.3"; };
  w.control("POST", "instances/" + instance_text(40) + "/remove");
  w.ask("GET", token(40));
  w.ask("GET", instance_path(40));
  auto const dropin = [&](unsigned n) {
    w.ask("POST", "/oauth2/token",
          R"({"grant_type":"client_credentials","client_id":")" + std::string{app_id} +
              R"(","instance_id":")" + instance_text(n) + "\"}",
          json_body);
  };
  dropin(40);
  w.script(R"({"route":"token","kind":"error","status":503})");
  w.ask("GET", token(41));
  w.script(R"({"route":"token","kind":"hang"})");
  w.ask("GET", token(42));
  w.script({});
  w.control("PUT", "secret", "fake-secret-that-is-not-ours");
  w.ask("GET", instance_path(43) + "/token?wait=5");
  dropin(43);
  w.ask("GET", "/readyz");
  w.ask("GET", "/v1/status");
}

}  // namespace

TEST_SUITE("integration.openapi") {
  TEST_CASE("the document is sound OpenAPI, and real answers are as it says") {
    described_world w;
    w.ask("GET", "/readyz");  // later on it is not
    ask_for_tokens(w, "/v1");
    ask_about_instances(w, "/v1", 10);
    ask_about_instances(w, "/v1/apps/main", 20);
    ask_in_wix_place(w);
    ask_for_legacy_tokens(w);
    ask_how_it_goes(w);
    ask_while_wix_fails(w);

    auto const file = w.folder().write("answers.json", w.answers());
    auto const run = run_process({"node", WIXTOKEND_SOURCE_DIR "/tests/integration/sdk/openapi.mjs",
                                  WIXTOKEND_SOURCE_DIR "/docs/openapi.yaml", file});
    REQUIRE_MESSAGE(run.exit_code == 0, run.output << run.errors);
    auto const report = json::parse(run.output);
    for (auto const& one : member(report, "problems").as_array()) FAIL_CHECK(one.as_string());
    CHECK(number_of(report, "answers") > 100);
    // Wix has to have confirmed a removal for a minute before there is anything to restore; and the
    // calls with the app's name are the same ones.
    CHECK(json::serialize(member(report, "unseen")) == R"(["POST /v1/instances/{id}/restore"])");
    MESSAGE(number_of(report, "answers")
            << " answers; statuses: " << json::serialize(member(report, "statuses")));
  }
}
