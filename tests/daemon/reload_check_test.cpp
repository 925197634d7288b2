#include "daemon/reload_check.hpp"

#include "support/config_world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using test::config_world;
using words = std::vector<std::string>;

// The keys that need a restart between two configurations.
words between(std::string const& before, std::string const& after) {
  config_world const w;
  w.folder.write("key", test::store_key);
  return keys_for_restart(w.settings(before), w.settings(after));
}

}  // namespace

TEST_SUITE("daemon.reload_check") {
  TEST_CASE("the same configuration needs nothing") {
    CHECK(between("", "").empty());
  }

  TEST_CASE("what can be changed while the daemon runs needs no restart") {
    CHECK(between("",
                  "instances = ['11111111-2222-3333-4444-000000000001']\n"
                  "on_demand = false\nkeep_warm = 'used'\nidle_after = '2h'\nresilience = 'max'\n"
                  "requests_per_second_max = 10\nrequests_per_second = 5\n"
                  "fallback_to_client_credentials = false\nlegacy_token_lifetime = '10m'\n"
                  "webhook_require_exp = false\nwebhook_exp_leeway = '2m'\n"
                  "[limits]\nconnections = 10\nconnections_per_uid = 5\nheader_timeout = '1s'\n"
                  "body_timeout = '1s'\nidle_timeout = '10s'\nwait_default = '1s'\n"
                  "wait_max = '10s'\n[api]\ndropin_max_expires_in = '60s'\nready_fraction = 0.5\n"
                  "[process]\nshutdown_grace = '1s'\n")
              .empty());
  }

  TEST_CASE("what cannot is named, all of it") {
    CHECK(
        between("",
                "base_url = 'https://example.com'\nin_flight_max = 3\n"
                "[log]\nlevel = 'debug'\n[limits]\nmax_instances = 5\n") ==
        words{"log.level", "app.main.base_url", "app.main.in_flight_max", "limits.max_instances"});
    CHECK(between("[[socket]]\npath = '/run/a.sock'\n", "[[socket]]\npath = '/run/b.sock'\n") ==
          words{"socket.main.path"});
    CHECK(between("", "[[socket]]\ndirectory_mode = '0755'\n") ==
          words{"socket.main.directory_mode"});
    CHECK(between("", "[store]\nfile = '/var/lib/x.db'\nkey_file = 'key'\n") ==
          words{"store.file", "store.key_file"});
    CHECK(between("", "[metrics]\nlisten = '9464'\n") == words{"metrics.listen"});
    CHECK(between("", "[audit]\nfile = '/var/log/a'\noverflow = 'refuse'\n") ==
          words{"audit.file", "audit.overflow"});
    CHECK(between("", "[process]\nlock_memory = true\n") == words{"process.lock_memory"});
  }

  TEST_CASE("apps and sockets are not added or removed") {
    auto const more =
        "name = 'a'\n[[app]]\nname = 'b'\napp_id = '11111111-2222-3333-4444-666666666666'\n"
        "app_secret_file = 'secret'\n";
    CHECK(between("name = 'a'\n", more) == words{"[[app]]"});
    CHECK(between("",
                  "[[socket]]\nname = 'a'\npath = '/run/a'\n[[socket]]\nname = 'b'\n"
                  "path = '/run/b'\n") == words{"[[socket]]"});
  }

  TEST_CASE("a new secret is seen, and the file that it is in is watched") {
    config_world const w;
    auto const before = w.settings("");
    CHECK_FALSE(has_new_secret(before, w.settings("")));
    w.folder.write("secret", "another\n");
    CHECK(has_new_secret(before, w.settings("")));
    CHECK(watched_files(before) == words{w.folder.path("secret")});
  }
}
