#include "support/scripted_daemon.hpp"
#include "support/temporary_folder.hpp"
#include "wixtoken/async_client.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace wixtoken {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using wixtokend::test::json_reply;
using wixtokend::test::scripted_daemon;

constexpr char const* body =
    R"({"access_token":"OauthNG.JWS.x","expires_in":100,"expires_at":200,"generation":4})";

struct world {
  wixtokend::test::temporary_folder folder;
  scripted_daemon daemon{folder.path("socket")};
  asio::io_context loop;
  options settings = [this] {
    options out;
    out.socket = daemon.path();
    out.timeout = 5s;
    return out;
  }();
  async_client calls{loop.get_executor(), settings};
};

TEST_SUITE("client.client_async") {
  TEST_CASE("calls of one loop run at once, each on a connection") {
    world w;
    std::vector<std::uint64_t> seen;
    for (int i = 0; i < 3; ++i) {
      w.daemon.push(json_reply(200, body));
      asio::co_spawn(w.loop, w.calls.token("i"),
                     [&](std::exception_ptr thrown, result<access_token> got) {
                       CHECK(thrown == nullptr);
                       REQUIRE(got.has_value());
                       seen.push_back(got->generation);
                     });
    }
    w.loop.run();
    CHECK(seen == std::vector<std::uint64_t>{4, 4, 4});
    CHECK(w.daemon.connections() == 3);
  }

  TEST_CASE("a call that is cancelled ends at once, and the next one is whole") {
    world w;
    asio::cancellation_signal stop;
    bool ended = false;
    auto const when_done = [&](std::exception_ptr thrown, result<access_token>) {
      ended = true;
      CHECK_THROWS_AS(std::rethrow_exception(thrown), boost::system::system_error);
    };
    asio::co_spawn(w.loop, w.calls.token("i"),  // nothing answers
                   asio::bind_cancellation_slot(stop.slot(), when_done));
    while (w.daemon.requests().empty()) w.loop.run_one_for(10ms);
    stop.emit(asio::cancellation_type::terminal);
    w.loop.restart();
    w.loop.run();
    CHECK(ended);

    w.daemon.push(json_reply(200, body));
    std::uint64_t generation = 0;
    asio::co_spawn(w.loop, w.calls.token("i"), [&](std::exception_ptr, result<access_token> got) {
      generation = got.value().generation;
    });
    w.loop.restart();
    w.loop.run();
    CHECK(generation == 4);
    CHECK(w.daemon.connections() == 2);
  }

  TEST_CASE("a refused token, a watch and the version are coroutines, too") {
    world w;
    w.daemon.push(json_reply(200, body));
    w.daemon.push(json_reply(200, body));
    w.daemon.push(json_reply(200, R"({"name":"wixtokend","version":"1.0.0"})"));
    int good = 0;
    auto const count = [&](std::exception_ptr thrown, auto const& got) {
      if (thrown == nullptr && got.has_value()) ++good;
    };
    asio::co_spawn(w.loop, w.calls.reject("i", 3), count);
    w.loop.run();
    asio::co_spawn(w.loop, w.calls.watch("i", 3, 10s), count);
    w.loop.restart();
    w.loop.run();
    asio::co_spawn(w.loop, w.calls.version(), count);
    w.loop.restart();
    w.loop.run();
    CHECK(good == 3);
    CHECK(w.daemon.connections() == 1);
  }
}

}  // namespace
}  // namespace wixtoken
