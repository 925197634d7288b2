#include "api/linger.hpp"

#include "support/memory_stream.hpp"
#include "support/run_task.hpp"
#include "support/virtual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace wixtokend::test {
namespace {

using namespace std::chrono_literals;

struct world {
  event_loop loop{1};
  virtual_time time{loop};
  std::pair<std::unique_ptr<memory_stream>, std::unique_ptr<memory_stream>> ends =
      memory_stream::make_pair(loop);
  memory_stream& client = *ends.first;
  memory_stream& server = *ends.second;
  bool over = false;

  world() {
    asio::co_spawn(loop, api::linger(server, time, 2s), [this](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
      over = true;
    });
    time.settle();
  }

  void send(std::string const& bytes) {
    auto const sent = run_task(loop, client.write_all(bytes));
    REQUIRE(sent.has_value());
    time.settle();
  }
};

}  // namespace

TEST_SUITE("api.linger") {
  TEST_CASE("the peer is told the end at once, and may go on sending") {
    world w;
    CHECK(w.client.ended());
    w.send("some");
    w.time.advance(1s);
    w.send("more");
    CHECK(w.server.pending().empty());  // it was read
    CHECK(!w.over);
    w.client.close();
    w.time.settle();
    CHECK(w.over);
  }

  TEST_CASE("a peer that does not leave is not waited for longer than the limit") {
    world w;
    w.time.advance(1900ms);
    w.send("still here");
    w.time.advance(99ms);
    CHECK(!w.over);
    w.time.advance(1ms);
    CHECK(w.over);
  }

  TEST_CASE("a peer that sends without end is not listened to for ever") {
    world w;
    w.send(std::string(4 * 1024 * 1024 - 1, 'x'));
    CHECK(!w.over);
    w.send("x");
    CHECK(w.over);
  }

  TEST_CASE("a reset ends it") {
    world w;
    w.client.reset();
    w.time.settle();
    CHECK(w.over);
  }
}

}  // namespace wixtokend::test
