#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {
namespace {

core::access_policy nobody() {
  return {{}, core::overflow_ids{}};
}

}  // namespace

TEST_SUITE("api.token_exchange") {
  TEST_CASE("a policy that changes during the wait is obeyed") {
    api_world w;
    w.issuer.latency = 1s;
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token")));
    w.policy = nobody();
    w.time.advance(1s);
    auto const answer = client.take();
    CHECK(error_of(answer) == "403 access_denied");
    CHECK(answer.body.find("token-1") == std::string::npos);
    CHECK(w.server.counted().denied == 1);
    CHECK(w.log.count("access_denied") == 1);
  }

  TEST_CASE("a policy that changes during the wait also hides why there is no token") {
    api_world w;
    w.issuer.latency = 1s;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::instance_blocked, "gone");
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token")));
    w.policy = nobody();
    w.time.advance(1s);
    CHECK(error_of(client.take()) == "403 access_denied");
  }

  TEST_CASE("a token that is dropped while its reader waits is not handed out") {
    api_world w;
    w.issuer.latency = 1s;
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token?wait=10")));
    w.time.advance(500ms);
    w.request("DELETE", instance_path("/token"));  // discards the flight that is under way
    w.time.advance(500ms);
    CHECK(client.received().empty());
    w.time.advance(3s);
    CHECK(member_of(client.take(), "access_token") == "\"token-2\"");
  }

  TEST_CASE("an instance that is removed while its reader waits is unknown") {
    api_world w;
    w.issuer.hang = true;
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token")));
    CHECK(w.request("DELETE", instance_path()).status == 204);
    CHECK(error_of(client.take()) == "404 unknown_instance");
  }

  TEST_CASE("a caller that leaves while it waits is forgotten, and the mint goes on") {
    api_world w;
    w.issuer.latency = 2s;
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token")));
    CHECK(w.engine.waiters() == 1);
    client.leave();
    CHECK(w.engine.waiters() == 0);
    CHECK(w.server.connections() == 0);
    CHECK(w.issuer.under_way == 1);
    w.time.advance(2s);
    CHECK(header_of(w.get(instance_path("/token")), "X-Cache") == "HIT");
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("a caller that closes its direction only has left as well") {
    api_world w;
    w.issuer.hang = true;
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token")));
    client.finish_sending();
    CHECK(w.engine.waiters() == 0);
    CHECK(client.ended());
  }

  TEST_CASE("each hand-out counts as use, also one that finds the token there") {
    api_world w;
    w.get(instance_path("/token"));
    w.time.advance(100s);
    w.get(instance_path("/token"));
    CHECK(member_of(w.get(instance_path()), "last_used_at") == "1767225700");
  }
}

}  // namespace wixtokend::test
