#include "emulator/faults.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;

namespace {

auto const first = instance_id::parse("22222222-2222-4222-8222-000000000001").value();
auto const second = instance_id::parse("22222222-2222-4222-8222-000000000002").value();
constexpr auto app = "11111111-1111-4111-8111-111111111111";

fault_subject mint_of(instance_id const& which) {
  return {route::token, app, which};
}

fault numbered(unsigned status, std::optional<std::uint64_t> times = std::nullopt) {
  fault what;
  what.kind = fault_kind::error;
  what.status = status;
  what.times = times;
  return what;
}

fault only_on(route where, fault what) {
  what.match.routes.reset();
  what.match.routes.set(static_cast<std::size_t>(where));
  return what;
}

unsigned taken(fault_script& script, fault_subject const& request) {
  auto const what = script.take(request);
  return what == nullptr ? 0 : *what->status;
}

}  // namespace

TEST_SUITE("emulator.faults") {
  TEST_CASE("an empty script takes nothing") {
    fault_script script;
    CHECK(script.empty());
    CHECK(script.take(mint_of(first)) == nullptr);
  }

  TEST_CASE("a fault without conditions takes every request") {
    fault_match const any;
    CHECK(matches(any, mint_of(first)));
    CHECK(matches(any, {route::other, "", std::nullopt}));
  }

  TEST_CASE("route, app and instance must all be those of the request") {
    fault_match which;
    which.routes.reset();
    which.routes.set(static_cast<std::size_t>(route::token));
    which.app_id = app;
    which.instance = first;
    CHECK(matches(which, mint_of(first)));
    CHECK_FALSE(matches(which, mint_of(second)));
    CHECK_FALSE(matches(which, {route::access, app, first}));
    CHECK_FALSE(matches(which, {route::token, "99999999-9999-4999-8999-999999999999", first}));
    CHECK_FALSE(matches(which, {route::token, "", first}));
    CHECK_FALSE(matches(which, {route::token, app, std::nullopt}));
  }

  TEST_CASE("several routes may be named") {
    fault_match which;
    which.routes.reset();
    which.routes.set(static_cast<std::size_t>(route::instance));
    which.routes.set(static_cast<std::size_t>(route::other));
    CHECK(matches(which, {route::instance, app, first}));
    CHECK(matches(which, {route::other, app, first}));
    CHECK_FALSE(matches(which, {route::token, app, first}));
  }

  TEST_CASE("the first fault that matches takes the request, in the order of adding") {
    fault_script script;
    auto specific = numbered(404);
    specific.match.instance = second;
    REQUIRE(script.add(specific).has_value());
    REQUIRE(script.add(numbered(500)).has_value());
    REQUIRE(script.add(numbered(503)).has_value());
    CHECK(taken(script, mint_of(first)) == 500);
    CHECK(taken(script, mint_of(second)) == 404);
    CHECK(taken(script, mint_of(first)) == 500);
  }

  TEST_CASE(
      "a fault with a count leaves the script after its last time, and the next one follows") {
    fault_script script;
    REQUIRE(script.add(numbered(429, 2)).has_value());
    REQUIRE(script.add(numbered(503, 1)).has_value());
    CHECK(taken(script, mint_of(first)) == 429);
    CHECK(script.entries().front().left == 1U);
    CHECK(script.entries().front().taken == 1);
    CHECK(taken(script, mint_of(second)) == 429);
    CHECK(taken(script, mint_of(first)) == 503);
    CHECK(taken(script, mint_of(first)) == 0);
    CHECK(script.empty());
  }

  TEST_CASE("requests that a fault does not match do not count down") {
    fault_script script;
    REQUIRE(script.add(only_on(route::access, numbered(500, 1))).has_value());
    for (int i = 0; i < 5; ++i) CHECK(taken(script, mint_of(first)) == 0);
    CHECK(taken(script, {route::access, app, first}) == 500);
    CHECK(taken(script, {route::access, app, first}) == 0);
  }

  TEST_CASE("a fault without a count stays until it is removed") {
    fault_script script;
    auto const id = script.add(numbered(500));
    REQUIRE(id.has_value());
    for (int i = 0; i < 1000; ++i) REQUIRE(taken(script, mint_of(first)) == 500);
    CHECK(script.entries().front().taken == 1000);
    CHECK(script.remove(*id));
    CHECK_FALSE(script.remove(*id));
    CHECK(taken(script, mint_of(first)) == 0);
  }

  TEST_CASE("clearing empties the script, and ids are not used again") {
    fault_script script;
    auto const before = script.add(numbered(500));
    script.clear();
    CHECK(script.empty());
    auto const after = script.add(numbered(500));
    CHECK(*before != *after);
  }

  TEST_CASE("a fault that was taken stays as it is when the script goes on") {
    fault_script script;
    REQUIRE(script.add(numbered(418, 1)).has_value());
    auto const what = script.take(mint_of(first));
    script.clear();
    CHECK(*what->status == 418);
  }

  TEST_CASE("a script is bounded") {
    fault_script script;
    for (std::size_t i = 0; i < fault_script::faults_max; ++i) {
      REQUIRE(script.add(numbered(500)).has_value());
    }
    CHECK(script.add(numbered(500)).error() == errc::too_many_requests);
  }
}
