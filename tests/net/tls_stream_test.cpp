#include "net/tls_stream.hpp"

#include "net/tls_world.hpp"

#include <boost/asio/error.hpp>
#include <doctest/doctest.h>

#include <optional>

using namespace wixtokend;
using namespace wixtokend::net;
using namespace wixtokend::net::test_world;
using test::read_text;
using test::run_task;
using test::run_until;

namespace {

task<> write_and_note(byte_stream& to, std::string_view bytes, std::optional<result<void>>& done) {
  done.emplace(co_await to.write_all(bytes));
}

task<> read_and_note(byte_stream& from, std::span<char> into,
                     std::optional<result<std::size_t>>& got) {
  got.emplace(co_await from.read_some(into));
}

}  // namespace

TEST_SUITE("net.tls_stream") {
  TEST_CASE("session tickets on an idle connection do not make it look dead; bytes and ends do") {
    tls_world w;
    auto const context = w.server_context(trusted().issue({}));
    auto [client, server] = w.shake("localhost", *context);
    auto& ours = **client;
    auto& theirs = **server;
    // TLS 1.3 tickets were sent right after the handshake and wait in the socket by now.
    CHECK(ours.idle_and_open());
    CHECK(ours.idle_and_open());
    CHECK(theirs.idle_and_open());
    auto const dead_soon = [&] {
      asio::post(w.loop, [] {});
      return !ours.idle_and_open();
    };
    SUBCASE("bytes nobody asked for") {
      REQUIRE(run_task(w.loop, theirs.write_all("unasked")).has_value());
      run_until(w.loop, dead_soon);
      CHECK(read_text(w.loop, ours) == "unasked");
      CHECK(ours.idle_and_open());
    }
    SUBCASE("the orderly end") {
      theirs.close();
      run_until(w.loop, dead_soon);
    }
    SUBCASE("a reset") {
      theirs.reset();
      run_until(w.loop, dead_soon);
    }
    SUBCASE("our own close") {
      ours.close();
      CHECK_FALSE(ours.idle_and_open());
    }
  }

  TEST_CASE("an end without TLS's own end is an error: bytes may be missing") {
    tls_world w;
    auto raw = w.raw_server();
    auto engine = tls_world::engine_of(raw);
    auto* const watched = engine.get();
    auto serving = accept_with_engine(*w.listener, std::move(engine));
    auto [client, server] = w.shake("localhost", std::move(serving));
    REQUIRE(run_task(w.loop, (*server)->write_all("half")).has_value());
    SSL_set_quiet_shutdown(watched, 1);
    (*server)->close();
    CHECK(read_text(w.loop, **client) == "half");
    std::array<char, 10> bytes{};
    CHECK(run_task(w.loop, (*client)->read_some(bytes)).error() == errc::connection_closed);
    CHECK(run_task(w.loop, (*client)->write_all("x")).error() == errc::connection_closed);
  }

  TEST_CASE("large writes in both directions at a time go through") {
    tls_world w;
    auto const context = w.server_context(trusted().issue({}));
    auto [client, server] = w.shake("localhost", *context);
    std::string const up(16 * 1024 * 1024, 'u');
    std::string const down(16 * 1024 * 1024, 'd');
    std::optional<result<void>> sent_up;
    std::optional<result<void>> sent_down;
    w.group.spawn(write_and_note(**client, up, sent_up));
    w.group.spawn(write_and_note(**server, down, sent_down));
    w.time.settle();
    CHECK_FALSE(sent_up.has_value());
    std::size_t received_up = 0;
    std::size_t received_down = 0;
    while (received_up < up.size() || received_down < down.size()) {
      if (received_up < up.size()) received_up += read_text(w.loop, **server).size();
      if (received_down < down.size()) received_down += read_text(w.loop, **client).size();
    }
    run_until(w.loop, [&] { return sent_up.has_value() && sent_down.has_value(); });
    CHECK(sent_up->has_value());
    CHECK(sent_down->has_value());
  }

  TEST_CASE("closing ends a pending read, and half closing is seen as the end") {
    tls_world w;
    auto const context = w.server_context(trusted().issue({}));
    auto [client, server] = w.shake("localhost", *context);
    std::array<char, 10> bytes{};
    std::optional<result<std::size_t>> got;
    w.group.spawn(read_and_note(**client, bytes, got));
    w.time.settle();
    (*client)->shutdown_write();
    CHECK(read_text(w.loop, **server).empty());
    CHECK_FALSE(got.has_value());
    (*client)->close();
    run_until(w.loop, [&] { return got.has_value(); });
    CHECK(got->error() == errc::connection_closed);
  }
}
