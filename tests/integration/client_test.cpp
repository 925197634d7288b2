// The C++ client with the real daemon.

#include "wixtoken/client.hpp"

#include "integration/world.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

wixtoken::options settings(world const& w) {
  wixtoken::options out;
  out.socket = w.socket();
  out.reconnect_for = 10s;
  return out;
}

}  // namespace

TEST_SUITE("integration.client") {
  TEST_CASE("a service that asks all the time sees no restart of the daemon") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    w.add_store();
    w.start_daemon();
    wixtoken::client c{settings(w)};
    std::atomic<bool> done = false;
    std::atomic<unsigned> good = 0;
    std::vector<std::string> failures;
    std::thread caller{[&] {
      while (!done) {
        auto const token = c.token(instance_text(1));
        if (token.has_value()) ++good;
        if (token.has_error()) failures.push_back(token.error().code);
      }
    }};
    REQUIRE(eventually([&] { return good > 20; }));
    for (int i = 0; i < 3; ++i) {
      CHECK(w.stop_daemon() == 0);
      w.start_daemon();
      auto const before = good.load();
      REQUIRE(eventually([&] { return good > before + 20; }));
    }
    w.kill_daemon();
    w.start_daemon();
    auto const before = good.load();
    REQUIRE(eventually([&] { return good > before + 20; }));
    done = true;
    caller.join();
    CHECK(failures.empty());
    CHECK(w.mints(1) == 1);
    w.remember_secret(std::string{c.token(instance_text(1)).value().text.reveal()});
  }

  TEST_CASE("a watch brings the next token, and outlives a restart") {
    world_options options;
    options.start_daemon = false;
    world w{options};
    w.add_store();
    w.start_daemon();
    wixtoken::client c{settings(w)};
    auto const first = c.token(instance_text(1));
    REQUIRE(first.has_value());
    std::uint64_t seen = 0;
    std::thread watcher{[&] {
      auto const next = c.watch(instance_text(1), first->generation, 30s);
      if (next.has_value() && next->has_value()) seen = (*next)->generation;
    }};
    CHECK(w.stop_daemon() == 0);
    w.start_daemon();
    auto const replaced = c.reject(instance_text(1), first->generation);
    REQUIRE(replaced.has_value());
    watcher.join();
    CHECK(seen == replaced->generation);
    CHECK(c.reject(instance_text(1), first->text).value().generation == seen);
  }

  TEST_CASE("what it asks for is what the daemon has") {
    world w;
    wixtoken::client c{settings(w)};
    CHECK(c.wait_until_there(1s).has_value());
    CHECK(c.version().has_value());
    auto const added = c.add(instance_text(1));
    REQUIRE(added.has_value());
    CHECK(added->is_new);
    REQUIRE(c.token(instance_text(1)).has_value());
    CHECK(c.ready().value().ready);
    auto const view = c.view(instance_text(1)).value();
    CHECK(view.state == "warm");
    CHECK(view.registered);
    CHECK(c.status().value().apps.at(0).kept_warm == 1);
    CHECK(c.list({}).value().instances.size() == 1);
    CHECK(c.view("no-guid").error().code == "invalid_instance_id");
    CHECK(c.view("../../status").error().code == "invalid_instance_id");
    wixtoken::needs too_much;
    too_much.min_valid = 12h;
    auto const impossible = c.token(instance_text(1), too_much);
    REQUIRE(impossible.has_error());
    CHECK(impossible.error().code == "impossible_validity");
    CHECK(impossible.error().max_min_valid.value_or(0) > 0);
    CHECK_FALSE(impossible.error().request_id.empty());
    CHECK(c.remove(instance_text(1)).has_value());
  }
}
