#include "daemon/config_file.hpp"

#include "support/config_world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using test::config_world;
using test::good_configuration;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE("daemon.config_file") {
  TEST_CASE("the least that is needed gives the defaults") {
    config_world const w;
    auto const settings = w.settings("");
    CHECK(settings.log.level == observe::log_level::info);
    CHECK(!settings.log.format.has_value());
    REQUIRE(settings.apps.size() == 1);
    auto const& app = settings.apps.front();
    CHECK(app.name == "main");
    CHECK(app.app_id == "11111111-2222-3333-4444-555555555555");
    CHECK(app.app_secret.reveal() == "s3cret-value");
    CHECK(app.server.to_string() == "https://www.wixapis.com:443");
    CHECK(app.instances.empty());
    CHECK(app.policy.on_demand);
    CHECK(app.fallback_to_client_credentials);
    CHECK(app.legacy_token_lifetime == 5min);
    CHECK(app.webhook_require_exp);
    CHECK(app.webhook_exp_leeway == 60s);
    CHECK(!app.webhook_key.has_value());
    CHECK(settings.store.file.empty());
    CHECK(!settings.store.allow_volatile);
    CHECK(settings.store.removed_retention == 168h);
    CHECK(app.policy.resilience == core::resilience::balanced);
    CHECK(!app.policy.idle_after.has_value());
    CHECK(!app.policy.requests_per_second.has_value());
    REQUIRE(settings.sockets.size() == 1);
    auto const& socket = settings.sockets.front();
    CHECK(socket.name == "main");
    CHECK(socket.path == "/run/wixtokend/wixtokend.sock");
    CHECK(socket.mode == 0660);
    CHECK(!socket.owner_id.has_value());
    CHECK(!socket.group_id.has_value());
    CHECK(socket.roles == core::all_roles);
    CHECK(settings.limits.wait_max == 60s);
    CHECK(settings.process.shutdown_grace == 0s);
    CHECK_FALSE(settings.process.lock_memory);
  }

  TEST_CASE("every key has its effect") {
    config_world const w;
    w.folder.write("store-key", test::store_key);
    auto const settings = w.settings(R"(
name = "shop"
base_url = "http://127.0.0.1:8080/wix/"
allow_plain_http = true
ca_file = "ca.pem"
instances = ["AAAAAAAA-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002"]
on_demand = false
keep_warm = "used"
idle_after = "90m"
resilience = "max"
requests_per_second_max = 7.5
requests_per_second = 2
in_flight_max = 3
fallback_to_client_credentials = false
legacy_token_lifetime = "24h"
webhook_require_exp = false
webhook_exp_leeway = "0s"

[[app]]
name = "other"
app_id = "22222222-2222-3333-4444-555555555555"
app_secret_file = "secret"

[log]
level = "debug"
format = "json"

[[socket]]
name = "a"
path = "/run/w/a.sock"
directory_mode = "2750"
mode = "600"
owner = "nobody"
group = "12345"
roles = ["read", "status"]

[[socket]]
name = "b"
path = "/run/b.sock"

[limits]
connections = 10
connections_per_uid = 9
header_timeout = "1s"
idle_timeout = "2s"
body_timeout = "1500ms"
wait_default = "3s"
wait_max = "4s"
max_instances = 5

[store]
file = "/var/lib/x/state.db"
key_file = "store-key"
allow_volatile = true
removed_retention = "1h"

[audit]
file = "/var/log/x/audit.log"
overflow = "refuse"

[api]
dropin_max_expires_in = "1m"
ready_fraction = 1

[process]
shutdown_grace = "20s"
lock_memory = true
)");
    REQUIRE(settings.apps.size() == 2);
    auto const& app = settings.apps[0];
    CHECK(app.name == "shop");
    CHECK(!app.server.tls);
    CHECK(app.server.host == "127.0.0.1");
    CHECK(app.server.port == 8080);
    CHECK(app.server.base_path == "/wix");
    CHECK(app.ca_file == w.folder.path("ca.pem"));
    REQUIRE(app.instances.size() == 2);
    CHECK(app.instances[0].to_string() == "aaaaaaaa-0000-0000-0000-000000000001");
    CHECK(!app.policy.on_demand);
    CHECK(app.policy.warm == core::keep_warm::used);
    CHECK(app.policy.idle_after == 90min);
    CHECK(app.policy.resilience == core::resilience::max);
    CHECK(app.policy.requests_per_second_max == 7.5);
    CHECK(app.policy.requests_per_second == 2.0);
    CHECK(app.policy.in_flight_max == 3);
    CHECK(!app.fallback_to_client_credentials);
    CHECK(app.legacy_token_lifetime == 24h);
    CHECK(!app.webhook_require_exp);
    CHECK(app.webhook_exp_leeway == 0s);
    CHECK(settings.apps[1].name == "other");
    CHECK(settings.apps[1].policy.on_demand);

    CHECK(settings.log.level == observe::log_level::debug);
    CHECK(settings.log.format == observe::log_format::json);

    REQUIRE(settings.sockets.size() == 2);
    auto const& socket = settings.sockets[0];
    CHECK(socket.path == "/run/w/a.sock");
    CHECK(socket.directory_mode == mode_t{02750});
    CHECK(socket.mode == 0600);
    CHECK(socket.owner_id == uid_t{65534});
    CHECK(socket.group_id == gid_t{12345});
    CHECK(socket.roles == 9);
    CHECK(settings.sockets[1].mode == 0660);
    CHECK(!settings.sockets[1].directory_mode.has_value());

    CHECK(settings.limits.connections == 10);
    CHECK(settings.limits.connections_per_uid == 9);
    CHECK(settings.limits.header_timeout == 1s);
    CHECK(settings.limits.idle_timeout == 2s);
    CHECK(settings.limits.body_timeout == 1500ms);
    CHECK(settings.limits.wait_default == 3s);
    CHECK(settings.limits.wait_max == 4s);
    CHECK(settings.limits.max_instances == 5);
    CHECK(settings.store.file == "/var/lib/x/state.db");
    CHECK(settings.store.keys.reveal() == test::store_key);
    CHECK(settings.store.allow_volatile);
    CHECK(settings.store.removed_retention == 1h);
    CHECK(settings.audit.file == "/var/log/x/audit.log");
    CHECK(settings.audit.overflow == observe::audit_overflow::refuse);
    CHECK(settings.api.dropin_max_expires_in == 1min);
    CHECK(settings.api.ready_fraction == 1);
    CHECK(settings.process.shutdown_grace == 20s);
    CHECK(settings.process.lock_memory);
  }

  TEST_CASE("unknown users and groups are errors") {
    config_world const w;
    CHECK(w.errors("[[socket]]\nowner = 'no-such-user'\ngroup = 'no-such-group'\n") ==
          "c.toml:6:9: socket.owner: there is no user \"no-such-user\"\n"
          "c.toml:7:9: socket.group: there is no group \"no-such-group\"\n");
  }

  TEST_CASE("a secret in the configuration is refused with the way out, and not repeated") {
    config_world const w;
    auto const advice =
        "secrets do not stand in this file: put the secret into a file of its own (chmod 0600) and "
        "name that file in app_secret_file, or pass it as the systemd credential app_secret\n";
    CHECK(w.errors("app_secret = 'S3CRET'\n") ==
          std::string{"c.toml:5:1: app.app_secret: "} + advice);
    CHECK(w.errors("client_secret = 'S3CRET'\n") ==
          std::string{"c.toml:5:1: app.client_secret: "} + advice);

    auto const twice =
        "c.toml:3:19: app.app_secret_file: must be the name of a file; this looks like "
        "the secret itself, which must not stand here (if it is a file's name, write "
        "it with its folder)\n";
    for (auto const* const value :
         {"99999999-aaaa-bbbb-cccc-dddddddddddd", "c0ffee00c0ffee00c0ffee00"}) {
      CHECK(w.errors_of("[[app]]\napp_id = '11111111-2222-3333-4444-555555555555'\n"
                        "app_secret_file = '" +
                        std::string{value} + "'\n") == twice);
    }
  }

  TEST_CASE("an unusable secret file is an error that says why, never what it holds") {
    config_world const w;
    auto const with = [](char const* file) {
      return std::string{
                 "[[app]]\napp_id = '11111111-2222-3333-4444-555555555555'\n"
                 "app_secret_file = '"} +
             file + "'\n";
    };
    CHECK(w.errors_of(with("absent")) == "c.toml:3:19: app.app_secret_file: " + w.path("absent") +
                                             " cannot be opened: No such file or directory\n");
    w.folder.write("empty", "\n");
    CHECK(w.errors_of(with("empty")) ==
          "c.toml:3:19: app.app_secret_file: " + w.path("empty") + " is empty\n");
    w.folder.write("two", "S3CRET\nS3CRET\n");
    CHECK(w.errors_of(with("two")) ==
          "c.toml:3:19: app.app_secret_file: " + w.path("two") +
              " holds control characters: it must hold the secret in one line, and nothing else\n");
    CHECK(w.errors_of(with(w.folder.path("secret").c_str())) == "");
  }

  TEST_CASE("a secret that others can read is used, with a warning") {
    config_world const w;
    w.folder.write("secret", "s3cret-value", 0644);
    auto const loaded = w.load(good_configuration);
    CHECK(loaded.errors.empty());
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(
        to_text("c.toml", loaded.warnings.front()) ==
        "c.toml:3:19: app.app_secret_file: " + w.path("secret") +
            " has mode 0644, so that others can read or replace the secret: chmod 0600 would keep "
            "it private");
  }

  TEST_CASE("without app_secret_file the systemd credential is taken") {
    config_world w;
    std::string const app =
        "[[app]]\nname = 'shop'\napp_id = '11111111-2222-3333-4444-555555555555'\n";
    std::string const other =
        "[[app]]\nname = 'b'\napp_id = '22222222-2222-3333-4444-555555555555'\n";
    CHECK(w.errors_of(app) ==
          "c.toml:1:1: app.app_secret_file: is missing, and there is no systemd credential "
          "\"app_secret.shop\" or \"app_secret\" either\n");

    w.around.credentials_directory = w.folder.path("credentials");
    REQUIRE(std::filesystem::create_directory(w.around.credentials_directory));
    w.folder.write("credentials/app_secret", "shared");
    CHECK(w.load(app).settings.apps.front().app_secret.reveal() == "shared");

    w.folder.write("credentials/app_secret.shop", "own");
    CHECK(w.load(app).settings.apps.front().app_secret.reveal() == "own");

    // The shared one is the default app's only.
    CHECK(w.errors_of(app + other) ==
          "c.toml:4:1: app.app_secret_file: is missing, and there is no systemd credential "
          "\"app_secret.b\" either\n");
  }

  TEST_CASE("the proxy is the configured one, else that of the environment, else none") {
    config_world w;
    auto const host_of = [&](std::string const& more) {
      auto const settings = w.settings(more);
      auto const& proxy = settings.apps[0].proxy_server;
      return proxy ? proxy->host + ':' + std::to_string(proxy->port) : std::string{"none"};
    };
    CHECK(host_of("") == "none");
    w.around.https_proxy = "http://from-environment:3128";
    CHECK(host_of("") == "from-environment:3128");
    CHECK(host_of("proxy = 'http://configured:8080'") == "configured:8080");
    CHECK(host_of("proxy = 'none'") == "none");
    w.around.no_proxy = "wixapis.com";
    CHECK(host_of("") == "none");
    CHECK(host_of("proxy = 'http://configured:8080'") == "configured:8080");
    CHECK(w.errors("proxy = 'ftp://configured'").starts_with("c.toml:5:"));
    w.around = {"", "http://user:password@proxy", ""};
    CHECK(w.errors("").find("HTTPS_PROXY") != std::string::npos);
    CHECK(w.errors("").find("password") == std::string::npos);
  }

  TEST_CASE("a file that cannot be used as a whole is one error") {
    config_world const w;
    auto const text = [](loaded_configuration const& loaded) {
      REQUIRE(loaded.errors.size() == 1);
      return to_text("F", loaded.errors.front());
    };
    CHECK(text(load_configuration(w.folder.path("absent"), {})) ==
          "F: cannot be opened: No such file or directory");
    CHECK(text(load_configuration(w.folder.path(), {})) == "F: is a folder, not a file");
    CHECK(text(w.load("[[app]\n")).starts_with("F:1:"));
  }
}
