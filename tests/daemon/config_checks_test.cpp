#include "daemon/config_checks.hpp"

#include "support/config_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using test::config_world;

}  // namespace

TEST_SUITE("daemon.config_checks") {
  TEST_CASE("what must differ differs") {
    config_world const w;
    std::string const second =
        "[[app]]\nname = 'b'\napp_id = '22222222-2222-3333-4444-555555555555'\n"
        "app_secret_file = 'secret'\n";
    CHECK(w.errors(second) == "");
    CHECK(w.errors("[[app]]\napp_id = '22222222-2222-3333-4444-555555555555'\n"
                   "app_secret_file = 'secret'\n") ==
          "c.toml:5:1: app.name: must differ from that of every other [[app]]\n");
    CHECK(w.errors("[[app]]\nname = 'b'\napp_id = '11111111-2222-3333-4444-555555555555'\n"
                   "app_secret_file = 'secret'\n") ==
          "c.toml:7:10: app.app_id: must differ from that of every other [[app]]\n");
    CHECK(w.errors("[[socket]]\n[[socket]]\nname = 'b'\n") ==
          "c.toml:6:1: socket.path: must differ from that of every other [[socket]]\n");
    CHECK(w.errors("instances = ['aaaaaaaa-0000-0000-0000-000000000001', "
                   "'AAAAAAAA-0000-0000-0000-000000000001']\n") ==
          "c.toml:5:13: app.instances: aaaaaaaa-0000-0000-0000-000000000001 stands there twice\n");
  }

  TEST_CASE("whether path and mode of a socket stand in the file is known") {
    config_world const w;
    auto const without = w.settings("").sockets.front();
    CHECK(!without.path_given);
    CHECK(!without.mode_given);
    auto const path = w.settings("[[socket]]\npath = '/run/a'\n").sockets.front();
    CHECK(path.path_given);
    CHECK(!path.mode_given);
    auto const mode =
        w.settings("[[socket]]\n[[socket]]\nname = 'b'\npath = '/a'\nmode = '0660'\n");
    CHECK(!mode.sockets.front().mode_given);
    CHECK(mode.sockets.back().mode_given);
  }

  TEST_CASE("plain HTTP goes to loopback only, and only where it is allowed") {
    config_world const w;
    std::string const not_allowed =
        "c.toml:5:12: app.base_url: must be https://; for a test server on this machine set "
        "allow_plain_http = true\n";
    std::string const not_loopback =
        "c.toml:5:12: app.base_url: must be https://: plain HTTP would send the app's secret over "
        "the network readable\n";
    CHECK(w.errors("base_url = 'http://127.0.0.1:80'\n") == not_allowed);
    CHECK(w.errors("base_url = 'http://127.0.0.1:80'\nallow_plain_http = true\n") == "");
    CHECK(w.errors("base_url = 'http://[::1]:80'\nallow_plain_http = true\n") == "");
    CHECK(w.errors("base_url = 'http://localhost'\nallow_plain_http = true\n") == "");
    CHECK(w.errors("base_url = 'http://www.wixapis.com'\n") == not_loopback);
    CHECK(w.errors("base_url = 'http://www.wixapis.com'\nallow_plain_http = true\n") ==
          not_loopback);
    CHECK(w.errors("base_url = 'http://127.0.0.1.example.com'\nallow_plain_http = true\n") ==
          not_loopback);
    for (auto const* const url : {"www.wixapis.com", "ftp://x", "https://", "https://u:p@x",
                                  "https://x?q", "https://x#f", "https://x:0"}) {
      CHECK(w.errors("base_url = '" + std::string{url} + "'\n") ==
            "c.toml:5:12: app.base_url: must be https://HOST, with an optional port and path, and "
            "nothing else\n");
    }
  }

  TEST_CASE("limits fit together") {
    config_world const w;
    CHECK(w.errors("[limits]\nwait_default = '10s'\nwait_max = '5s'\n") ==
          "c.toml:6:16: limits.wait_default: must not be more than wait_max\n");
    CHECK(w.errors("[limits]\nconnections = 5\n") ==
          "c.toml:5:1: limits.connections_per_uid: must not be more than connections\n");
    CHECK(w.errors("instances = ['aaaaaaaa-0000-0000-0000-000000000001', "
                   "'aaaaaaaa-0000-0000-0000-000000000002']\n[limits]\nmax_instances = 1\n") ==
          "c.toml:7:17: limits.max_instances: must be at least 2, the number of instances that "
          "stand in this file\n");
  }

  TEST_CASE("the rate in the background is within the ceiling") {
    config_world const w;
    CHECK(w.errors("requests_per_second = 50\n") == "");
    CHECK(w.errors("requests_per_second = 50.5\n") ==
          "c.toml:5:23: app.requests_per_second: must not be more than requests_per_second_max\n");
    CHECK(w.errors("requests_per_second = 2\nrequests_per_second_max = 1\n") ==
          "c.toml:5:23: app.requests_per_second: must not be more than requests_per_second_max\n");
    CHECK(w.errors("requests_per_second = 'auto'\nrequests_per_second_max = 1\n") == "");
  }

  TEST_CASE("a socket's path is absolute and short enough") {
    config_world const w;
    auto const wrong = "c.toml:6:8: socket.path: must be an absolute path of at most 107 bytes\n";
    CHECK(w.errors("[[socket]]\npath = 'a.sock'\n") == wrong);
    CHECK(w.errors("[[socket]]\npath = '/run/'\n") == wrong);
    CHECK(w.errors("[[socket]]\npath = '/" + std::string(107, 'x') + "'\n") == wrong);
    CHECK(w.errors("[[socket]]\npath = '/" + std::string(106, 'x') + "'\n") == "");
  }

  TEST_CASE("the daemon makes folders for sockets alone, each with one mode") {
    config_world const w;
    auto const two = [](std::string const& first, std::string const& second) {
      return "[[socket]]\n" + first + "\n[[socket]]\nname = 'b'\n" + second + "\n";
    };
    std::string const a = "path = '/run/w/a'\n";
    std::string const b = "path = '/run/w/b'\n";
    CHECK(w.errors(two(a + "directory_mode = '2750'", b + "directory_mode = '2750'")) == "");
    CHECK(w.errors(two(a + "directory_mode = '2750'", "path = '/run/v/b'")) == "");
    CHECK(w.errors(two(a + "directory_mode = '2750'", b + "directory_mode = '0750'")) ==
          "c.toml:11:18: socket.directory_mode: must be that of every other [[socket]] in the same "
          "folder\n");
    CHECK(w.errors(two(a + "directory_mode = '2750'", b)) ==
          "c.toml:8:1: socket.directory_mode: must be that of every other [[socket]] in the same "
          "folder\n");
    for (auto const* const path : {"/a.sock", "/run/a.sock"}) {
      CHECK(w.errors("[[socket]]\ndirectory_mode = '0755'\npath = '" + std::string{path} + "'\n") ==
            "c.toml:6:18: socket.directory_mode: needs a path with a folder for the socket alone, "
            "such as \"/run/wixtokend/wixtokend.sock\"\n");
    }
  }

  TEST_CASE("an audit log is named by an absolute path of its own") {
    config_world const w;
    w.folder.write("keys", test::store_key);
    CHECK(w.errors("[audit]\nfile = '/var/log/a'\noverflow = 'refuse'\n") == "");
    for (auto const* const file : {"a", "./a", "/var/log/"}) {
      CHECK(w.errors("[audit]\nfile = '" + std::string{file} + "'\n") ==
            "c.toml:6:8: audit.file: must be an absolute path of a file\n");
    }
    CHECK(w.errors("[audit]\noverflow = 'drop'\n") ==
          "c.toml:6:12: audit.overflow: is of no use without file, which names the audit log\n");
    CHECK(w.errors("[audit]\nfile = '/s'\n[store]\nfile = '/s'\nkey_file = 'keys'\n") ==
          "c.toml:6:8: audit.file: must not be the file of the store\n");
  }

  TEST_CASE("a store is named by an absolute path, and its key is not written down") {
    config_world const w;
    w.folder.write("keys", test::store_key);
    std::string const key = "key_file = 'keys'\n";
    CHECK(w.errors("[store]\nfile = '/var/lib/x/state.db'\n" + key) == "");
    for (auto const* const file : {"state.db", "./state.db", "/var/lib/"}) {
      CHECK(w.errors("[store]\nfile = '" + std::string{file} + "'\n" + key) ==
            "c.toml:6:8: store.file: must be an absolute path of a file\n");
    }
    CHECK(w.errors("[store]\n" + key) ==
          "c.toml:6:12: store.key_file: is of no use without file, which names the store\n");
    CHECK(
        w.errors("[store]\nfile = '/s'\n"
                 "key_file = 'wixtokend-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'\n") ==
        "c.toml:7:12: store.key_file: must be the name of a file; this looks like the key itself, "
        "which must not stand here (if it is a file's name, write it with its folder)\n");
  }
}
