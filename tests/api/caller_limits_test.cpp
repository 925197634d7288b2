#include "api/caller_limits.hpp"

#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <utility>

namespace wixtokend::test {
namespace {

constexpr core::peer_id somebody{1000, 0};

api::api_settings with_limits(std::size_t waiters, double rate) {
  auto settings = api_world::default_settings();
  settings.limits.waiters_per_uid_max = waiters;
  settings.limits.requests_per_second_per_uid = rate;
  return settings;
}

}  // namespace

TEST_SUITE("api.caller_limits") {
  TEST_CASE("places are counted by user and socket, and given back") {
    api::caller_limits limits;
    {
      auto const first = limits.hold(somebody, 2);
      auto second = limits.hold(somebody, 2);
      CHECK(first.has_value());
      REQUIRE(second.has_value());
      CHECK_FALSE(limits.hold(somebody, 2).has_value());
      CHECK(limits.hold(somebody, 3).has_value());
      CHECK(limits.hold({1000, 1}, 2).has_value());
      CHECK(limits.hold({1001, 0}, 2).has_value());
      auto const moved = *std::move(second);
      CHECK(limits.held(somebody) == 2);
    }
    CHECK(limits.held(somebody) == 0);
    CHECK(limits.hold(somebody, 1).has_value());
  }

  TEST_CASE("a rate has a burst of one second, and a limit that changes is the one that holds") {
    api::caller_limits limits;
    instant now{1h};
    for (int i = 0; i < 10; ++i) REQUIRE_FALSE(limits.admit(somebody, 10, now).has_value());
    CHECK(limits.admit(somebody, 10, now) == duration{100ms});
    CHECK_FALSE(limits.admit({1000, 1}, 10, now).has_value());
    CHECK_FALSE(limits.admit(somebody, 10, now + 100ms).has_value());
    CHECK(limits.admit(somebody, 10, now + 100ms).has_value());
    CHECK_FALSE(limits.admit(somebody, 0, now + 100ms).has_value());
    CHECK_FALSE(limits.admit(somebody, 1, now + 100ms).has_value());
    CHECK(limits.admit(somebody, 1, now + 100ms) == duration{1s});
  }

  TEST_CASE("who has too many requests waiting is told, and others are not touched by it") {
    api_world w{{}, with_limits(2, 0)};
    w.issuer.latency = 1s;
    auto& first = w.connect();
    auto& second = w.connect();
    first.send(request_text("GET", instance_path("/token")));
    second.send(request_text("GET", instance_path("/token")));
    auto const over = w.get(instance_path("/token"));
    CHECK(error_of(over) == "429 limit_reached");
    CHECK(header_of(over, "Retry-After") == "1");
    CHECK(w.get(instance_path("/token?wait=0")).status == 504);  // does not wait
    auto& root = w.connect(0);
    root.send(request_text("GET", instance_path("/token")));
    w.time.advance(1s);
    CHECK(first.take().status == 200);
    CHECK(second.take().status == 200);
    CHECK(root.take().status == 200);
    CHECK(w.get(instance_path("/token")).status == 200);
  }

  TEST_CASE("a watch takes a place as well, also if its caller leaves") {
    api_world w{{}, with_limits(1, 0)};
    auto const tag = header_of(w.get(instance_path("/token")), "ETag");
    auto const headers = "If-None-Match: " + tag + "\r\nPrefer: wait=60\r\n";
    auto& watcher = w.connect();
    watcher.send(request_text("GET", instance_path("/token"), headers));
    CHECK(error_of(w.get(instance_path("/token"), headers)) == "429 limit_reached");
    CHECK(w.get(instance_path("/token")).status == 200);
    watcher.leave();
    auto& other = w.connect();
    other.send(request_text("GET", instance_path("/token"), headers));
    CHECK(other.received().empty());
  }

  TEST_CASE("who asks too often is told when to come again; probes and others are not limited") {
    api_world w{{}, with_limits(16, 2)};
    CHECK(w.get(instance_path("/token")).status == 200);
    CHECK(w.get(instance_path("/token")).status == 200);
    auto const over = w.get(instance_path("/token"));
    CHECK(error_of(over) == "429 rate_limited");
    CHECK(header_of(over, "Retry-After") == "1");
    CHECK(w.get("/healthz").status == 200);
    CHECK(w.request("GET", instance_path("/token"), {}, {}, 0).status == 200);
    w.time.advance(500ms);
    CHECK(w.get(instance_path("/token")).status == 200);
    CHECK(error_of(w.get(instance_path())) == "429 rate_limited");
  }

  TEST_CASE("a denied caller cannot ask more often than others") {
    api_world w{{}, with_limits(16, 1)};
    CHECK(w.request("GET", instance_path("/token"), {}, {}, 4000).status == 403);
    CHECK(w.request("GET", instance_path("/token"), {}, {}, 4000).status == 429);
    CHECK(w.server.counted().denied == 1);
  }
}

}  // namespace wixtokend::test
