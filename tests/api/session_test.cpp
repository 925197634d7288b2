#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {
namespace {

auto const health = request_text("GET", "/healthz");

// The answer to broken framing: the connection ends after it.
std::string last_error(api_client& client) {
  auto const answer = client.take();
  CHECK(!answer.keep_alive);
  CHECK(header_of(answer, "X-Request-Id").size() == 16);
  CHECK(client.ended());
  return error_of(answer);
}

}  // namespace

TEST_SUITE("api.session") {
  TEST_CASE("requests follow each other on one connection") {
    api_world w;
    auto& client = w.connect();
    for (int i = 0; i < 3; ++i) {
      client.send(health);
      CHECK(client.take().status == 200);
    }
    CHECK(!client.ended());
    CHECK(w.server.connections() == 1);
    client.leave();
    CHECK(w.server.connections() == 0);
  }

  TEST_CASE("a request may come in any pieces") {
    api_world w;
    auto const text = request_text("PUT", instance_path(), "", "{ }");
    for (std::size_t piece = 1; piece < text.size(); piece += 7) {
      auto& client = w.connect();
      for (std::size_t at = 0; at < text.size(); at += piece) {
        CHECK(client.received().empty());
        client.send(std::string_view{text}.substr(at, piece));
      }
      CHECK(client.take().status / 100 == 2);
      client.leave();
    }
  }

  TEST_CASE("pipelined requests are answered in their order") {
    api_world w;
    auto& client = w.connect();
    client.send(health + request_text("GET", "/nowhere") + request_text("HEAD", "/version") +
                request_text("GET", "/version"));
    CHECK(client.take().status == 200);
    CHECK(client.take().status == 404);
    auto const rest = std::string{client.received()};
    CHECK(rest.find("200 OK") != rest.npos);
    CHECK(rest.find("\r\n\r\nHTTP/1.1 200 OK\r\n") != rest.npos);  // HEAD has no body
    CHECK(rest.ends_with(R"({"name":"wixtokend","version":"1.2.3"})"));
  }

  TEST_CASE("requests that arrive while one waits are kept, and answered after it") {
    api_world w;
    w.issuer.latency = 1s;
    auto& client = w.connect();
    client.send(health + request_text("GET", instance_path("/token")) + health);
    CHECK(client.take().status == 200);  // not held back by the one that waits
    CHECK(client.received().empty());
    client.send(request_text("GET", "/version"));
    CHECK(client.received().empty());
    w.time.advance(1s);
    CHECK(member_of(client.take(), "access_token") == "\"token-1\"");
    CHECK(member_of(client.take(), "status") == "\"ok\"");
    CHECK(member_of(client.take(), "version") == "\"1.2.3\"");
  }

  TEST_CASE("a flood behind a waiting request is left in the socket, not lost") {
    api_world w;
    w.issuer.latency = 1s;
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token")));
    constexpr int flood = 5000;
    for (int i = 0; i < flood; ++i) client.send(health);
    w.time.advance(1s);
    CHECK(client.take().status == 200);
    for (int i = 0; i < flood; ++i) REQUIRE(client.take().status == 200);
    CHECK(client.received().empty());
    CHECK(!client.ended());
  }

  TEST_CASE("a client that asks for the end gets it after its answer") {
    api_world w;
    auto& client = w.connect();
    client.send(request_text("GET", "/healthz", "Connection: close\r\n") + health);
    auto const answer = client.take();
    CHECK(answer.status == 200);
    CHECK(!answer.keep_alive);
    CHECK(client.ended());  // what it sent behind that is not answered

    auto& old = w.connect();
    old.send("GET /healthz HTTP/1.0\r\n\r\n");
    CHECK(old.received().starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(old.received().find("Connection: close\r\n") != std::string_view::npos);
  }

  TEST_CASE("a client that has sent everything and closes its direction is still answered") {
    api_world w;
    auto& client = w.connect();
    client.send(health + health);
    client.finish_sending();
    CHECK(client.take().status == 200);
    CHECK(client.take().status == 200);
    CHECK(client.ended());
  }

  TEST_CASE("what is not HTTP gets 400 and the end") {
    api_world w;
    for (auto const* const text :
         {"\x16\x03\x01\x02\r\n\r\n", "hello\r\n\r\n", "GET /healthz\r\n\r\n",
          "GET /healthz HTTP/2.0\r\n\r\n", "GET /health z HTTP/1.1\r\n\r\n",
          "GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n",
          "GET /healthz HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
          "PUT /x HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "PUT /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "PUT /x HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
      auto& client = w.connect();
      client.send(text);
      CHECK_MESSAGE(last_error(client) == "400 malformed_request", std::string{text});
    }
    w.time.advance(2s);
    CHECK(w.server.connections() == 0);
  }

  TEST_CASE("answers to earlier requests come before the refusal of a broken one") {
    api_world w;
    auto& client = w.connect();
    client.send(health + "rubbish\r\n\r\n" + health);
    CHECK(client.take().status == 200);
    CHECK(last_error(client) == "400 malformed_request");
  }

  TEST_CASE("half a request gets 400 when the client ends it, and 408 when it goes on thinking") {
    api_world w;
    auto& ended = w.connect();
    ended.send("GET /healthz HT");
    ended.finish_sending();
    auto const answer = ended.take();
    CHECK(answer.body ==
          R"({"error":"malformed_request","error_description":)"
          R"("The connection ended in the middle of a request.","retryable":false})");
    CHECK(ended.ended());

    auto& slow = w.connect();
    slow.send("GET /healthz HTTP/1.1\r\n");
    w.time.advance(4900ms);
    slow.send("Host: localhost\r\n");  // does not buy more time
    w.time.advance(99ms);
    CHECK(slow.received().empty());
    w.time.advance(1ms);
    CHECK(last_error(slow) == "408 request_timeout");
  }

  TEST_CASE("half a body gets 408 after its own limit") {
    api_world w;
    auto& client = w.connect();
    client.send("PUT " + instance_path() + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n{");
    w.time.advance(9999ms);
    CHECK(client.received().empty());
    w.time.advance(1ms);
    CHECK(last_error(client) == "408 request_timeout");
    CHECK(w.engine.size() == 0);
  }

  TEST_CASE("a head that is too large gets 431, also when it never ends") {
    api_world w;
    auto& fields = w.connect();
    fields.send(request_text("GET", "/healthz", "X-Large: " + std::string(17'000, 'x') + "\r\n"));
    CHECK(last_error(fields) == "431 header_too_large");

    auto& flood = w.connect();
    std::string many = "GET /healthz HTTP/1.1\r\n";
    for (int i = 0; i < 3000; ++i) many += "A" + std::to_string(i) + ": b\r\n";
    flood.send(many);
    CHECK(last_error(flood) == "431 header_too_large");

    auto& line = w.connect();
    line.send("GET /" + std::string(20'000, 'a'));
    CHECK(last_error(line) == "431 header_too_large");
  }

  TEST_CASE("a body of a megabyte gets 413 while it is still being sent") {
    api_world w;
    std::string const megabyte(1024 * 1024, 'x');
    auto& client = w.connect();
    client.send("PUT " + instance_path() + " HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                std::to_string(megabyte.size()) + "\r\n\r\n");
    auto const answer = client.take();
    CHECK(answer.status == 413);
    CHECK(answer.body ==
          R"({"error":"body_too_large","error_description":"The request body exceeds 64 KiB.",)"
          R"("retryable":false})");
    client.send(megabyte);  // is read and thrown away, so that the answer is not lost
    CHECK(w.server.connections() == 1);
    client.leave();
    CHECK(w.server.connections() == 0);

    auto& chunked = w.connect();
    chunked.send("PUT " + instance_path() +
                 " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n" + megabyte);
    CHECK(last_error(chunked) == "413 body_too_large");
  }

  TEST_CASE("a body of just the limit is read") {
    api_world w;
    auto const body = "{" + std::string(64 * 1024 - 2, ' ') + "}";
    CHECK(w.request("PUT", instance_path(), "", body).status == 201);
    CHECK(error_of(w.request("PUT", instance_path(), "", body + " ")) == "413 body_too_large");
  }

  TEST_CASE("a client that is refused and does not leave is cut off") {
    api_world w;
    auto& client = w.connect();
    client.send("rubbish\r\n\r\n");
    CHECK(w.server.connections() == 1);
    w.time.advance(2s);
    CHECK(w.server.connections() == 0);

    auto& endless = w.connect();
    endless.send("rubbish\r\n\r\n" + std::string(5 * 1024 * 1024, 'x'));
    CHECK(w.server.connections() == 0);
  }

  TEST_CASE("a client that waits to be invited is, once") {
    api_world w;
    auto& client = w.connect();
    client.send("PUT " + instance_path() +
                " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.received() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("{");
    CHECK(client.received() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("}");
    CHECK(client.take().status == 201);

    client.send("PUT " + instance_path() +
                " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}");
    CHECK(client.received().starts_with("HTTP/1.1 200 OK"));  // it did not wait
  }

  TEST_CASE("a connection that is silent for a minute is closed") {
    api_world w;
    auto& fresh = w.connect();
    auto& used = w.connect();
    w.time.advance(30s);
    used.send(health);
    CHECK(used.take().status == 200);
    w.time.advance(29s);
    CHECK(!fresh.ended());
    w.time.advance(6s);  // looked at every 5 s
    CHECK(fresh.ended());
    CHECK(!used.ended());
    w.time.advance(30s);
    CHECK(used.ended());
    CHECK(w.server.connections() == 0);
  }

  TEST_CASE("a request that waits is not silence") {
    api_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    auto& client = w.connect();
    w.time.advance(50s);
    client.send(request_text("GET", instance_path("/token?wait=60")));
    w.time.advance(59s);
    CHECK(client.received().empty());
    CHECK(!client.ended());
    w.time.advance(1s);
    CHECK(client.take().status == 503);
    w.time.advance(50s);
    client.send(health);
    CHECK(client.take().status == 200);
  }

  TEST_CASE("nothing is armed while nobody is connected") {
    api_world w;
    auto const at_rest = w.time.waits();
    auto& client = w.connect();
    CHECK(w.time.waits() == at_rest + 1);
    w.connect();
    CHECK(w.time.waits() == at_rest + 1);
    client.leave();
    w.clients.back().leave();
    w.time.advance(5s);
    CHECK(w.time.waits() == at_rest);
  }

  TEST_CASE("a reset in the middle of anything ends the connection quietly") {
    api_world w;
    w.issuer.hang = true;
    for (auto const& text : {std::string{}, std::string{"GET /hea"}, health,
                             request_text("GET", instance_path("/token"))}) {
      auto& client = w.connect();
      if (!text.empty()) client.send(text);
      client.reset();
      CHECK(w.server.connections() == 0);
    }
  }
}

}  // namespace wixtokend::test
