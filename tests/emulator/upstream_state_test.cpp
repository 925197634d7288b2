#include "emulator/upstream_state.hpp"

#include "emulator/emulator_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;
using namespace std::chrono_literals;
using test::noon;

namespace {

instance_key const key{app_number{}, instance_id::parse(test::instance_1).value()};

struct state_world {
  upstream_state state{test::emulator_world::two_apps(), settings{}, 1, instant{}};

  minted mint(mint_change const& change = {}, wall_time now = noon) {
    return state.mint_access(token_kind::access, key, now, change);
  }
  claims read(std::string const& token) const { return state.mint.read(token).value(); }
};

}  // namespace

TEST_SUITE("emulator.upstream_state") {
  TEST_CASE("apps are found by their ids") {
    state_world w;
    CHECK(w.state.app_named(test::app_a) == app_number{0});
    CHECK(w.state.app_named(test::app_b) == app_number{1});
    CHECK_FALSE(w.state.app_named("").has_value());
    CHECK_FALSE(w.state.app_named(test::instance_1).has_value());
    CHECK(w.state.at(app_number{1}).key.reveal() == test::secret_b);
  }

  TEST_CASE("every mint gives another token with the configured life and size") {
    state_world w;
    w.state.knobs.expires_in = 77;
    w.state.knobs.token_size = 1000;
    std::set<std::string> tokens;
    for (int i = 0; i < 1000; ++i) tokens.insert(w.mint().token);
    CHECK(tokens.size() == 1000);
    auto const token = w.mint();
    CHECK(token.life == 77s);
    CHECK(token.token.size() == 1000);
    CHECK(w.read(token.token).expires() == std::chrono::floor<std::chrono::seconds>(noon) + 77s);
    CHECK(w.state.installations.find(key)->mints == 1001);
  }

  TEST_CASE("one seed gives the same tokens, another seed others") {
    state_world one;
    state_world same;
    CHECK(one.mint().token == same.mint().token);
    upstream_state other{test::emulator_world::two_apps(), settings{}, 2, instant{}};
    CHECK(other.mint_access(token_kind::access, key, noon, {}).token != state_world{}.mint().token);
  }

  TEST_CASE("the same token again has the same bytes and the same stated life") {
    state_world w;
    auto const first = w.mint();
    auto const again =
        w.mint({.same_token = true, .other_instance = false, .token_size = {}}, noon + 1h);
    CHECK(again.token == first.token);
    CHECK(again.life == first.life);
    CHECK(w.mint().token != first.token);

    state_world fresh;  // without a last token the same one is simply a new one
    CHECK(
        fresh.mint({.same_token = true, .other_instance = false, .token_size = {}}).token.size() ==
        720);
  }

  TEST_CASE("a token for another instance is genuine, but names another") {
    state_world w;
    auto const token =
        w.mint({.same_token = false, .other_instance = true, .token_size = {}}).token;
    CHECK(w.read(token).instance == another_instance(key.instance));
    CHECK(w.state.installations.find(key)->mints == 1);
  }

  TEST_CASE("an access token lives until its end, in virtual time") {
    state_world w;
    w.state.knobs.expires_in = 20;
    auto const token = w.read(w.mint().token);
    CHECK(w.state.is_live(token, noon));
    CHECK(w.state.is_live(token, token.expires() - 1ms));
    CHECK_FALSE(w.state.is_live(token, token.expires()));

    REQUIRE(w.state.advance(19s));
    CHECK(w.state.is_live(token, w.state.virtual_time(noon)));
    REQUIRE(w.state.advance(1s));
    CHECK_FALSE(w.state.is_live(token, w.state.virtual_time(noon)));
    CHECK(w.state.ahead() == 20s);
  }

  TEST_CASE("refresh tokens and codes, and tokens of unknown apps, open nothing") {
    state_world w;
    CHECK_FALSE(w.state.is_live(w.read(w.state.make_refresh_token(key, noon)), noon));
    CHECK_FALSE(w.state.is_live(w.read(w.state.make_code(key, noon).value()), noon));
    auto foreign = w.read(w.mint().token);
    foreign.app_id = test::instance_2;
    CHECK_FALSE(w.state.is_live(foreign, noon));
  }

  TEST_CASE("removal leaves live tokens alone, unless it is to revoke them") {
    state_world w;
    auto const before = w.read(w.mint().token);
    REQUIRE(w.state.remove(key, noon + 1s));
    CHECK(w.state.is_live(before, noon + 2s));

    w.state.knobs.revoke_on_uninstall = true;
    CHECK_FALSE(w.state.is_live(before, noon + 2s));
    REQUIRE(w.state.install(key));
    CHECK_FALSE(w.state.is_live(before, noon + 2s));  // a reinstallation does not revive it
    auto const after = w.read(w.mint({}, noon + 3s).token);
    CHECK(w.state.is_live(after, noon + 3s));
  }

  TEST_CASE("virtual time cannot run away") {
    state_world w;
    CHECK(w.state.advance(24h * 3650));
    CHECK_FALSE(w.state.advance(1s));
    CHECK(w.state.advance(0s));
    CHECK_FALSE(w.state.advance(std::chrono::seconds::max()));
    CHECK(w.state.ahead() == 24h * 3650);
  }

  TEST_CASE("latencies are drawn within their bounds, both included") {
    state_world w;
    CHECK(w.state.draw_latency() == 0s);
    w.state.knobs.latency_ms_min = 10;
    w.state.knobs.latency_ms_max = 13;
    std::set<duration> seen;
    for (int i = 0; i < 500; ++i) seen.insert(w.state.draw_latency());
    CHECK(seen == std::set<duration>{10ms, 11ms, 12ms, 13ms});
  }

  TEST_CASE("request ids differ") {
    state_world w;
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(w.state.next_request_id());
    CHECK(ids.size() == 1000);
    CHECK_FALSE(ids.contains(""));
  }

  TEST_CASE("a reset brings back the start, and tokens stay different") {
    state_world w;
    auto const before = w.mint().token;
    auto const code = w.read(w.state.make_code(key, noon).value());
    w.state.knobs.expires_in = 5;
    w.state.remove(key, noon);
    w.state.advance(10s);
    REQUIRE(w.state.faults.add(fault{}).has_value());
    w.state.reset(instant{9s});

    CHECK(w.state.knobs == settings{});
    CHECK(w.state.ahead() == 0s);
    CHECK(w.state.faults.empty());
    CHECK(w.state.installations.installed(key, false));
    CHECK_FALSE(w.state.codes.redeem(code.serial, noon));
    CHECK(w.state.counted.since() == instant{9s});
    CHECK(w.mint().token != before);
  }
}
