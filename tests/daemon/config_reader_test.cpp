#include "daemon/config_reader.hpp"

#include "support/config_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using test::config_world;
using test::good_configuration;

}  // namespace

TEST_SUITE("daemon.config_reader") {
  TEST_CASE("unknown keys and tables are errors with a proposal") {
    config_world const w;
    CHECK(w.errors("[limits]\nheader_timout = '5s'\n") ==
          "c.toml:6:1: limits.header_timout: there is no such key; did you mean "
          "\"header_timeout\"?\n");
    CHECK(w.errors("[process]\ncolour = 1\n") ==
          "c.toml:6:1: process.colour: there is no such key; there are: shutdown_grace, "
          "lock_memory\n");
    CHECK(w.errors("[limit]\nconnections = 1\n") ==
          "c.toml:5:2: limit: there is no such table; did you mean \"limits\"?\n");
    CHECK(w.errors("[database]\n") ==
          "c.toml:5:2: database: there is no such table; there are: log, app, socket, "
          "access, store, audit, limits, api, metrics, process\n");
    CHECK(w.errors_of(std::string{"level = 'info'\n"} + good_configuration) ==
          "c.toml:1:1: level: stands outside of a table; did you mean \"log.level\"?\n");
    CHECK(w.errors("\"a\\nb\" = 1\n") ==
          "c.toml:5:1: app.\"a\\x0ab\": there is no such key; there are: name, app_id, "
          "app_secret_file, base_url, allow_plain_http, proxy, ca_file, instances, on_demand, "
          "keep_warm, idle_after, resilience, requests_per_second_max, requests_per_second, "
          "in_flight_max, fallback_to_client_credentials, legacy_token_lifetime, "
          "webhook_public_key_file, webhook_require_exp, webhook_exp_leeway\n");
  }

  TEST_CASE("wrong types are errors that name both types") {
    config_world const w;
    CHECK(w.errors("on_demand = 'yes'\n") ==
          "c.toml:5:13: app.on_demand: must be true or false, but is a string\n");
    CHECK(w.errors("in_flight_max = 2.5\n") ==
          "c.toml:5:17: app.in_flight_max: must be an integer, but is a number with a fraction\n");
    CHECK(w.errors("requests_per_second_max = '50'\n") ==
          "c.toml:5:27: app.requests_per_second_max: must be a number, but is a string\n");
    CHECK(w.errors("ca_file = 5\n") ==
          "c.toml:5:11: app.ca_file: must be a string, but is an integer\n");
    CHECK(w.errors("instances = 'x'\n") ==
          "c.toml:5:13: app.instances: must be an array, but is a string\n");
    CHECK(w.errors("instances = [1]\n") ==
          "c.toml:5:14: app.instances: must be a string, but is an integer\n");
    CHECK(w.errors("[limits]\nidle_timeout = 60\n") ==
          "c.toml:6:16: limits.idle_timeout: must be a duration in quotes, such as \"30s\" or "
          "\"1h30m\", but is an integer\n");
    CHECK(w.errors("[log]\nlevel = true\n") ==
          "c.toml:6:9: log.level: must be \"trace\", \"debug\", \"info\", \"warning\" or "
          "\"error\", but "
          "is a boolean\n");
    CHECK(w.errors("[[socket]]\nmode = 432\n") ==
          "c.toml:6:8: socket.mode: must be an octal number in quotes, such as \"0660\" or "
          "\"0600\"\n");
    CHECK(w.errors("[app.foo]\n").find("app.foo: there is no such key") != std::string::npos);
  }

  TEST_CASE("values out of range are errors that name the range") {
    config_world const w;
    CHECK(w.errors("in_flight_max = 0\n") ==
          "c.toml:5:17: app.in_flight_max: must be from 1 to 1024\n");
    CHECK(w.errors("requests_per_second_max = 0\n") ==
          "c.toml:5:27: app.requests_per_second_max: must be from 0.1 to 10000\n");
    CHECK(w.errors("requests_per_second_max = nan\n") ==
          "c.toml:5:27: app.requests_per_second_max: must be from 0.1 to 10000\n");
    CHECK(w.errors("keep_warm = 'always'\n") ==
          "c.toml:5:13: app.keep_warm: must be \"all\", \"used\" or \"none\"\n");
    CHECK(w.errors("[limits]\nidle_timeout = '10ms'\n") ==
          "c.toml:6:16: limits.idle_timeout: must be from \"1s\" to \"24h\"\n");
    CHECK(
        w.errors("[limits]\nidle_timeout = '60'\n") ==
        "c.toml:6:16: limits.idle_timeout: must be a duration: whole numbers with the units h, m, "
        "s, ms, such as \"30s\" or \"1h30m\"\n");
    CHECK(w.errors("instances = ['aaaaaaaa-0000-0000-0000-000000000001',\n 'x']\n") ==
          "c.toml:6:2: app.instances: must be a GUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\n");
    for (auto const* const mode :
         {"'0o660'", "'660 '", "'888'", "'66'", "'1660'", "'00660'", "''"}) {
      CHECK(w.errors("[[socket]]\nmode = " + std::string{mode} + "\n") ==
            "c.toml:6:8: socket.mode: must be an octal number in quotes, such as \"0660\" or "
            "\"0600\"\n");
    }
    for (auto const* const mode :
         {"'2650'", "'4750'", "'1750'", "'75'", "'02750'", "'rwx'", "488"}) {
      CHECK(w.errors("[[socket]]\ndirectory_mode = " + std::string{mode} + "\n") ==
            "c.toml:6:18: socket.directory_mode: must be an octal number in quotes that gives the "
            "daemon itself all rights, such as \"0750\" or \"2750\"\n");
    }
    for (auto const* const mode : {"'0770'", "'2757'", "'0702'"}) {
      CHECK(w.errors("[[socket]]\ndirectory_mode = " + std::string{mode} + "\n") ==
            "c.toml:6:18: socket.directory_mode: must not let others write: whoever may write to "
            "the folder can replace the socket\n");
    }
    CHECK(w.errors("instances = ['00000000-0000-0000-0000-000000000000']\n") ==
          "c.toml:5:14: app.instances: is still the example's: put a real instance's id here\n");
    CHECK(w.errors("[[socket]]\nroles = ['read', 'write']\n") ==
          "c.toml:6:18: socket.roles: must be \"read\", \"register\", \"manage\" or \"status\"\n");
    CHECK(w.errors("[[socket]]\nroles = []\n") ==
          "c.toml:6:9: socket.roles: must not be empty: it would allow nothing\n");
    CHECK(w.errors("name = 'Shop 1'\n") ==
          "c.toml:5:8: app.name: must have 1 to 32 characters out of a-z, 0-9, - and _\n");
    CHECK(w.errors("ca_file = ''\n") ==
          "c.toml:5:11: app.ca_file: must not be empty: leave the key out instead\n");
    CHECK(w.errors("ca_file = \"a\\u0007\"\n") ==
          "c.toml:5:11: app.ca_file: must have at most 1024 bytes and no control characters\n");
  }

  TEST_CASE("an app needs its id, and there must be an app") {
    config_world const w;
    CHECK(w.errors_of("[log]\nlevel = 'info'\n") ==
          "c.toml: app: is missing: at least one [[app]] is needed\n");
    CHECK(w.errors_of("\n[[app]]\napp_secret_file = 'secret'\n") ==
          "c.toml:2:1: app.app_id: is missing: it must be a GUID in quotes\n");
    CHECK(w.errors_of("[[app]]\napp_secret_file = 'secret'\napp_id = 'mine'\n") ==
          "c.toml:3:10: app.app_id: must be a GUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\n");
    CHECK(w.errors_of("[[app]]\napp_secret_file = 'secret'\n"
                      "app_id = '00000000-0000-0000-0000-000000000000'\n") ==
          "c.toml:3:10: app.app_id: is still the example's: put your own app's id here\n");
    CHECK(w.errors_of("[app]\napp_id = '11111111-2222-3333-4444-555555555555'\n") ==
          "c.toml:1:2: app: may stand several times, and is therefore written [[app]] in double "
          "brackets\n");
    CHECK(w.errors("[[log]]\n") ==
          "c.toml:5:3: log: must be one table: [log] in single brackets\n");
  }

  TEST_CASE("all errors are reported at once, in the order of the file") {
    config_world const w;
    CHECK(w.errors("on_demand = 1\nbase_url = 'x'\n[limits]\nfoo = 1\nwait_max = 5\n"
                   "[[socket]]\ngroup = 'no-such-group'\n[log]\nlevel = 'loud'\n") ==
          "c.toml:5:13: app.on_demand: must be true or false, but is an integer\n"
          "c.toml:6:12: app.base_url: must be https://HOST, with an optional port and path, and "
          "nothing else\n"
          "c.toml:8:1: limits.foo: there is no such key; there are: connections, "
          "connections_per_uid, waiters_per_uid, requests_per_second_per_uid, header_timeout, "
          "body_timeout, idle_timeout, wait_default, "
          "wait_max, max_instances\n"
          "c.toml:9:12: limits.wait_max: must be a duration in quotes, such as \"30s\" or "
          "\"1h30m\", but is an integer\n"
          "c.toml:11:9: socket.group: there is no group \"no-such-group\"\n"
          "c.toml:13:9: log.level: must be \"trace\", \"debug\", \"info\", \"warning\" or "
          "\"error\"\n");
  }
}
