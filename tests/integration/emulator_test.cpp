#include "integration/world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

// The emulator alone, with arguments of the test's choice.
struct lone_emulator {
  temporary_folder folder;
  std::optional<process> running;
  json::value ready;

  explicit lone_emulator(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("wix-oauth-emulator"));
    running.emplace(arguments, folder.path("out"), folder.path("log"));
    ready = json::parse(running->first_output_line());
  }

  [[nodiscard]] std::uint16_t port(std::string_view name) const {
    return static_cast<std::uint16_t>(number_of(ready, name));
  }
  [[nodiscard]] raw_client connect() const { return raw_client::tcp(port("http_port")); }
};

std::string mint_body(std::string const& secret = "demo-secret-of-the-emulator",
                      std::string const& app = "11111111-1111-4111-8111-111111111111") {
  return json::serialize(json::value{{"grant_type", "client_credentials"},
                                     {"client_id", app},
                                     {"client_secret", secret},
                                     {"instance_id", instance_text(1)}});
}

raw_response mint(raw_client& client) {
  return client.request("POST", "/oauth2/token", mint_body());
}

finished_process failed_start(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program("wix-oauth-emulator"));
  return run_process(arguments, {}, 10s);
}

// A mint over TLS by curl, which verifies certificate and host name.
finished_process curl(temporary_folder const& folder, std::uint16_t port, std::string const& host) {
  auto const authority = host + ":" + std::to_string(port);
  return run_process({"curl", "-sS", "--max-time", "10", "--cacert", folder.path("ca.pem"),
                      "--resolve", authority + ":127.0.0.1", "--data", mint_body(), "--header",
                      "Content-Type: application/json", "https://" + authority + "/oauth2/token"});
}

constexpr int curl_verification_failed = 60;

}  // namespace

