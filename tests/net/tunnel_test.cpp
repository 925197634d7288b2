#include "net/tunnel.hpp"

#include "async/task_group.hpp"
#include "http/codec.hpp"
#include "net/http_client.hpp"
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
using test::read_text;
using test::run_task;
using test::run_until;

namespace {

using connected = result<std::unique_ptr<byte_stream>>;

task<> store(task<connected> work, std::optional<connected>& into) {
  into.emplace(co_await std::move(work));
}

struct world {
  // Begins a tunnel; what the proxy sees of it is returned by `question`.
  void begin(std::string host = "www.wixapis.com", std::uint16_t port = 443) {
    origin const through{false, "127.0.0.1", listener->port(), ""};
    origin const to{true, std::move(host), port, ""};
    group.spawn(store(connect_tunnel(loop, time, through, to, time.now() + 2s), outcome));
    proxy = run_task(loop, listener->accept()).value();
  }
  std::string question() { return read_text(loop, *proxy); }
  void answer(std::string_view bytes) {
    REQUIRE(run_task(loop, proxy->write_all(bytes)).has_value());
  }
  connected& wait() {
    run_until(loop, [&] { return outcome.has_value(); });
    return *outcome;
  }

  event_loop loop;
  test::virtual_time time{loop};
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
  std::unique_ptr<tcp_listener> listener = tcp_listener::open(loop, "127.0.0.1", 0).value();
  std::unique_ptr<byte_stream> proxy;
  std::optional<connected> outcome;
};

}  // namespace

TEST_SUITE("net.tunnel") {
  TEST_CASE("the proxy is asked with CONNECT, and bytes then pass both ways") {
    world w;
    w.begin();
    CHECK(w.question() ==
          "CONNECT www.wixapis.com:443 HTTP/1.1\r\nHost: www.wixapis.com:443\r\n\r\n");
    w.answer("HTTP/1.1 200 Connection established\r\nVia: x\r\nContent-Length: 5\r\n\r\n");
    auto& stream = w.wait();
    REQUIRE(stream.has_value());
    w.answer("hello");
    CHECK(read_text(w.loop, **stream) == "hello");
    REQUIRE(run_task(w.loop, (*stream)->write_all("hi")).has_value());
    CHECK(w.question() == "hi");
  }

  TEST_CASE("an IPv6 address gets its brackets") {
    world w;
    w.begin("2001:db8::1", 8443);
    CHECK(w.question().starts_with("CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n"));
    w.answer("HTTP/1.0 200\r\n\r\n");
    CHECK(w.wait().has_value());
  }

  TEST_CASE("an answer that arrives in pieces is understood") {
    world w;
    w.begin();
    for (char const c : std::string_view{"HTTP/1.1 204 x\r\nA: b\r\n\r\n"}) {
      CHECK_FALSE(w.outcome.has_value());
      w.answer({&c, 1});
      w.time.settle();
    }
    CHECK(w.wait().has_value());
  }

  TEST_CASE("any other answer is an error that tells what is wrong") {
    struct row {
      std::string answer;
      errc expected;
    };
    std::vector<row> const table = {
        {"HTTP/1.1 403 Forbidden\r\n\r\n", errc::proxy_refused},
        {"HTTP/1.1 407 Proxy Authentication Required\r\nA: b\r\n\r\nbody", errc::proxy_refused},
        {"HTTP/1.1 502 Bad Gateway\r\n\r\n", errc::proxy_refused},
        {"HTTP/1.1 100 Continue\r\n\r\n", errc::proxy_refused},
        {"HTTP/1.1 200 OK\r\n\r\nunasked", errc::malformed_message},
        {"HTTP/1.1 20 OK\r\n\r\n", errc::malformed_message},
        {"HTTP/1.1 2000 OK\r\n\r\n", errc::malformed_message},
        {"HTTP/1.1 2x0 OK\r\n\r\n", errc::malformed_message},
        {"HTTP/2 200 OK\r\n\r\n", errc::malformed_message},
        {"HTTP/1.1\r\n\r\n", errc::malformed_message},
        {"SSH-2.0-x\r\n\r\n", errc::malformed_message},
        {"HTTP/1.1 200 OK\nA: b\n\n", errc::malformed_message},
        {"HTTP/1.1 200 OK\r\nA: " + std::string(20000, 'x'), errc::header_too_large}};
    for (auto const& one : table) {
      CAPTURE(one.answer.substr(0, 40));
      world w;
      w.begin();
      w.answer(one.answer);
      CHECK(w.wait().error() == one.expected);
    }
  }

  TEST_CASE("a proxy that closes, is not there, or says nothing is an error in time") {
    world closing;
    closing.begin();
    static_cast<void>(closing.question());
    closing.proxy->close();
    CHECK(closing.wait().error() == errc::connection_closed);

    world silent;
    silent.begin();
    silent.time.settle();
    silent.time.advance(2s);
    CHECK(silent.wait().error() == errc::timed_out);

    world absent;
    test::refusing_port const closed{absent.loop};
    origin const nobody{false, "127.0.0.1", closed.number(), ""};
    origin const to{true, "a.com", 443, ""};
    auto connecting = connect_tunnel(absent.loop, absent.time, nobody, to, never);
    CHECK(run_task(absent.loop, std::move(connecting)).error() == asio::error::connection_refused);
  }

  TEST_CASE("the client shakes hands with the server through the tunnel, and verifies it") {
    test::temporary_folder const folder;
    test::certificate_authority const authority{"trusted"};
    test::certificate_content content;
    content.names = {"www.wixapis.com"};
    auto const identity = authority.issue(content);
    auto const served =
        tls_server_context::create(identity.certificate_pem, identity.key_pem).value();
    auto const trust = tls_client_context::create(folder.write("ca.pem", authority.pem())).value();
    for (std::string const host : {"www.wixapis.com", "wrong.example.com"}) {
      world w;
      http_client_options options;
      options.proxy = origin{false, "127.0.0.1", w.listener->port(), ""};
      origin const to{true, host, 443, ""};
      auto const client = http_client::create(w.loop, w.time, to, trust.get(), options);
      std::optional<boost::system::result<http::response, exchange_error>> got;
      http::request question;
      question.method = "GET";
      question.target = "/";
      asio::co_spawn(w.loop, client->exchange(question, w.time.now() + 10s, {}),
                     [&](std::exception_ptr, auto outcome) { got.emplace(std::move(outcome)); });
      w.proxy = run_task(w.loop, w.listener->accept()).value();
      CHECK(w.question().starts_with("CONNECT " + host + ":443 HTTP/1.1\r\n"));
      w.answer("HTTP/1.1 200 OK\r\n\r\n");
      // The proxy's part ends here: the test goes on as the server at its other end.
      std::optional<connected> secured;
      auto shaking = served->handshake(std::move(w.proxy), w.time, never);
      asio::co_spawn(w.loop, store(std::move(shaking), secured), [](std::exception_ptr) {});
      run_until(w.loop, [&] { return secured.has_value(); });
      if (host == "wrong.example.com") {
        run_until(w.loop, [&] { return got.has_value(); });
        CHECK(got->error().reason.message() == "hostname mismatch");
        CHECK_FALSE(got->error().request_sent);
        continue;
      }
      auto& server = *secured->value();
      CHECK(read_text(w.loop, server).starts_with("GET / HTTP/1.1\r\nHost: www.wixapis.com\r\n"));
      auto const reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      REQUIRE(run_task(w.loop, server.write_all(reply)).has_value());
      run_until(w.loop, [&] { return got.has_value(); });
      CHECK(got->value().body == "ok");
    }
  }
}
