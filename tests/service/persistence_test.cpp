#include "service/persistence.hpp"

#include "support/service_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <list>
#include <optional>

using namespace wixtokend;
using namespace std::chrono_literals;
using service::registration_outcome;
using test::key_of;
using test::service_world;

namespace {

struct stored_world : service_world {
  stored_world() : service_world{{}, {}, true} {}
};

// Whether all that has changed is on the disk; nothing while that is not decided.
struct settling {
  explicit settling(service_world& w) {
    asio::co_spawn(w.loop, wait(w), [](std::exception_ptr) {});
    w.time.settle();
  }
  task<> wait(service_world& w) {
    auto const outcome = co_await w.state.settled();
    written = outcome.has_value();
  }
  std::optional<bool> written;
};

}  // namespace

TEST_SUITE("service.persistence") {
  TEST_CASE("what may wait is written a second later, together") {
    stored_world w;
    for (unsigned n = 1; n <= 20; ++n) w.add(key_of(n));
    w.time.settle();
    CHECK(w.disk.commits == 0);
    w.time.advance(1s);
    CHECK(w.disk.commits == 1);
    CHECK(w.disk.rows.size() == 20);
    w.time.advance(10s);  // for the tokens
    auto const settled = w.disk.commits;
    w.time.advance(10min);
    CHECK(w.disk.commits == settled);  // nothing changes, nothing is written
  }

  TEST_CASE("what somebody waits for is written at once, and only then acknowledged") {
    stored_world w;
    w.disk.latency = 10ms;
    w.add(key_of(1));
    settling const one{w};
    CHECK_FALSE(one.written.has_value());
    w.time.advance(10ms);
    CHECK(one.written == true);
    CHECK(w.disk.rows.contains(key_of(1)));
  }

  TEST_CASE("many that wait share a commit") {
    stored_world w;
    w.disk.latency = 10ms;
    std::list<settling> all;
    for (unsigned n = 1; n <= 100; ++n) {
      w.add(key_of(n));
      all.emplace_back(w);
    }
    w.time.advance(25ms);
    for (auto const& one : all) CHECK(one.written == true);
    CHECK(w.disk.commits <= 3);
  }

  TEST_CASE("a failed write is told to those who wait, tried again, and costs no token") {
    stored_world w;
    w.add(key_of(1));
    w.time.advance(2s);
    w.disk.fails = true;
    w.add(key_of(2));
    settling const one{w};
    CHECK(one.written == false);
    CHECK(w.state.failure() != error_code{});
    CHECK(w.log.count("store_write_failed") == 1);
    CHECK(w.service.serve(key_of(1), {}).has_value());
    w.time.advance(10min);
    CHECK(w.log.count("store_write_failed") == 1);
    CHECK(w.disk.commits < 60);

    w.disk.fails = false;
    w.time.advance(30s);
    CHECK(w.disk.rows.contains(key_of(2)));
    CHECK(w.state.failure() == error_code{});
    CHECK(w.log.count("store_works_again") == 1);
    settling const later{w};
    CHECK(later.written == true);
  }

  TEST_CASE("large changes are written in bounded batches") {
    stored_world w;
    for (unsigned n = 1; n <= 5'000; ++n) w.add(key_of(n));
    settling const all{w};
    w.time.settle();
    CHECK(all.written == true);
    CHECK(w.disk.largest <= service::persistence::batch_max);
    CHECK(w.disk.rows.size() == 5'000);
  }

  TEST_CASE("stopping writes what is left") {
    stored_world w;
    w.add(key_of(1));
    w.stop();
    CHECK(w.disk.rows.contains(key_of(1)));
  }

  TEST_CASE("without a store there is nothing to wait for") {
    service_world w;
    w.add(key_of(1));
    settling const one{w};
    CHECK(one.written == true);
    CHECK_FALSE(w.state.durable());
  }

  TEST_CASE("floors stay below what the store has reserved") {
    stored_world w;
    w.disk.floor = 5'000;
    CHECK(w.state.floor_now() == 5'000);
  }
}
