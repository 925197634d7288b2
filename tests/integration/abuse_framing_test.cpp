// Requests in the wrong pieces, and requests in which two readers would see different ones.

#include "integration/world.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

// Hands the daemon a piece, and returns when it has read it: the next one is a read of its own.
void hand_over(raw_client& client, std::string_view bytes) {
  REQUIRE(client.send(bytes));
  auto const end = std::chrono::steady_clock::now() + 20s;
  while (!client.taken() && std::chrono::steady_clock::now() < end) ::sched_yield();
  REQUIRE(client.taken());
}

std::string with_body(std::string const& method, std::string const& target,
                      std::string const& framing, std::string const& body) {
  return method + " " + target + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" +
         framing + "\r\n\r\n" + body;
}

// Four requests, with every kind of framing, and with what stands at their ends.
struct conversation {
  std::string bytes;
  std::vector<unsigned> statuses;
};

conversation some_requests() {
  auto const reject = instance_path(1) + "/token/reject";
  return {"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" +
              with_body("PUT", instance_path(1), "Content-Length: 2", "{}") +
              with_body("POST", reject, "Transfer-Encoding: chunked",
                        "5;x=y\r\n{\"gen\r\nb\r\neration\":1}\r\n0\r\nTrailer: x\r\n\r\n") +
              "HEAD /version HTTP/1.1\r\nHost: a\r\n\r\n",
          {200, 200, 200, 200}};
}

void check_answers(raw_client& client, conversation const& said) {
  for (std::size_t i = 0; i < said.statuses.size(); ++i) {
    auto const answer = client.receive(20s, i + 1 == said.statuses.size());
    CHECK_MESSAGE(answer.status == said.statuses[i], answer.body);
  }
}

