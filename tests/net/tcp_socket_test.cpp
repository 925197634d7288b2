#include "net/tcp_socket.hpp"

#include "async/task_group.hpp"
#include "support/loopback.hpp"
#include "support/virtual_time.hpp"

#include <boost/asio/error.hpp>
#include <doctest/doctest.h>

#include <optional>

using namespace wixtokend;
using namespace wixtokend::net;
using namespace std::chrono_literals;
using test::read_text;
using test::run_task;
using test::run_until;

namespace {

using connected = result<std::unique_ptr<byte_stream>>;

task<> store(task<connected> work, std::optional<connected>& into) {
  into.emplace(co_await std::move(work));
}

task<> write_and_note(byte_stream& to, std::string_view bytes, std::optional<result<void>>& done) {
  done.emplace(co_await to.write_all(bytes));
}

task<> read_and_note(byte_stream& from, std::span<char> into,
                     std::optional<result<std::size_t>>& got) {
  got.emplace(co_await from.read_some(into));
}

struct world {
  task<connected> connect(std::string host, std::uint16_t port, duration within = 2s) {
    return connect_tcp(loop, time, std::move(host), port, time.now() + within);
  }
  // Both ends of a connection.
  std::pair<std::unique_ptr<byte_stream>, std::unique_ptr<byte_stream>> pair() {
    auto client = run_task(loop, connect("127.0.0.1", listener->port())).value();
    auto server = run_task(loop, listener->accept()).value();
    return {std::move(client), std::move(server)};
  }

  event_loop loop;
  test::virtual_time time{loop};
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
  std::unique_ptr<tcp_listener> listener = tcp_listener::open(loop, "127.0.0.1", 0).value();
};

}  // namespace

