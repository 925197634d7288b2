#include "net/http_client.hpp"

#include "async/task_group.hpp"
#include "net/scripted_server.hpp"
#include "support/certificates.hpp"
#include "support/loopback.hpp"
#include "support/temporary_folder.hpp"
#include "support/virtual_time.hpp"

#include <boost/asio/error.hpp>
#include <doctest/doctest.h>

#include <optional>

using namespace wixtokend;
using namespace wixtokend::net;
using namespace std::chrono_literals;
using test::act;
using test::run_task;
using test::run_until;
using test::scripted_server;

namespace {

using outcome = boost::system::result<http::response, exchange_error>;

constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr auto hang = act::then::hang;

http::request ask(std::string target = "/") {
  http::request message;
  message.method = "POST";
  message.target = std::move(target);
  message.body = "{\"client_secret\":\"s\"}";
  return message;
}

task<> store(task<outcome> work, std::optional<outcome>& into) {
  into.emplace(co_await std::move(work));
}

struct world {
  world() {
    test::resolve_all_to_loopback(loop);
    server.start();
  }
  ~world() {
    client->close_idle();
    group.stop();
    server.stop();
    time.settle();
  }

  std::unique_ptr<http_client> make(http_client_options const& chosen) {
    origin const to{false, "localhost", server.port(), ""};
    return http_client::create(loop, time, to, nullptr, chosen);
  }
  outcome exchange(std::function<void()> sent = {}) {
    return run_task(loop, client->exchange(ask(), time.now() + 10s, std::move(sent)));
  }
  // Begins an exchange whose outcome arrives later.
  void begin(std::optional<outcome>& into, std::string target = "/", duration within = 10s) {
    group.spawn(store(client->exchange(ask(std::move(target)), time.now() + within, {}), into));
  }
  void run_until_asked(std::size_t count) {
    run_until(loop, [&] { return server.requests.size() == count; });
    time.settle();
  }

  event_loop loop;
  test::virtual_time time{loop};
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
  scripted_server server{loop};
  http_client_options options;
  std::unique_ptr<http_client> client = make(options);
};

}  // namespace