// A request that a reader of other rules would find in the one before it.
std::string hidden_request() {
  return "DELETE " + instance_path(1) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

struct shape {
  std::string name;
  std::string bytes;
  unsigned status = 400;
};

std::string post(std::string const& headers) {
  return "POST /oauth2/token HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

std::vector<shape> lengths() {
  auto const hidden = hidden_request();
  auto const size = std::to_string(hidden.size());
  return {
      {"two lengths", post("Content-Length: 0\r\nContent-Length: " + size + "\r\n") + hidden},
      {"two equal lengths", post("Content-Length: 0\r\nContent-Length: 0\r\n") + hidden},
      {"a list of lengths", post("Content-Length: 0, " + size + "\r\n") + hidden},
      {"a list of equal lengths", post("Content-Length: 0, 0\r\n") + hidden},
      {"a length with a sign", post("Content-Length: +0\r\n") + hidden},
      {"a negative length", post("Content-Length: -1\r\n") + hidden},
      {"a hexadecimal length", post("Content-Length: 0x0\r\n") + hidden},
      {"a length with a blank in it", post("Content-Length: 0 0\r\n") + hidden},
      {"no digit of a length", post("Content-Length:\r\n") + hidden},
      {"a length beyond 64 bits", post("Content-Length: 18446744073709551616\r\n") + hidden},
      {"the largest length", post("Content-Length: 18446744073709551615\r\n") + hidden, 413},
  };
}

std::vector<shape> codings() {
  auto const hidden = hidden_request();
  auto const both = std::string{"Content-Length: 4\r\n"};
  auto const chunked = std::string{"Transfer-Encoding: chunked\r\n"};
  auto const end = std::string{"0\r\n\r\n"};
  return {
      {"a length, then a coding", post(both + chunked) + end + hidden},
      {"a coding, then a length", post(chunked + both) + end + hidden},
      {"two codings", post(chunked + chunked) + end + hidden},
      {"a coding that hides another", post("Transfer-Encoding: xchunked\r\n") + end + hidden},
      {"identity and chunked", post("Transfer-Encoding: identity, chunked\r\n") + end + hidden},
      {"chunked that is not last", post("Transfer-Encoding: chunked, gzip\r\n") + end + hidden},
      {"a coding in quotes", post("Transfer-Encoding: \"chunked\"\r\n") + end + hidden},
      {"a tab behind the coding", post("Transfer-Encoding: chunked\v\r\n") + end + hidden},
      {"a coding in HTTP/1.0",
       "POST /oauth2/token HTTP/1.0\r\nHost: a\r\n" + chunked + "\r\n" + end + hidden},
  };
}

std::vector<shape> chunks() {
  auto const hidden = hidden_request();
  auto const head = post("Transfer-Encoding: chunked\r\n");
  return {
      {"a chunk size beyond 64 bits", head + "10000000000000000\r\n" + hidden},
      {"a chunk size that wraps to 2", head + "10000000000000002\r\n{}\r\n0\r\n\r\n" + hidden},
      {"the largest chunk size", head + "ffffffffffffffff\r\n" + hidden, 413},
      {"two chunks that add up to 0", head + "2\r\n{}\r\nfffffffffffffffe\r\n" + hidden, 413},
      {"a negative chunk size", head + "-1\r\n" + hidden},
      {"a chunk size with 0x", head + "0x2\r\n{}\r\n0\r\n\r\n" + hidden},
      {"a chunk size with a sign", head + "+2\r\n{}\r\n0\r\n\r\n" + hidden},
      {"a blank before a chunk size", head + " 2\r\n{}\r\n0\r\n\r\n" + hidden},
      {"no chunk size", head + "\r\n0\r\n\r\n" + hidden},
      {"a chunk that is longer than it says", head + "2\r\n{}{}\r\n0\r\n\r\n" + hidden},
      {"bare line feeds between chunks", head + "2\n{}\n0\n\n" + hidden},
      {"a bare carriage return in an extension", head + "2;a\rb\r\n{}\r\n0\r\n\r\n" + hidden},
      {"a line feed in an extension", head + "2;a\n\r\n{}\r\n0\r\n\r\n" + hidden},
  };
}

std::vector<shape> lines() {
  auto const hidden = hidden_request();
  auto const get = std::string{"GET /healthz HTTP/1.1\r\nHost: a\r\n"};
  return {
      {"a folded line", get + "X-A: b\r\n c\r\n\r\n" + hidden},
      {"a folded length", post("Content-Length:\r\n 0\r\n") + hidden},
      {"a line that begins with a tab", get + "X-A: b\r\n\tc: d\r\n\r\n" + hidden},
      {"a blank line of blanks", get + " \r\n\r\n" + hidden},
      {"line feeds alone", "GET /healthz HTTP/1.1\nHost: a\n\n" + hidden},
      {"one line feed alone", get + "X-A: b\n\r\n" + hidden},
      {"a header hidden behind a line feed", get + "X-A: b\nContent-Length: 5\r\n\r\n" + hidden},
      {"a carriage return alone", get + "X-A: b\rContent-Length: 5\r\n\r\n" + hidden},
      {"a blank before the colon", post("Content-Length : 5\r\n") + hidden},
      {"a tab before the colon", post("Transfer-Encoding\t: chunked\r\n") + hidden},
      {"a blank in a name", get + "X A: b\r\n\r\n" + hidden},
      {"a line without colon", get + "nothing\r\n\r\n" + hidden},
      {"an empty name", get + ": b\r\n\r\n" + hidden},
      {"a NUL in a value", get + "X-A: b" + std::string(1, '\0') + "c\r\n\r\n" + hidden},
      {"a NUL in a name", get + "X" + std::string(1, '\0') + ": c\r\n\r\n" + hidden},
      {"a name that is not ASCII", get + "X-\xc3\xa9: c\r\n\r\n" + hidden},
      {"two hosts", get + "Host: b\r\n\r\n" + hidden},
      {"a blank before the method", " " + get + "\r\n" + hidden},
      {"two blanks behind the method", "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + hidden},
      {"a version of two digits", "GET /healthz HTTP/1.10\r\nHost: a\r\n\r\n" + hidden},
      {"a version of another protocol", "GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n" + hidden},
      {"no version", "GET /healthz\r\n\r\n" + hidden},
  };
}

// Answered once, with an error, and the connection ends: whatever follows is nobody's request.
void check_refused(world& w, std::vector<shape> const& shapes) {
  REQUIRE(w.call("PUT", instance_path(1), "{}").status / 100 == 2);
  for (auto const& one : shapes) {
    CAPTURE(one.name);
    auto client = w.connect();
    client.send(one.bytes);
    auto const all = client.receive_all();
    CHECK(all.starts_with("HTTP/1.1 " + std::to_string(one.status) + " "));
    CHECK(all.find("\r\nHTTP/1.1 ") == all.npos);
    CHECK(all.find("}HTTP/1.1 ") == all.npos);
    CHECK(all.find("Connection: close\r\n") != all.npos);
    CHECK(w.call("GET", instance_path(1)).status == 200);
  }
}

}  // namespace

TEST_SUITE("integration.abuse_framing") {
  TEST_CASE("requests may be cut in two anywhere") {
    world w;
    w.warm_token(1);
    w.register_all(1, 1);
    auto const said = some_requests();
    for (std::size_t at = 1; at < said.bytes.size(); ++at) {
      CAPTURE(at);
      auto client = w.connect();
      hand_over(client, std::string_view{said.bytes}.substr(0, at));
      client.send(std::string_view{said.bytes}.substr(at));
      check_answers(client, said);
    }
  }

  TEST_CASE("requests may come byte by byte") {
    world w;
    w.warm_token(1);
    w.register_all(1, 1);
    auto const said = some_requests();
    auto client = w.connect();
    for (std::size_t at = 0; at < said.bytes.size(); ++at) {
      hand_over(client, std::string_view{said.bytes}.substr(at, 1));
    }
    check_answers(client, said);
  }

  TEST_CASE("what two readers would measure differently is refused, and nothing is smuggled") {
    world w;
    SUBCASE("lengths") {
      check_refused(w, lengths());
    }
    SUBCASE("transfer codings") {
      check_refused(w, codings());
    }
    SUBCASE("chunks") {
      check_refused(w, chunks());
    }
    SUBCASE("lines of the head") {
      check_refused(w, lines());
    }
  }
}
