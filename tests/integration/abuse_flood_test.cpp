// Clients that come in great numbers, or ask for a great deal at once.

#include "integration/reader_beside.hpp"
#include "support/process_memory.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

world_options with_limits(std::string const& limits) {
  world_options options;
  options.log_level = "info";
  options.settings = "[limits]\n" + limits;
  return options;
}

// As many descriptors as this process may have.
std::size_t raise_own_limit() {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit.rlim_cur;
}

std::size_t count_of(std::string const& text, std::string_view wanted) {
  std::size_t count = 0;
  for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) ++count;
  return count;
}

std::string const quick = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

// So many requests in one piece, each with an id that tells its place.
constexpr std::size_t at_once = 300;
std::string flood_of(std::string const& target) {
  std::string many;
  for (std::size_t i = 0; i < at_once; ++i) {
    many += "GET " + target + " HTTP/1.1\r\nHost: a\r\nX-Request-Id: n" + std::to_string(i) +
            "\r\n\r\n";
  }
  return many;
}

// How many of the answers to them are right and in their order.
std::size_t right_answers(raw_client& client) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < at_once; ++i) {
    auto const answer = client.receive();
    if (answer.header("x-request-id") == "n" + std::to_string(i) && answer.status == 200) ++right;
  }
  return right;
}

}  // namespace

TEST_SUITE("integration.abuse_flood") {
  TEST_CASE("thousands of connections are held and served, each for little memory") {
    auto const room = raise_own_limit();
    auto const count = std::min<std::size_t>(5'000, room - 200);
    if (count < 5'000) MESSAGE("no more than " << count << " connections: the descriptor limit");
    world w{with_limits("connections = 6000\nconnections_per_uid = 6000\n")};
    std::vector<raw_client> all;
    check_beside_reader(w, std::to_string(count) + " connections", [&] {
      auto const before = memory_of(w.daemon().pid()).resident;
      auto const ask = [](raw_client& one) {
        return one.send(quick) && one.receive().status == 200;
      };
      bool const first = all.empty();
      while (all.size() < count && ask(all.emplace_back(w.connect()))) continue;
      std::size_t answered = 0;
      for (auto& one : all) {
        if (ask(one)) ++answered;
      }
      CHECK(answered == count);
      if (!first) return;
      auto const now = memory_of(w.daemon().pid()).resident;
      auto const each = (now - std::min(before, now)) / count;
      MESSAGE(each << " bytes a connection");
    });
  }

  TEST_CASE("who connects again and again beyond the limit is turned away, for little") {
    world w{with_limits("connections_per_uid = 100\n")};
    check_beside_reader(w, "3000 connections where 100 may be", [&] {
      std::vector<raw_client> held;
      for (int i = 0; i < 99; ++i) held.push_back(w.connect());
      for (auto& one : held) CHECK(one.request("GET", "/healthz").status == 200);
      std::size_t told = 0;
      for (int i = 0; i < 3'000; ++i) {
        auto refused = w.connect();
        if (i % 100 != 0) continue;
        try {
          if (refused.receive().status == 429) ++told;
        } catch (std::exception const&) {  // closed without a word: there are too many of them
        }
      }
      CHECK(told > 0);
      held.clear();
      CHECK(eventually([&] {
        try {
          return w.call("GET", "/healthz").status == 200;
        } catch (std::exception const&) {
          return false;
        }
      }));
    });
  }

  TEST_CASE("pipelined floods are answered in order, and hold nobody else up") {
    world w{with_limits("connections = 1000\n")};
    std::vector<raw_client> clients;
    for (int i = 0; i < 8; ++i) clients.push_back(w.connect());
    auto const probes = flood_of("/healthz");
    auto const tokens = flood_of(instance_path(1) + "/token");
    check_beside_reader(w, "8 pipelined floods", [&] {
      for (std::size_t i = 0; i < clients.size(); ++i) {
        REQUIRE(clients[i].send(i % 2 == 0 ? probes : tokens));
      }
      for (auto& one : clients) CHECK(right_answers(one) == at_once);
    });
  }

  TEST_CASE("without a descriptor left those who are connected are served, and others later on") {
    world_options options = with_limits("connections = 1000\nconnections_per_uid = 1000\n");
    options.start_daemon = false;
    world w{options};
    w.start_daemon_through({"/bin/sh", "-c", "ulimit -n 48; exec \"$@\"", "sh"});
    w.start_daemon();
    check_beside_reader(w, "no descriptors", [&] {
      std::vector<raw_client> all;
      for (int i = 0; i < 100; ++i) all.push_back(w.connect());
      for (auto& one : all) CHECK(one.send(quick));
      CHECK(eventually([&] { return count_of(w.daemon().errors(), "accept_failed") == 1; }));
      std::size_t served = 0;
      try {
        while (served < all.size()) {
          auto const answer = all[served].receive(1s);
          CHECK(answer.status == 200);
          ++served;
        }
      } catch (std::exception const&) {  // this one and those behind it wait to be accepted
      }
      CHECK(served > 0);
      CHECK(served < 48);
      all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(served));
      while (!all.empty()) {  // whoever leaves makes room for the next one
        CHECK(all.front().receive().status == 200);
        all.erase(all.begin());
      }
    });
    CHECK(count_of(w.daemon().errors(), "descriptor_limit_low") == 1);
    w.warm_token(2);  // there are descriptors for the upstream again
  }
}