TEST_SUITE("integration.emulator") {
  TEST_CASE("it tells its ports, serves without an app being named, and SIGTERM ends it with 0") {
    lone_emulator e{{}};
    CHECK(e.port("https_port") != e.port("http_port"));
    CHECK(member(e.ready, "ca_file").is_null());
    auto client = e.connect();
    CHECK(mint(client).status == 200);
    auto const authority = client.request("GET", "/__control/authority");
    CHECK(authority.body.starts_with("-----BEGIN CERTIFICATE-----"));
    e.running->signal(SIGTERM);
    CHECK(e.running->wait() == 0);
  }

  TEST_CASE("SIGINT ends it with 0 while one request hangs and another is delayed") {
    lone_emulator e{{"--http", "127.0.0.1:0"}};
    CHECK(member(e.ready, "https_port").is_null());
    auto control = e.connect();
    auto hanging = e.connect();
    auto delayed = e.connect();
    auto const faults = R"([{"kind":"hang","times":1},{"delay_ms":60000}])";
    REQUIRE(control.request("POST", "/__control/faults", faults).status == 201);
    auto const head = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
    hanging.send(head);
    delayed.send(head);
    REQUIRE(eventually([&] {
      auto const counters = parse(control.request("GET", "/__control/counters"));
      return counters.at("routes").at("other").at("in_flight") == 2;
    }));
    e.running->signal(SIGINT);
    CHECK(e.running->wait() == 0);
    CHECK(hanging.closed_within(1s));
  }

  TEST_CASE("its TLS certificate is good for the upstream's name and for loopback") {
    temporary_folder folder;
    lone_emulator e{{"--https", "127.0.0.1:0", "--ca-out", folder.path("ca.pem")}};
    CHECK(text(e.ready, "ca_file") == folder.path("ca.pem"));
    for (auto const* const host : {"www.wixapis.com", "localhost", "127.0.0.1"}) {
      auto const minted = curl(folder, e.port("https_port"), host);
      CHECK_MESSAGE(minted.exit_code == 0, minted.errors);
      CHECK(minted.output.find("OauthNG.JWS.") != std::string::npos);
    }
  }

  TEST_CASE("each flaw of its certificate is found by a client that verifies") {
    for (auto const* const flaw : {"wrong-host", "expired", "untrusted"}) {
      CAPTURE(std::string{flaw});
      temporary_folder folder;
      lone_emulator e{
          {"--https", "127.0.0.1:0", "--ca-out", folder.path("ca.pem"), "--certificate", flaw}};
      auto const refused = curl(folder, e.port("https_port"), "www.wixapis.com");
      CHECK_MESSAGE(refused.exit_code == curl_verification_failed, refused.errors);
      CHECK(refused.output.empty());
    }
  }

  TEST_CASE("an answer that is reset or closed in its body arrives in part") {
    lone_emulator e{{"--http", "127.0.0.1:0"}};
    for (auto const* const kind : {"reset", "close"}) {
      auto client = e.connect();
      auto const fault = json::serialize(json::value{{"kind", kind}, {"times", 1}});
      REQUIRE(client.request("POST", "/__control/faults", fault).status == 201);
      CHECK_THROWS(mint(client));
      CHECK(client.closed_within(5s));
    }
    auto client = e.connect();
    CHECK(mint(client).status == 200);
  }

  TEST_CASE("an idle connection is closed after the configured time") {
    lone_emulator e{{"--http", "127.0.0.1:0"}};
    auto client = e.connect();
    REQUIRE(mint(client).status == 200);
    auto control = e.connect();
    REQUIRE(control.request("POST", "/__control/settings", R"({"idle_close_seconds":1})").status ==
            200);
    CHECK(client.closed_within(10s));
  }

  TEST_CASE("apps, instances and settings come from the command line") {
    temporary_folder folder;
    auto const app = std::string{"33333333-3333-4333-8333-333333333333"};
    auto const secret = folder.write("secret", "a-fake-secret-from-a-file\n");
    auto const settings = folder.write("settings.json", R"({"token_size":1500})");
    lone_emulator e{{"--http", "127.0.0.1:0", "--app", app + ":" + secret, "--instance",
                     instance_text(1), "--instances-listed-only", "--settings", settings,
                     "--expires-in", "77"}};
    auto client = e.connect();
    auto const minted =
        client.request("POST", "/oauth2/token", mint_body("a-fake-secret-from-a-file", app));
    REQUIRE(minted.status == 200);
    CHECK(number_of(parse(minted), "expires_in") == 77);
    CHECK(text(parse(minted), "access_token").size() == 1500);
    CHECK(mint(client).status == 401);  // the demo app is not known beside it
  }

  TEST_CASE("beyond loopback the control API is refused, unless it is opened on purpose") {
    lone_emulator closed{{"--http", "0.0.0.0:0"}};
    auto client = closed.connect();
    CHECK(client.request("GET", "/__control/counters").status == 403);
    CHECK(mint(client).status == 200);
    CHECK(closed.running->errors().find("not_loopback") != std::string::npos);

    lone_emulator open{{"--http", "0.0.0.0:0", "--open-control"}};
    auto other = open.connect();
    CHECK(other.request("GET", "/__control/counters").status == 200);
    CHECK(open.running->errors().find("open to everybody") != std::string::npos);
  }

  TEST_CASE("what keeps it from starting is told, with status 1") {
    temporary_folder folder;
    lone_emulator first{{"--http", "127.0.0.1:0"}};
    auto const port = std::to_string(first.port("http_port"));
    auto const taken = failed_start({"--http", "127.0.0.1:" + port});
    CHECK(taken.exit_code == 1);
    CHECK(taken.errors.find("127.0.0.1") != std::string::npos);
    CHECK(taken.output.empty());

    auto const id = std::string{"33333333-3333-4333-8333-333333333333"};
    auto const no_secret = failed_start({"--app", id + ":" + folder.path("none")});
    CHECK(no_secret.exit_code == 1);
    CHECK(no_secret.errors.find(folder.path("none")) != std::string::npos);

    auto const odd = failed_start({"--settings", folder.write("s.json", R"({"expires":1})")});
    CHECK(odd.exit_code == 1);
    CHECK(odd.errors.find("\"expires\" is not a setting") != std::string::npos);

    CHECK(failed_start({"--expires-in", "0"}).exit_code == 1);
    CHECK(failed_start({"--ca-out", folder.path("none/ca.pem")}).exit_code == 1);
  }
}