TEST_SUITE("net.http_client") {
  TEST_CASE("a request is sent with its Host, and the response comes back") {
    world w;
    w.server.script = {{"HTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 4\r\n\r\nbody"}};
    int sent = 0;
    auto const got = w.exchange([&] { ++sent; });
    REQUIRE(got.has_value());
    CHECK(got->status == 404);
    CHECK(got->body == "body");
    CHECK(got->headers.find("x-a").value() == "b");
    CHECK(sent == 1);
    REQUIRE(w.server.requests.size() == 1);
    auto const& asked = w.server.requests.front();
    CHECK(asked.method == "POST");
    CHECK(asked.target == "/");
    CHECK(asked.body == ask().body);
    CHECK(asked.headers.begin()->name == "Host");
    CHECK(asked.headers.find("Host").value() == "localhost:" + std::to_string(w.server.port()));
  }

  TEST_CASE("a kept connection is used again") {
    world w;
    for (int i = 0; i < 5; ++i) {
      w.server.script = {{ok}};
      CHECK(w.exchange().has_value());
    }
    CHECK(w.server.connections == 1);
    CHECK(w.server.requests.size() == 5);
  }

  TEST_CASE("a connection is not used again when the response says so or cannot say") {
    world w;
    w.server.script = {{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"},
                       {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
                       {"HTTP/1.1 200 OK\r\n\r\nto the end", act::then::close},
                       {std::string{ok} + "surplus"},
                       {ok}};
    for (int i = 1; i <= 5; ++i) {
      CHECK(w.exchange().has_value());
      CHECK(w.server.connections == i);
    }
  }

  TEST_CASE("an idle connection that the server closed or wrote to is not used again") {
    world w;
    w.server.script = {{ok}, {ok}};
    CHECK(w.exchange().has_value());
    SUBCASE("closed") {
      w.server.close_connections();
    }
    SUBCASE("unasked bytes") {
      w.server.write_unasked("HTTP/1.1 408 Too slow\r\n\r\n");
    }
    w.time.settle();
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 2);
  }

  TEST_CASE("an idle connection is not used again when it is too old, or was dropped") {
    world w;
    w.server.script = {{ok}, {ok}, {ok}, {ok}};
    CHECK(w.exchange().has_value());
    w.time.advance(w.options.idle_max);
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 1);
    w.time.advance(w.options.idle_max + 1ms);
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 2);
    w.client->close_idle();
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 3);
  }

  TEST_CASE("a connection in use when the idle ones are closed is not kept either") {
    world w;
    w.server.script = {{ok}, {ok}};
    std::optional<outcome> got;
    w.begin(got);
    run_until(w.loop, [&] { return w.server.connections == 1; });
    w.client->close_idle();
    run_until(w.loop, [&] { return got.has_value(); });
    CHECK(got->has_value());
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 2);
  }

  TEST_CASE("a connection is not kept after a request that says it is the last") {
    world w;
    w.server.script = {{ok}, {ok}};
    auto last = ask();
    last.keep_alive = false;
    CHECK(run_task(w.loop, w.client->exchange(last, w.time.now() + 10s, {})).has_value());
    CHECK(w.server.requests.front().headers.find("Connection").value() == "close");
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 2);
  }

  TEST_CASE("the pool is bounded; who waits is served in order, on the connection that is free") {
    world w;
    for (std::size_t const size : {2U, 1U}) {
      w.options.connections_max = size;
      w.client = w.make(w.options);
      w.server.script.assign(5, {ok});
      w.server.connections = 0;
      w.server.requests.clear();
      std::vector<std::optional<outcome>> outcomes(5);
      int number = 0;
      for (auto& one : outcomes) w.begin(one, "/" + std::to_string(number++));
      for (auto const& one : outcomes) {
        run_until(w.loop, [&] { return one.has_value(); });
        CHECK(one->has_value());
      }
      CHECK(w.server.connections == static_cast<int>(size));
    }
    std::string order;
    for (auto const& one : w.server.requests) order += one.target;
    CHECK(order == "/0/1/2/3/4");
  }

  TEST_CASE("waiting for a connection ends at the limit, and nothing was sent") {
    world w;
    w.options.connections_max = 1;
    w.client = w.make(w.options);
    w.server.script = {{"", hang}};
    std::optional<outcome> first;
    std::optional<outcome> second;
    w.begin(first);
    w.run_until_asked(1);
    w.begin(second, "/second", 1s);
    w.time.advance(1s);
    REQUIRE(second.has_value());
    CHECK(second->error().reason == errc::timed_out);
    CHECK_FALSE(second->error().request_sent);
    CHECK_FALSE(first.has_value());
  }

  TEST_CASE(
      "no answer until the limit is timed_out with the request sent; the place is free again") {
    world w;
    w.options.connections_max = 1;
    w.client = w.make(w.options);
    w.server.script = {{"HTTP/1.1 200 OK\r\nContent-", hang}, {ok}};
    std::optional<outcome> first;
    w.begin(first);
    w.run_until_asked(1);
    w.time.advance(9999ms);
    CHECK_FALSE(first.has_value());
    w.time.advance(1ms);
    run_until(w.loop, [&] { return first.has_value(); });
    CHECK(first->error().reason == errc::timed_out);
    CHECK(first->error().request_sent);
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 2);  // the interrupted connection is out of step
  }

  TEST_CASE("a cancelled exchange gives its place and its connection away") {
    world w;
    w.options.connections_max = 1;
    w.client = w.make(w.options);
    w.server.script = {{"", hang}, {ok}};
    std::optional<outcome> first;
    std::optional<outcome> waiting;
    task_group other{w.loop.get_executor(), [](std::exception_ptr) {}};
    auto exchanging = w.client->exchange(ask(), w.time.now() + 10s, {});
    other.spawn(store(std::move(exchanging), first));
    w.run_until_asked(1);
    w.begin(waiting, "/waiting");
    w.time.settle();
    CHECK(w.server.requests.size() == 1);
    other.stop();
    run_until(w.loop, [&] { return waiting.has_value(); });
    CHECK(waiting->has_value());
    CHECK_FALSE(first.has_value());
    CHECK(w.server.connections == 2);
  }

  TEST_CASE("an answer that is not HTTP, too large, cut short or reset is an error, each its own") {
    world w;
    std::string const large_head = "HTTP/1.1 200 OK\r\nA: " + std::string(17 * 1024, 'x');
    w.server.script = {
        {"garbage\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n"},
        {"HTTP/1.1 200 OK\r\n\r\n" + std::string(70000, 'x')},
        {large_head, hang},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", act::then::close},
        {"", act::then::close},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", act::then::reset},
        {ok}};
    std::vector<error_code> reasons;
    for (int i = 0; i < 7; ++i) {
      auto const got = w.exchange();
      REQUIRE(got.has_error());
      CHECK(got.error().request_sent);
      reasons.push_back(got.error().reason);
    }
    CHECK(reasons[0] == errc::malformed_message);
    CHECK(reasons[1] == errc::body_too_large);
    CHECK(reasons[2] == errc::body_too_large);
    CHECK(reasons[3] == errc::header_too_large);
    CHECK(reasons[4] == errc::connection_closed);
    CHECK(reasons[5] == errc::connection_closed);
    CHECK(reasons[6] == asio::error::connection_reset);
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 8);
  }

  TEST_CASE("a large answer that comes in pieces is put together") {
    world w;
    std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 1000; ++i) chunks += "20\r\n" + std::string(32, 'x') + "\r\n";
    w.server.script = {{chunks + "0\r\n\r\n"}, {ok}};
    CHECK(w.exchange().value().body == std::string(32000, 'x'));
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 1);
  }

  TEST_CASE("who cannot connect is told so, and that nothing was sent") {
    world w;
    test::refusing_port const closed{w.loop};
    origin const nobody{false, "localhost", closed.number(), ""};
    w.client = http_client::create(w.loop, w.time, nobody, nullptr, w.options);
    bool sent = false;
    auto const refused = w.exchange([&] { sent = true; });
    CHECK(refused.error().reason == asio::error::connection_refused);
    CHECK_FALSE(refused.error().request_sent);
    CHECK_FALSE(sent);
  }

  TEST_CASE("connecting has its own, shorter limit") {
    world w;
    test::swallowing_port const hole{w.loop};
    origin const nowhere{false, "127.0.0.1", hole.endpoint().port(), ""};
    w.client = http_client::create(w.loop, w.time, nowhere, nullptr, w.options);
    std::optional<outcome> got;
    w.begin(got);
    w.time.advance(1999ms);
    CHECK_FALSE(got.has_value());
    w.time.advance(1ms);
    REQUIRE(got.has_value());
    CHECK(got->error().reason == errc::timed_out);
    CHECK_FALSE(got->error().request_sent);
  }

  TEST_CASE("over TLS it works the same, and a bad certificate keeps the request back") {
    world w;
    test::temporary_folder const folder;
    test::certificate_authority const authority{"trusted"};
    auto const identity = authority.issue({});
    auto const served =
        tls_server_context::create(identity.certificate_pem, identity.key_pem).value();
    w.server.identity = served.get();
    w.server.time = &w.time;
    w.server.script = {{ok}, {ok}, {ok}};
    auto const trust = tls_client_context::create(folder.write("ca.pem", authority.pem())).value();
    origin const to{true, "localhost", w.server.port(), ""};
    w.client = http_client::create(w.loop, w.time, to, trust.get(), w.options);
    CHECK(w.exchange().value().body == "ok");
    CHECK(w.exchange().value().body == "ok");
    CHECK(w.server.connections == 1);  // TLS 1.3 tickets in between did not end it
    w.server.close_connections();
    test::settle_network(w.loop, w.time);
    CHECK(w.exchange().has_value());
    CHECK(w.server.connections == 2);

    origin const wrong{true, "wrong.example.com", w.server.port(), ""};
    w.client = http_client::create(w.loop, w.time, wrong, trust.get(), w.options);
    auto const refused = w.exchange();
    CHECK(refused.error().reason.message() == "hostname mismatch");
    CHECK_FALSE(refused.error().request_sent);
    CHECK(w.server.requests.size() == 3);
    w.client->close_idle();
    w.client = w.make(w.options);
    w.server.identity = nullptr;
  }
}
