#include "daemon/store_opening.hpp"

#include "daemon/startup_error.hpp"
#include "support/config_world.hpp"
#include "support/datagram_receiver.hpp"
#include "support/recording_logger.hpp"
#include "support/run_task.hpp"
#include "support/scripted_issuer.hpp"
#include "support/temporary_folder.hpp"
#include "support/virtual_time.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using namespace std::chrono_literals;

// One start of the daemon, without its sockets and with a scripted upstream.
struct start {
  event_loop loop{1};
  test::virtual_time time{loop};
  test::scripted_issuer issuer{time};
  test::recording_logger log;
  test::temporary_folder folder;
  test::datagram_receiver told{folder.path("notify")};
  service_manager manager{{told.address(), "", "", "", "", ""}, 1, log};
  configuration settings;
  std::unique_ptr<store::sqlite_store> disk;
  core::engine engine;
  service::grant_book grants{fingerprint_key{"of a test"}};
  service::persistence state;
  service::token_service service;
  service::registrar registrar;

  start(test::config_world const& w, std::string const& more)
      : settings{w.settings("[store]\nfile = '" + w.folder.path("state.db") +
                            "'\nkey_file = 'keys'\nallow_volatile = true\n" + more)},
        engine{policy_of(settings), {settings.apps.front().policy}, 1, 1},
        state{loop, time, engine, grants, log},
        service{loop, time, state, {{"main", &issuer}}, log},
        registrar{time, state, service, true} {}

  ~start() {
    if (!started) return;
    test::run_task(loop, service.stop());
    test::run_task(loop, state.stop(5s));
  }

  static core::engine_policy policy_of(configuration const& settings) {
    core::engine_policy out;
    out.instances_max = settings.limits.max_instances;
    return out;
  }

  void open() { disk = open_store(loop, time, settings, {engine, registrar, state, manager}, log); }
  void run() {
    state.start();
    service.start();
    started = true;
  }
  [[nodiscard]] std::string refusal(exit_code expected) {
    try {
      open();
      return "opened";
    } catch (startup_error const& error) {
      CHECK(error.code() == expected);
      return error.what();
    }
  }

  bool started = false;
};

instance_key key(int number) {
  return {app_number{0},
          *instance_id::parse("aaaaaaaa-0000-0000-0000-00000000000" + std::to_string(number))};
}

struct world : test::config_world {
  world() { folder.write("keys", test::store_key); }

  // Registers instances in a start of its own.
  void fill(int instances) const {
    start first{*this, ""};
    first.open();
    first.run();
    for (int i = 1; i <= instances; ++i) {
      auto const outcome = first.registrar.add_now(key(i), {});
      CHECK(outcome == service::registration_outcome::added);
    }
    first.service.dispatch();
  }
};

}  // namespace

TEST_SUITE("daemon.store_opening") {
  TEST_CASE("without a store nothing is opened, and nothing is durable") {
    world const w;
    start one{w, ""};
    one.settings.store.file.clear();
    one.open();
    CHECK(one.disk == nullptr);
    CHECK(one.state.store() == nullptr);
    CHECK(one.log.lines.empty());
  }

  TEST_CASE("a first start creates the store, and says so") {
    world const w;
    start one{w, ""};
    one.open();
    REQUIRE(one.disk != nullptr);
    CHECK(one.state.store() == one.disk.get());
    CHECK(one.settings.store.keys.empty());
    CHECK(one.log.count("info store_opened file=" + w.folder.path("state.db") +
                        " created=true instances=0 ") == 1);
  }

  TEST_CASE("what was registered is there after a restart, above all generations of before") {
    world const w;
    w.fill(3);
    start second{w, ""};
    second.time.step_wall(-24h);  // the calendar alone would give generations out twice
    second.open();
    CHECK(second.log.count("created=false instances=3 ") == 1);
    auto const seen = second.engine.view(key(2), second.time.now());
    REQUIRE(seen.has_value());
    CHECK(seen->registered);
    CHECK(second.engine.changes_noted() == 0);  // loading is no change

    auto const floor = second.disk->start_floor();
    auto const today = second.time.wall_now().time_since_epoch().count();
    CHECK(floor > static_cast<core::generation_number>(today));
    second.run();
    second.engine.drop_token(key(2), second.time.now());  // if it has one from before
    second.service.dispatch();
    test::run_until(second.loop, [&] {
      second.time.advance(100ms);
      return second.engine.view(key(2), second.time.now())->generation > seen->generation;
    });
    CHECK(second.engine.view(key(2), second.time.now())->generation >= floor);
  }

  TEST_CASE("a limit below what the store holds is an error that names both numbers") {
    world const w;
    w.fill(3);
    start second{w, "[limits]\nmax_instances = 2\n"};
    CHECK(second.refusal(exit_code::configuration) == "limits.max_instances is 2, but the store " +
                                                          w.folder.path("state.db") +
                                                          " holds 3 instances: raise it");
  }

  TEST_CASE("a store that cannot be used is an error of its own, and stays as it is") {
    world const w;
    auto const file = w.folder.write("state.db", "this is no store");
    start one{w, ""};
    auto const text = one.refusal(exit_code::store);
    CHECK_MESSAGE(text.find(file) != std::string::npos, text);
    CHECK(std::filesystem::file_size(file) == 16);
  }

  TEST_CASE("the service manager is told that it takes time, by the store's size") {
    CHECK(verification_time_max(0) == 60s);
    CHECK(verification_time_max(400ULL * 1024 * 1024) == 160s);
    CHECK(verification_time_max(UINTMAX_MAX) == 60s + 24h);
    world const w;
    start one{w, ""};
    one.open();
    auto const told = one.told.take();
    REQUIRE(told.size() == 1);
    CHECK(told.front() == "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=reading the store");
  }

  TEST_CASE("it is told again and again while instances are read") {
    world const w;
    {
      start first{w, ""};
      first.open();
      first.run();
      for (std::uint64_t i = 1; i <= 40'001; ++i) {
        auto const digits = std::to_string(i);
        auto const text =
            "aaaaaaaa-0000-0000-0000-" + std::string(12 - digits.size(), '0') + digits;
        static_cast<void>(first.registrar.add_now({app_number{0}, *instance_id::parse(text)}, {}));
      }
    }
    start second{w, ""};
    second.open();
    std::vector<std::string> const expected{
        "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=reading the store: 20000 instances",
        "EXTEND_TIMEOUT_USEC=60000000\nSTATUS=reading the store: 40000 instances"};
    auto told = second.told.take();
    REQUIRE(told.size() == 3);
    told.erase(told.begin());
    CHECK(told == expected);
  }
}
