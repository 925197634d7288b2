// The command `wixtoken` with the real daemon: every command, every way to fail.

#include "integration/world.hpp"
#include "support/other_user.hpp"
#include "support/terminal_process.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

std::vector<std::string> command_line(world const& w, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {program("wixtoken"), "--socket", w.socket()});
  return arguments;
}

finished_process wixtoken(world const& w, std::vector<std::string> arguments) {
  return run_process(command_line(w, std::move(arguments)));
}

bool has(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

// The command must succeed; what it prints.
std::string good(world const& w, std::vector<std::string> arguments) {
  auto const done = wixtoken(w, std::move(arguments));
  REQUIRE_MESSAGE(done.exit_code == 0, done.errors);
  CHECK(done.errors.empty());
  return done.output;
}

// The command must fail so; what it says of it.
std::string bad(world const& w, int code, std::vector<std::string> arguments) {
  auto const done = wixtoken(w, std::move(arguments));
  CHECK_MESSAGE(done.exit_code == code, done.errors);
  CHECK(done.output.empty());
  return done.errors;
}

world_options strict() {
  world_options options;
  options.app_settings = "on_demand = false\n";
  return options;
}

}  // namespace

TEST_SUITE("integration.cli") {
  TEST_CASE("an instance from its registration to its removal") {
    world w{strict()};
    auto const id = instance_text(1);
    CHECK(has(bad(w, 67, {"get", id}), "unknown_instance"));
    CHECK(has(good(w, {"add", id}), "added " + id + ", until the daemon restarts"));

    auto const token = good(w, {"get", id});
    w.remember_secret(token.substr(0, token.size() - 1));
    CHECK(has(token, "OauthNG.JWS."));
    CHECK(good(w, {"header", id}) == "Authorization: Bearer " + token);
    auto const facts = json::parse(good(w, {"get", id, "--json", "--min-valid", "60"}));
    CHECK(text(facts, "access_token") + "\n" == token);
    auto const generation = std::to_string(number_of(facts, "generation"));
    CHECK(has(bad(w, 65, {"get", id, "--min-valid", "3h"}), "at most: --min-valid "));

    auto const page = good(w, {"show", id});
    CHECK(has(page, "state               warm\n"));
    CHECK(has(page, "generation          " + generation + "\n"));
    CHECK(number_of(json::parse(good(w, {"show", id, "--json"})), "generation") ==
          number_of(facts, "generation"));
    CHECK(has(good(w, {"list"}), "\n" + id + "  warm "));
    CHECK(good(w, {"list", "--state", "blocked", "--json"}).empty());
    CHECK(has(good(w, {"add", id}), "known " + id));
    CHECK(has(good(w, {"retry", id}), "state "));

    CHECK(good(w, {"remove", id}) == "removed " + id + "\n");
    CHECK(has(bad(w, 67, {"show", id}), id + ": unknown_instance"));
    CHECK(has(bad(w, 67, {"restore", id}), "No refresh token of this instance is kept."));
  }

  TEST_CASE("a refused token is replaced, and a watcher is told; neither prints it") {
    world w;
    auto const id = instance_text(1);
    auto const warm = w.warm_token(1);
    process watcher{command_line(w, {"watch", id, "--count", "2"}), w.folder().path("out"),
                    w.folder().path("err")};
    CHECK(has(watcher.first_output_line(), "generation "));
    auto const before = std::to_string(number_of(warm, "generation"));
    auto const replaced = good(w, {"reject", id, "--generation", before, "--json"});
    auto const next = number_of(json::parse(replaced), "generation");
    CHECK(next > number_of(warm, "generation"));
    REQUIRE(watcher.wait() == 0);
    CHECK(has(watcher.output(), "generation " + std::to_string(next) + ","));

    auto const held = bad(w, 75, {"reject", id});
    CHECK(has(held, "rejection_hold_off"));
    w.folder().write("token", text(warm, "access_token") + "\n");
    good(w, {"reject", id, "--token-file", w.folder().path("token")});  // an older one
    CHECK(has(good(w, {"reject", id, "--drop"}), "dropped"));
    auto const now = w.warm_token(1);
    CHECK(number_of(now, "generation") > next);
    for (auto const& one : {warm, now}) {
      CHECK_FALSE(has(watcher.output() + replaced, text(one, "access_token")));
    }
  }

  TEST_CASE("a cron job's database is imported: what is on disk counts, what fails is named") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    w.add_store();
    w.start_daemon();
    std::string lines = "instance_id,refresh_token\n";
    for (unsigned n = 1; n <= 1'500; ++n) {
      lines += instance_text(n) + (n % 3 == 0 ? ",OAUTH2.fake-" + std::to_string(n) : "") + "\n";
    }
    w.remember_secret("OAUTH2.fake-3");
    lines += "not-a-guid\n{\"instance_id\":7}\n";
    w.folder().write("database.csv", lines);
    auto const done = wixtoken(w, {"import", w.folder().path("database.csv")});
    CHECK(done.exit_code == 65);
    CHECK(done.output == "1,502 lines: 1,500 added, 0 known already, 2 failed\n");
    CHECK(has(done.errors, "line 1502: invalid_instance_id: "));
    CHECK(has(done.errors, "line 1503: "));
    CHECK_FALSE(has(done.errors, "OAUTH2"));

    w.kill_daemon();
    w.start_daemon();
    auto const third = json::parse(good(w, {"show", instance_text(3), "--json"}));
    CHECK(text(third, "grant") == "refresh_token");
    CHECK(member(third, "durable").as_bool());
    CHECK(has(good(w, {"list", "--json", "--limit", "600"}), "\"registered\":true"));

    w.folder().write("grant", "OAUTH2.fake-other\n");
    w.remember_secret("OAUTH2.fake-other");
    auto const file = w.folder().path("grant");
    CHECK(
        has(bad(w, 73, {"add", instance_text(3), "--refresh-token-file", file}), "grant_conflict"));
    good(w, {"add", instance_text(3), "--refresh-token-file", file, "--replace"});
    good(w, {"add", instance_text(9'000), "--code-file", file});
    CHECK(has(good(w, {"show", instance_text(9'000)}), "code                "));
  }

  TEST_CASE("a bar shows how far an import is, on a terminal") {
    world w;
    std::string lines;
    for (unsigned n = 1; n <= 2'500; ++n) lines += instance_text(n) + "\n";
    w.folder().write("ids", lines);
    terminal_process shown{command_line(w, {"import", w.folder().path("ids")}), 80, 24};
    std::string printed;
    CHECK(shown.end(printed) == 0);
    CHECK(has(printed, "[########............]  40 %  1,000 lines, 0 failed"));
    CHECK(has(printed, "2,500 lines: 2,500 added"));
  }

  TEST_CASE("whatever is wrong with the socket, the error says what to do") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    CHECK(has(bad(w, 69, {"status"}), "Start it (systemctl start wixtokend)"));
    auto const folder = w.folder().path();
    CHECK(has(bad(w, 69, {"status", "--socket", folder}), "is a directory"));
    w.start_daemon();
    CHECK(has(bad(w, 69, {"status", "--owner", "12345"}), "wrong_owner"));
    good(w, {"status", "--owner", "12345", "--owner", std::to_string(::geteuid())});
    CHECK(has(bad(w, 67, {"list", "--app", "none"}), "unknown_app"));
    w.kill_daemon();
    CHECK(has(bad(w, 69, {"status"}), "not_listening"));
    w.start_daemon();
    w.daemon().signal(SIGSTOP);
    CHECK(has(bad(w, 75, {"status", "--timeout", "200ms"}), "timed_out"));
    w.daemon().signal(SIGCONT);

    auto const json_error = bad(w, 69, {"status", "--socket", folder + "/none", "--json"});
    CHECK(text(json::parse(json_error), "error") == "socket_missing");
  }

  TEST_CASE("the environment names the socket, and --wait waits for it") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    process early{{program("wixtoken"), "get", instance_text(1), "--wait", "20s"},
                  w.folder().path("out"),
                  w.folder().path("err"),
                  {"WIXTOKEN_SOCKET=" + w.socket()}};
    w.start_daemon();
    REQUIRE_MESSAGE(early.wait() == 0, early.errors());
    auto const token = early.output();
    w.remember_secret(token.substr(0, token.size() - 1));
    CHECK(has(token, "OauthNG.JWS."));
  }

  TEST_CASE("others are told what they lack: the socket's rights, or a rule") {
    if (!may_be_others()) {
      MESSAGE("needs root: not shown here");
      return;
    }
    temporary_folder const folder;
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    auto const theirs = folder.path("theirs");
    REQUIRE(::mkdir(theirs.c_str(), 0700) == 0);
    REQUIRE(::chown(theirs.c_str(), 12'345, 12'345) == 0);
    auto const copy = folder.path("wixtoken");  // the tree may be closed to others
    std::filesystem::copy_file(program("wixtoken"), copy);
    world_options options;
    options.settings = "[[socket]]\nname = \"open\"\npath = \"" + folder.path("open") +
                       "\"\nmode = \"0666\"\n\n[[socket]]\nname = \"shut\"\npath = \"" +
                       folder.path("shut") + "\"\nmode = \"0600\"\n";
    world const w{options};
    auto const ask = [&](std::string const& socket) {
      other_user const stranger{12'345, 12'345};
      return as_other_user(stranger, [&] {
        process child{{copy, "--socket", folder.path(socket), "status", "--json"},
                      theirs + "/out",
                      theirs + "/err"};
        auto const code = child.wait().value_or(-1);
        return std::to_string(code) + child.errors();
      });
    };
    CHECK(has(ask("open"), "77{\"error\":\"access_denied\""));
    CHECK(has(ask("shut"), "69{\"error\":\"permission_denied\""));
  }

  TEST_CASE("what Wix refuses, and what it does not answer, are told apart") {
    world_options options;
    options.secret = "another-secret-that-is-wrong";
    world refused{options};
    auto const said = bad(refused, 68, {"get", instance_text(1)});
    CHECK(has(said, "app_refused"));
    CHECK(has(said, "Wix said: status 401"));
    CHECK(wixtoken(refused, {"status"}).exit_code == 1);
    CHECK(has(wixtoken(refused, {"status"}).output, "because      Wix refuses the id or secret"));

    world down;
    down.emulator().signal(SIGSTOP);
    auto const begin = std::chrono::steady_clock::now();
    CHECK(has(bad(down, 75, {"get", instance_text(1), "--timeout", "500ms"}), "Wix"));
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    down.emulator().signal(SIGCONT);
  }

  TEST_CASE("status and top tell how the daemon does") {
    world w;
    w.register_all(1, 3);
    for (unsigned n = 1; n <= 3; ++n) w.warm_token(n);
    auto const page = good(w, {"status"});
    CHECK(has(page, ", ready\n"));
    CHECK(has(page, "app main\n"));
    CHECK(text(json::parse(good(w, {"status", "--json"})), "version") ==
          good(w, {"--version"}).substr(9, 5));
    auto const once = good(w, {"top"});
    CHECK(has(once, "app main: 3 instances"));
    CHECK(has(once, instance_text(1)));
    CHECK_FALSE(has(once, "\x1b"));
  }

  TEST_CASE("top fills the terminal, follows its size, and puts everything back") {
    world w;
    w.warm_token(1);
    for (std::string const quit : {"q", "\x03", "SIGTERM"}) {
      terminal_process top{command_line(w, {"top", "--interval", "100ms", "--no-color"}), 80, 24};
      auto const first = top.read_until("q quit");
      CHECK(has(first, "\x1b[?1049h"));
      CHECK(has(first, "app main: 1 instance"));
      CHECK_FALSE(has(first, "\x1b[1m"));
      top.resize(40, 10);
      auto const narrow = top.read_until("app main: 1 instance, 1 kept warm, 1 us…");
      if (quit == "SIGTERM") {
        ::kill(top.pid(), SIGTERM);
      } else {
        top.type(quit);
      }
      std::string last;
      CHECK(top.end(last) == 0);
      CHECK(has(last, "\x1b[?25h\x1b[?1049l"));
    }
  }

  TEST_CASE("top goes on while the daemon is away") {
    world w;
    w.warm_token(1);
    terminal_process top{command_line(w, {"top", "--interval", "100ms"}), 80, 24};
    top.read_until("q quit");
    w.kill_daemon();
    top.read_until("not_listening");
    w.start_daemon();
    top.read_until("app main:");
    top.type("q");
    std::string last;
    CHECK(top.end(last) == 0);
  }
}
