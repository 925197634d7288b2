#include "emulator/command_line.hpp"

#include "support/captured_stderr.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::emulator;

namespace {

command_line read(std::vector<char const*> arguments) {
  arguments.insert(arguments.begin(), "wix-oauth-emulator");
  return read_command_line(static_cast<int>(arguments.size()), arguments.data());
}

options good(std::vector<char const*> const& arguments) {
  auto const line = read(arguments);
  REQUIRE(line.chosen.has_value());
  return *line.chosen;
}

std::string mistake(std::vector<char const*> const& arguments) {
  test::captured_stderr const errors;
  auto const line = read(arguments);
  CHECK_FALSE(line.chosen.has_value());
  CHECK(line.exit_status == 2);
  return errors.text();
}

}  // namespace

TEST_SUITE("emulator.command_line") {
  TEST_CASE("without arguments both listeners are on loopback, on ports that the system chooses") {
    auto const chosen = good({});
    CHECK(chosen.https == endpoint{"127.0.0.1", 0});
    CHECK(chosen.http == endpoint{"127.0.0.1", 0});
    CHECK(chosen.apps.empty());
    CHECK(chosen.certificate == certificate_flaw::none);
    CHECK_FALSE(chosen.open_control);
    CHECK_FALSE(chosen.instances_listed_only);
  }

  TEST_CASE("with one listener the other is off") {
    CHECK_FALSE(good({"--http", "127.0.0.1:80"}).https.has_value());
    auto const secure = good({"--https", "[::1]:8443"});
    CHECK_FALSE(secure.http.has_value());
    CHECK(secure.https == endpoint{"::1", 8443});
  }

  TEST_CASE("everything can be given") {
    auto const chosen = good({"--https",
                              "0.0.0.0:1",
                              "--http",
                              "127.0.0.1:2",
                              "--ca-out",
                              "ca.pem",
                              "--certificate",
                              "expired",
                              "--app",
                              "11111111-1111-4111-8111-11111111111A:/a:b",
                              "--app",
                              "22222222-1111-4111-8111-111111111111:c",
                              "--instance",
                              "33333333-1111-4111-8111-111111111111",
                              "--settings",
                              "s.json",
                              "--expires-in",
                              "20",
                              "--instances-listed-only",
                              "--open-control",
                              "--seed",
                              "5",
                              "--log-level",
                              "debug"});
    CHECK(chosen.https == endpoint{"0.0.0.0", 1});
    CHECK(chosen.http == endpoint{"127.0.0.1", 2});
    CHECK(chosen.ca_out == "ca.pem");
    CHECK(chosen.certificate == certificate_flaw::expired);
    REQUIRE(chosen.apps.size() == 2);
    CHECK(chosen.apps[0] == app_option{"11111111-1111-4111-8111-11111111111a", "/a:b"});
    CHECK(chosen.apps[1].secret_file == "c");
    REQUIRE(chosen.instances.size() == 1);
    CHECK(chosen.settings_file == "s.json");
    CHECK(chosen.expires_in == 20U);
    CHECK(chosen.instances_listed_only);
    CHECK(chosen.open_control);
    CHECK(chosen.seed == 5U);
    CHECK(chosen.level == observe::log_level::debug);
  }

  TEST_CASE("mistakes end the program with status 2 and a reason") {
    CHECK(mistake({"--http", "localhost:80"}).find("127.0.0.1:8080") != std::string::npos);
    CHECK(mistake({"--http", "127.0.0.1"}).find("127.0.0.1:8080") != std::string::npos);
    CHECK(mistake({"--http", "127.0.0.1:65536"}).find("form") != std::string::npos);
    CHECK(mistake({"--app", "my-app:file"}).find("APP_ID:SECRET_FILE") != std::string::npos);
    CHECK(mistake({"--app", "11111111-1111-4111-8111-111111111111"}).find("SECRET_FILE") !=
          std::string::npos);
    CHECK(mistake({"--app", "11111111-1111-4111-8111-111111111111:"}).find("SECRET_FILE") !=
          std::string::npos);
    CHECK(mistake({"--instance", "x"}).find("GUID") != std::string::npos);
    CHECK(mistake({"--certificate", "bad"}).find("untrusted") != std::string::npos);
    CHECK(mistake({"--log-level", "loud"}).find("trace") != std::string::npos);
    CHECK(mistake({"--http", "127.0.0.1:0", "--ca-out", "x"}).find("--https") != std::string::npos);
    CHECK_FALSE(mistake({"--nonsense"}).empty());
    CHECK_FALSE(mistake({"stray"}).empty());
    CHECK_FALSE(mistake({"--expires-in", "-5"}).empty());
  }

  TEST_CASE("endpoints are numeric addresses with a port") {
    CHECK(parse_endpoint("127.0.0.1:0") == endpoint{"127.0.0.1", 0});
    CHECK(parse_endpoint("[::]:65535") == endpoint{"::", 65535});
    for (auto const* const text : {"", ":80", "::1:80", "[127.0.0.1]:80", "127.0.0.1:", "127.1:80",
                                   "[::1]", "[::1]80", "127.0.0.1:80x", "127.0.0.1: 80"}) {
      CAPTURE(std::string{text});
      CHECK_FALSE(parse_endpoint(text).has_value());
    }
  }

  TEST_CASE("loopback is 127.0.0.0/8 and ::1") {
    CHECK(is_loopback({"127.0.0.1", 0}));
    CHECK(is_loopback({"127.255.255.254", 0}));
    CHECK(is_loopback({"::1", 0}));
    CHECK_FALSE(is_loopback({"128.0.0.1", 0}));
    CHECK_FALSE(is_loopback({"0.0.0.0", 0}));
    CHECK_FALSE(is_loopback({"::", 0}));
    CHECK_FALSE(is_loopback({"::ffff:127.0.0.1", 0}));
  }
}
