// Clients that take their time: a byte now and then, answers that nobody takes, ends half closed.

#include "integration/reader_beside.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include <chrono>
#include <string>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

namespace {

world_options abused() {
  world_options options;
  options.log_level = "info";
  options.settings =
      "[limits]\nconnections = 1000\nconnections_per_uid = 1000\n"
      "header_timeout = \"1s\"\nbody_timeout = \"1s\"\n";
  return options;
}

std::vector<raw_client> connect_many(world& w, std::size_t count) {
  std::vector<raw_client> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(w.connect());
  return all;
}

// Sends the same byte to all, a few each millisecond, again and again, for as long as any takes it.
void drip(std::vector<raw_client>& clients, std::string_view byte) {
  constexpr std::size_t at_a_time = 10;
  auto const end = clock_type::now() + 10s;
  bool any = true;
  while (any && clock_type::now() < end) {
    any = false;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      any = clients[i].send_some(byte).value_or(0) != 0 || any;
      if (i % at_a_time == 0) ::poll(nullptr, 0, 1);
    }
  }
  CHECK_FALSE(any);
}

// What each is told at the end, before it is cut off.
void check_cut_off(std::vector<raw_client>& clients, unsigned status) {
  for (auto& one : clients) {
    CHECK(one.receive().status == status);
    CHECK(one.closed_within(10s));
  }
}

}  // namespace

TEST_SUITE("integration.abuse_slow") {
  TEST_CASE("heads that come a byte at a time are cut off in time") {
    world w{abused()};
    check_beside_reader(w, "200 slow heads", [&] {
      auto clients = connect_many(w, 200);
      for (auto& one : clients) one.send("GET /healthz HTTP/1.1\r\nX-Slow: ");
      drip(clients, "a");
      check_cut_off(clients, 408);
    });
  }

  TEST_CASE("bodies that come a byte at a time are cut off in time") {
    world w{abused()};
    check_beside_reader(w, "200 slow bodies", [&] {
      auto clients = connect_many(w, 200);
      for (std::size_t i = 0; i < clients.size(); ++i) {
        auto const framing = i % 2 == 0 ? "Content-Length: 60000" : "Transfer-Encoding: chunked";
        clients[i].send("POST /oauth2/token HTTP/1.1\r\nHost: a\r\n" + std::string{framing} +
                        "\r\n\r\n" + (i % 2 == 0 ? "" : "ea60\r\n"));
      }
      drip(clients, "a");
      check_cut_off(clients, 408);
    });
  }

  TEST_CASE("bodies of a gibibyte are refused where they are announced, and never kept") {
    world w{abused()};
    check_beside_reader(w, "150 bodies of 1 GiB", [&] {
      auto const body = std::string(60'000, '\n');
      auto const with = [](std::string const& target, std::string const& framing) {
        return "POST " + target + " HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n";
      };
      auto sized = connect_many(w, 50);
      for (auto& one : sized) {
        one.send(with("/oauth2/token", "Content-Length: 1073741824"));
        one.send_some(body);
      }
      auto chunked = connect_many(w, 50);
      for (auto& one : chunked) {
        one.send(with("/oauth2/token", "Transfer-Encoding: chunked") + "40000000\r\n");
        one.send_some(body);
      }
      // Bulk registration may be as long, but is read as it is dealt with, and by few at a time.
      auto bulk = connect_many(w, 50);
      for (auto& one : bulk) one.send(with("/v1/instances", "Content-Length: 1073741824"));
      for (int i = 0; i < 100; ++i) {
        for (auto& one : bulk) one.send_some(body);
      }
      check_cut_off(sized, 413);
      check_cut_off(chunked, 413);
      std::size_t timed_out = 0;
      for (auto& one : bulk) {
        auto const status = one.receive().status;
        CHECK((status == 408 || status == 429));
        if (status == 408) ++timed_out;
      }
      CHECK(timed_out > 0);
      CHECK(timed_out <= 2);
    });
  }

  TEST_CASE("clients that never read are cut off, and what waits for them is bounded") {
    world w{abused()};
    check_beside_reader(w, "50 deaf clients", [&] {
      std::string many;
      for (int i = 0; i < 200; ++i) {
        many += "GET " + instance_path(1) + "/token HTTP/1.1\r\nHost: a\r\n\r\n";
      }
      auto clients = connect_many(w, 50);
      std::vector<std::size_t> sent(clients.size());
      auto const end = clock_type::now() + 20s;
      std::size_t open = clients.size();
      while (open != 0 && clock_type::now() < end) {
        open = 0;
        for (std::size_t i = 0; i < clients.size(); ++i) {
          auto const taken = clients[i].send_some(std::string_view{many}.substr(sent[i]));
          if (!taken) continue;
          sent[i] = (sent[i] + *taken) % many.size();
          ++open;
        }
        ::poll(nullptr, 0, 20);
      }
      CHECK(open == 0);
    });
  }

  TEST_CASE("half-closed connections get what is due to them, and hold nothing up") {
    world w{abused()};
    w.script(R"({"route":"token","kind":"hang","instance":")" + instance_text(2) + "\"}");
    check_beside_reader(w, "150 half-closed connections at a time", [&] {
      auto const ask = [](std::string const& target) {
        return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
      };
      auto answered = connect_many(w, 50);
      for (auto& one : answered) one.send(ask("/healthz") + ask("/version"));
      for (auto& one : answered) one.finish_sending();
      auto broken = connect_many(w, 50);
      for (auto& one : broken) one.send("GET /healthz HTTP/1.1\r\nHos");
      for (auto& one : broken) one.finish_sending();
      // Whoever closes this end while it waits for a token is taken to have left.
      auto waiting = connect_many(w, 50);
      for (auto& one : waiting) one.send(ask(instance_path(2) + "/token?wait=60"));
      for (auto& one : waiting) one.finish_sending();

      for (auto& one : answered) {
        CHECK(one.receive().status == 200);
        CHECK(one.receive().status == 200);
        CHECK(one.closed_within(10s));
      }
      check_cut_off(broken, 400);
      for (auto& one : waiting) CHECK(one.closed_within(10s));
      CHECK(eventually([&] { return number_of(w.view(2), "waiters") == 0; }, 10s));
    });
  }
}
