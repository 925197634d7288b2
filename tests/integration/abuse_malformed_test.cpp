// Clients whose bytes come in the wrong pieces or make no sense, beside one that is served. What
// each shape is answered with is in abuse_framing_test.cpp and abuse_target_test.cpp.

#include "integration/reader_beside.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

world_options roomy() {
  world_options options;
  options.log_level = "info";
  options.settings = "[limits]\nconnections = 1000\nconnections_per_uid = 1000\n";
  return options;
}

// Hands over one byte after the other, each to be read by itself.
void send_byte_by_byte(raw_client& client, std::string_view bytes) {
  auto const end = std::chrono::steady_clock::now() + 20s;
  for (char const& byte : bytes) {
    REQUIRE(client.send({&byte, 1}));
    while (!client.taken() && std::chrono::steady_clock::now() < end) ::sched_yield();
  }
}

// Each is answered once, with an error or as what it plainly says, and ends its connection.
std::vector<std::string> nonsense() {
  std::string const nul(1, '\0');
  std::string const hidden = "DELETE " + instance_path(1) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  auto const post = [&](std::string const& headers) {
    return "POST /oauth2/token HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + hidden;
  };
  auto const get = [](std::string const& target, std::string const& headers) {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers + "\r\n";
  };
  return {post("Content-Length: 0\r\nContent-Length: 9\r\n"),
          post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
          post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
          post("Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
          get("/healthz", "X-A: b\r\n c\r\n"),
          "GET /healthz HTTP/1.1\nHost: a\n\n" + hidden,
          get("/healthz", "X-A: b" + nul + "c\r\n"),
          get("/v1/sta" + nul + "tus", ""),
          get("/v1/st\xc3\xa0tus", ""),
          get("/v1/status%e2%80", ""),
          get("/v1/%c0%ae%c0%ae/status", ""),
          get("/v1/instances/%00/token", ""),
          std::string(4'000, '\xff') + "\r\n\r\n"};
}

}  // namespace

TEST_SUITE("integration.abuse_malformed") {
  TEST_CASE("requests that come byte by byte hold nobody else up") {
    world w{roomy()};
    check_beside_reader(w, "20 clients that send single bytes", [&] {
      std::vector<raw_client> clients;
      for (int i = 0; i < 20; ++i) clients.push_back(w.connect());
      for (auto& one : clients) {
        send_byte_by_byte(one, "GET " + instance_path(1) + "/token HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(one.receive().status == 200);
      }
    });
  }

  TEST_CASE("requests that mean two things, NUL, and what is no UTF-8 hold nobody else up") {
    world w{roomy()};
    auto const all = nonsense();
    check_beside_reader(w, "nonsense of every kind", [&] {
      for (auto const& one : all) {
        auto client = w.connect();
        client.send(one);
        auto const said = client.receive_all();
        CHECK_MESSAGE(said.starts_with("HTTP/1.1 4"), said);
        CHECK(said.find("\r\nHTTP/1.1 ") == said.npos);
      }
    });
    CHECK(w.call("GET", instance_path(1)).status == 200);
  }
}