TEST_SUITE("net.tcp_socket") {
  TEST_CASE("a connection carries bytes both ways and ends in order") {
    world w;
    auto [client, server] = w.pair();
    REQUIRE(run_task(w.loop, client->write_all("ping")).has_value());
    CHECK(read_text(w.loop, *server) == "ping");
    REQUIRE(run_task(w.loop, server->write_all("pong")).has_value());
    CHECK(read_text(w.loop, *client) == "pong");
    client->shutdown_write();
    CHECK(read_text(w.loop, *server).empty());
    REQUIRE(run_task(w.loop, server->write_all("still")).has_value());
    CHECK(read_text(w.loop, *client) == "still");
    server->close();
    CHECK(read_text(w.loop, *client).empty());
  }

  TEST_CASE("a write that does not fit the kernel's buffers waits for its reader") {
    world w;
    auto [client, server] = w.pair();
    std::string const bytes(8 * 1024 * 1024, 'x');
    std::optional<result<void>> written;
    w.group.spawn(write_and_note(*client, bytes, written));
    w.time.settle();
    CHECK_FALSE(written.has_value());
    std::size_t size = 0;
    while (size < bytes.size()) size += read_text(w.loop, *server).size();
    run_until(w.loop, [&] { return written.has_value(); });
    CHECK(written->has_value());
    CHECK(size == bytes.size());
  }

  TEST_CASE("a reset is an error, for the reader and the writer, not a signal") {
    world w;
    auto [client, server] = w.pair();
    server->reset();
    std::array<char, 10> bytes{};
    CHECK(run_task(w.loop, client->read_some(bytes)).error() == asio::error::connection_reset);
    CHECK(run_task(w.loop, client->write_all("x")).error() == asio::error::broken_pipe);
  }

  TEST_CASE("closing ends pending operations with an error") {
    world w;
    auto [client, server] = w.pair();
    std::array<char, 10> bytes{};
    std::optional<result<std::size_t>> got;
    std::optional<result<void>> written;
    std::string const large(16 * 1024 * 1024, 'x');
    w.group.spawn(read_and_note(*client, bytes, got));
    w.group.spawn(write_and_note(*client, large, written));
    w.time.settle();
    CHECK_FALSE(got.has_value());
    CHECK_FALSE(written.has_value());
    client->close();
    client->close();
    run_until(w.loop, [&] { return got.has_value() && written.has_value(); });
    CHECK(got->error() == errc::connection_closed);
    CHECK(written->error() == errc::connection_closed);
    CHECK(run_task(w.loop, client->write_all("x")).has_error());
    CHECK_FALSE(client->idle_and_open());
  }

  TEST_CASE("cancelling a read is not an error but cancellation, and the stream stays usable") {
    world w;
    auto [client, server] = w.pair();
    std::array<char, 10> bytes{};
    std::optional<result<std::size_t>> got;
    w.group.spawn(read_and_note(*client, bytes, got));
    w.time.settle();
    w.group.stop();
    run_until(w.loop, [&] { return w.group.size() == 0; });
    CHECK_FALSE(got.has_value());
    REQUIRE(run_task(w.loop, server->write_all("later")).has_value());
    CHECK(read_text(w.loop, *client) == "later");
  }

  TEST_CASE("an idle connection looks open until bytes or the end arrive") {
    world w;
    auto [client, server] = w.pair();
    CHECK(client->idle_and_open());
    REQUIRE(run_task(w.loop, server->write_all("unasked")).has_value());
    run_until(w.loop, [&, &c = client] {
      asio::post(w.loop, [] {});
      return !c->idle_and_open();
    });
    CHECK(read_text(w.loop, *client) == "unasked");
    CHECK(client->idle_and_open());
    server->close();
    CHECK(read_text(w.loop, *client).empty());
    CHECK_FALSE(client->idle_and_open());
  }

  TEST_CASE("nobody listening is refused") {
    world w;
    test::refusing_port const closed{w.loop};
    auto const refused = run_task(w.loop, w.connect("127.0.0.1", closed.number()));
    CHECK(refused.error() == asio::error::connection_refused);
  }

  TEST_CASE("an address that swallows everything is given up at the limit") {
    world w;
    test::swallowing_port const hole{w.loop};
    std::optional<connected> outcome;
    w.group.spawn(store(w.connect("127.0.0.1", hole.endpoint().port()), outcome));
    w.time.advance(1999ms);
    CHECK_FALSE(outcome.has_value());
    w.time.advance(1ms);
    REQUIRE(outcome.has_value());
    CHECK(outcome->error() == errc::timed_out);
  }

  TEST_CASE("addresses are tried in turn; one that hangs leaves the others their share") {
    world w;
    test::swallowing_port const hole{w.loop};
    test::refusing_port const closed{w.loop};
    auto const loopback = asio::ip::address_v4::loopback();
    auto const list = endpoints{closed.endpoint(), hole.endpoint(), {loopback, w.listener->port()}};
    auto const answer = [list](std::string const&, std::uint16_t) -> result<endpoints> {
      return list;
    };
    asio::make_service<resolver>(w.loop, answer);
    std::optional<connected> outcome;
    w.group.spawn(store(w.connect("example.com", 1, 3s), outcome));
    // The first is refused in no time, so the second has half of the whole.
    auto const start = w.time.now();
    run_until(w.loop, [&] { return w.time.next_wait() == start + 1500ms; });
    bool accepted = false;
    asio::co_spawn(w.loop, w.listener->accept(),
                   [&](std::exception_ptr, connected one) { accepted = one.has_value(); });
    w.time.advance(1500ms);
    run_until(w.loop, [&] { return outcome.has_value(); });
    CHECK(outcome->has_value());
    run_until(w.loop, [&] { return accepted; });
  }

  TEST_CASE("the last address's error is returned if all fail, and no address is an error") {
    world w;
    test::refusing_port const closed{w.loop};
    auto const refusing = closed.endpoint();
    auto const answer = [refusing](std::string const& host, std::uint16_t) -> result<endpoints> {
      if (host == "two") return endpoints{refusing, refusing};
      return errc::no_address;
    };
    asio::make_service<resolver>(w.loop, answer);
    CHECK(run_task(w.loop, w.connect("two", 1)).error() == asio::error::connection_refused);
    CHECK(run_task(w.loop, w.connect("none", 1)).error() == errc::no_address);
  }

  TEST_CASE("listening needs a numeric address and a free port") {
    world w;
    CHECK(tcp_listener::open(w.loop, "localhost", 0).error() == errc::invalid_address);
    CHECK(tcp_listener::open(w.loop, "", 0).error() == errc::invalid_address);
    CHECK(tcp_listener::open(w.loop, "127.0.0.1", w.listener->port()).error() ==
          errc::socket_in_use);
    CHECK(tcp_listener::open(w.loop, "192.0.2.1", 0).error().value() == EADDRNOTAVAIL);
    CHECK(w.listener->port() != 0);
  }

  TEST_CASE("closing a listener ends its accept") {
    world w;
    std::optional<connected> outcome;
    w.group.spawn(store(w.listener->accept(), outcome));
    w.time.settle();
    w.listener->close();
    run_until(w.loop, [&] { return outcome.has_value(); });
    CHECK(outcome->error() == errc::connection_closed);
    CHECK(run_task(w.loop, w.listener->accept()).error() == errc::connection_closed);
  }
}
