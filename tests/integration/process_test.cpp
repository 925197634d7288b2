#include "integration/world.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

finished_process run_daemon(world const& w, std::string const& command = "run") {
  return run_process({program("wixtokend"), command, "--config", w.config()}, {}, 10s);
}

}  // namespace

TEST_SUITE("integration.process") {
  TEST_CASE("SIGTERM ends the daemon cleanly and takes its socket away") {
    world w;
    w.warm_token(1);
    CHECK(w.stop_daemon() == 0);
    CHECK_FALSE(std::filesystem::exists(w.socket()));
  }

  TEST_CASE("SIGTERM answers those who wait") {
    world w;
    w.script(R"({"route":"token","kind":"hang"})");
    auto client = w.connect();
    client.send("GET /v1/instances/" + instance_text(1) +
                "/token?wait=60 HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(eventually([&] {
      auto const view = w.call("GET", "/v1/instances/" + instance_text(1));
      return view.status == 200 && number_of(parse(view), "waiters") == 1;
    }));
    w.daemon().signal(SIGTERM);
    auto const answer = client.receive();
    CHECK(answer.status == 503);
    CHECK(w.daemon().wait() == 0);
  }

  TEST_CASE("through the shutdown grace it is not ready but serves, a second signal ends it") {
    world_options options;
    options.settings = "[process]\nshutdown_grace = \"60s\"\n";
    world w{options};
    w.warm_token(1);
    auto client = w.connect();
    REQUIRE(client.request("GET", "/readyz").status == 200);
    w.daemon().signal(SIGTERM);
    REQUIRE(eventually([&] { return client.request("GET", "/readyz").status == 503; }));
    CHECK(client.request("GET", "/v1/instances/" + instance_text(1) + "/token").status == 200);
    CHECK(w.daemon().running());
    w.daemon().signal(SIGTERM);
    CHECK(w.daemon().wait(5s) == 0);
  }

  TEST_CASE("a live daemon's socket is not taken over") {
    world w;
    auto const second = run_daemon(w);
    CHECK(second.exit_code == 69);
    CHECK_MESSAGE(second.errors.find(w.socket()) != std::string::npos, second.errors);
    CHECK(w.call("GET", "/healthz").status == 200);
  }

  TEST_CASE("the socket that a killed daemon left behind is replaced") {
    world w;
    w.daemon().signal(SIGKILL);
    w.daemon().wait();
    CHECK(std::filesystem::exists(w.socket()));
    w.start_daemon();
    REQUIRE(eventually([&] {
      try {
        return w.call("GET", "/healthz").status == 200;
      } catch (std::runtime_error const&) {
        return false;  // still the old file
      }
    }));
  }

  TEST_CASE("a file that is no socket is left alone") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    w.start_daemon();
    w.stop_daemon();
    w.folder().write("wixtokend.sock", "precious");
    auto const refused = run_daemon(w);
    CHECK(refused.exit_code == 73);
    CHECK(content_of(w.socket()) == "precious");
  }

  TEST_CASE("a mistake in the configuration names file, line and key") {
    world w;
    auto const good = content_of(w.config());
    w.folder().write("wixtokend.toml", good + "\n[limits]\nconections = 5\nidle_timeout = 7\n");
    auto const checked = run_daemon(w, "check");
    CHECK(checked.exit_code == 78);
    auto const line = std::count(good.begin(), good.end(), '\n') + 3;
    auto const place = w.config() + ":" + std::to_string(line);
    CHECK_MESSAGE(checked.errors.find(place) != std::string::npos, checked.errors);
    CHECK(checked.errors.find("limits.conections") != std::string::npos);
    CHECK(checked.errors.find("limits.idle_timeout") != std::string::npos);
    CHECK(run_daemon(w).exit_code == 78);
  }

  TEST_CASE("check accepts a good configuration and forecasts the load") {
    world_options options;
    options.instances = {instance_text(1), instance_text(2)};
    world w{options};
    auto const checked = run_daemon(w, "check");
    CHECK_MESSAGE(checked.exit_code == 0, checked.errors);
    CHECK_MESSAGE(checked.output.find("mints") != std::string::npos, checked.output);
  }

  TEST_CASE("a missing secret file is named, with what to do") {
    world w;
    w.stop_daemon();
    std::filesystem::remove(w.folder().path("daemon-secret"));
    auto const refused = run_daemon(w);
    CHECK(refused.exit_code == 78);
    CHECK(refused.errors.find("daemon-secret") != std::string::npos);
  }

  TEST_CASE("wrong usage says so, help and version work without a configuration") {
    CHECK(run_process({program("wixtokend"), "frobnicate"}).exit_code == 64);
    CHECK(run_process({program("wixtokend"), "run", "--no-such-option"}).exit_code == 64);
    CHECK(run_process({program("wixtokend"), "--help"}).exit_code == 0);
    auto const version = run_process({program("wixtokend"), "version"});
    CHECK(version.exit_code == 0);
    CHECK(version.output.find("wixtokend") != std::string::npos);
  }

  TEST_CASE("healthcheck tells whether the daemon lives and is ready") {
    world w;
    auto const check = [&](std::vector<std::string> more) {
      std::vector<std::string> arguments{program("wixtokend"), "healthcheck", "--socket",
                                         w.socket()};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return run_process(arguments).exit_code;
    };
    CHECK(check({}) == 0);
    CHECK(check({"--ready"}) == 0);
    w.stop_daemon();
    CHECK(check({}) == 1);
  }

  TEST_CASE("neither core dumps nor what everybody may read of a process hold anything of value") {
    world w;
    auto const token = text(w.warm_token(1), "access_token");
    auto const proc = "/proc/" + std::to_string(w.daemon().pid());
    std::vector<std::string> files{"/cmdline", "/status", "/comm", "/stat"};
    // Of a process without core dumps only root may read these.
    if (::geteuid() == 0) files.insert(files.end(), {"/environ", "/auxv", "/maps"});
    for (auto const& thread : std::filesystem::directory_iterator{proc + "/task"}) {
      files.push_back("/task/" + thread.path().filename().string() + "/comm");
    }
    for (auto const& file : files) {
      CAPTURE(file);
      auto const content = content_of(proc + file);
      CHECK_FALSE(content.empty());
      for (auto const& secret : {std::string{app_secret}, token}) {
        CHECK(content.find(secret) == std::string::npos);
      }
    }
    auto const limits = content_of(proc + "/limits");
    auto const core = limits.find("Max core file size");
    REQUIRE(core != std::string::npos);
    CHECK(limits.substr(core, 60).find(" 0 ") != std::string::npos);
  }
}
