#include "service/registrar.hpp"

#include "support/stored_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>

using namespace wixtokend;
using namespace std::chrono_literals;
using core::grant;
using service::code_outcome;
using service::registration_outcome;
using test::key_of;
using test::scripted_issuer;
using test::service_world;
using test::stored_world;

namespace {

core::failure gone() {
  core::failure why;
  why.kind = core::failure_class::instance_blocked;
  why.status = 404;
  return why;
}

service::registrar::webhook_outcome tell(stored_world& w, service::webhook_event what, unsigned n) {
  std::optional<service::registrar::webhook_outcome> outcome;
  auto const take = [](stored_world& world, service::webhook told,
                       std::optional<service::registrar::webhook_outcome>& into) -> task<> {
    auto taking = world.registrar.take(app_number{0}, told);
    into = co_await std::move(taking);
  };
  service::webhook const told{what, key_of(n).instance};
  asio::co_spawn(w.loop, take(w, told, outcome), [](std::exception_ptr) {});
  w.time.advance(1ms);
  REQUIRE(outcome.has_value());
  return *outcome;
}

}  // namespace

TEST_SUITE("service.registrar") {
  TEST_CASE("a registration is on the disk when it is acknowledged, and idempotent") {
    stored_world w;
    CHECK(w.put(1, std::nullopt) == registration_outcome::added);
    CHECK(w.disk.rows.contains(key_of(1)));
    CHECK(w.put(1, std::nullopt) == registration_outcome::known);
    CHECK(w.seen(1).durable);
  }

  TEST_CASE("what cannot be written is not acknowledged; asked again, it is, once it is written") {
    stored_world w;
    w.disk.fails = true;
    CHECK(w.put(1, std::nullopt) == registration_outcome::store_failed);
    CHECK(w.put(1, std::nullopt) == registration_outcome::store_failed);
    CHECK_FALSE(w.seen(1).durable);
    w.disk.fails = false;
    CHECK(w.put(1, std::nullopt) == registration_outcome::known);
    CHECK(w.disk.rows.contains(key_of(1)));
  }

  TEST_CASE("a code is on the disk before its exchange begins") {
    stored_world w;
    w.issuer.exchanges["code-1"] = "refresh-1";
    w.disk.fails = true;
    CHECK(w.put(1, grant::authorization_code, "code-1") == registration_outcome::store_failed);
    w.time.advance(10s);
    CHECK(w.issuer.calls == 0);
    w.disk.fails = false;
    w.time.advance(40s);
    CHECK(w.issuer.grants.at(0) == grant::authorization_code);
    CHECK(w.seen(1).grant == grant::refresh_token);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-1"});
    CHECK(w.disk.rows.at(key_of(1)).grant.codes.at(0).outcome == code_outcome::exchanged);
    CHECK(w.disk.rows.at(key_of(1)).grant.codes.at(0).code.empty());
  }

  TEST_CASE(
      "a refresh token that cannot be written is kept, and its access token not used before") {
    stored_world w;
    w.issuer.exchanges["code-1"] = "refresh-1";
    w.issuer.latency = 1s;
    CHECK(w.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    w.disk.fails = true;
    w.time.advance(1min);
    CHECK(w.issuer.calls == 1);
    CHECK_FALSE(w.service.serve(key_of(1), {}).has_value());
    CHECK(w.registrar.codes(key_of(1)).at(0).outcome == code_outcome::pending);
    w.disk.fails = false;
    w.time.advance(2s);
    CHECK(w.registrar.codes(key_of(1)).at(0).outcome == code_outcome::exchanged);
    CHECK(w.service.serve(key_of(1), {}).has_value());
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-1"});
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("a refused code falls back to client credentials, visibly") {
    stored_world w;
    CHECK(w.put(1, grant::authorization_code, "bad") == registration_outcome::added);
    w.time.advance(1s);
    CHECK(w.seen(1).grant == grant::client_credentials);
    CHECK(w.service.serve(key_of(1), {}).has_value());
    auto const codes = w.registrar.codes(key_of(1));
    REQUIRE(codes.size() == 1);
    CHECK(codes[0].outcome == code_outcome::refused);
    CHECK(codes[0].why.value().code == "invalid_token");
    CHECK(w.put(1, grant::authorization_code, "bad") == registration_outcome::known);
    w.time.advance(1s);
    CHECK(std::ranges::count(w.issuer.grants, grant::authorization_code) == 1);
  }

  TEST_CASE("an unanswered code is tried for ten minutes and then given up") {
    stored_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    CHECK(w.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    w.time.advance(9min);
    CHECK(w.registrar.codes(key_of(1)).at(0).outcome == code_outcome::pending);
    w.time.advance(2min);
    CHECK(w.registrar.codes(key_of(1)).at(0).outcome == code_outcome::expired);
    CHECK(w.seen(1).grant == grant::client_credentials);
    w.issuer.fails.reset();
    w.time.advance(10min);
    CHECK(w.service.serve(key_of(1), {}).has_value());
  }

  TEST_CASE("a stored refresh token is replaced on demand only, by a code only if that is good") {
    stored_world w;
    CHECK(w.put(1, grant::refresh_token, "refresh-1") == registration_outcome::added);
    CHECK(w.put(1, grant::refresh_token, "refresh-1") == registration_outcome::known);
    CHECK(w.put(1, grant::refresh_token, "refresh-2") == registration_outcome::grant_conflict);
    CHECK(w.put(1, grant::client_credentials) == registration_outcome::grant_conflict);
    CHECK(w.put(1, std::nullopt) == registration_outcome::known);
    CHECK(w.put(1, grant::authorization_code, "bad") == registration_outcome::known);
    w.time.advance(1s);
    CHECK(w.seen(1).grant == grant::refresh_token);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-1"});

    w.issuer.exchanges["good"] = "refresh-3";
    CHECK(w.put(1, grant::authorization_code, "good") == registration_outcome::known);
    w.time.advance(1s);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-3"});

    CHECK(w.put(1, grant::client_credentials, {}, true) == registration_outcome::known);
    CHECK(w.seen(1).grant == grant::client_credentials);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token.empty());
  }

  TEST_CASE("a refresh token that comes back as another is written before the token is used") {
    stored_world w;
    CHECK(w.put(1, grant::refresh_token, "refresh-1") == registration_outcome::added);
    w.time.advance(1s);
    w.issuer.rotates_to = "refresh-2";
    CHECK(w.engine.drop_token(key_of(1), w.time.now()));
    w.service.dispatch();
    w.time.advance(2s);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-2"});
  }

  TEST_CASE("legacy grants need a store that outlives the machine") {
    service_world without;
    service::registration wanted;
    wanted.how = grant::refresh_token;
    wanted.credential = secret{"refresh-1"};
    CHECK(without.registrar.add_now(key_of(1), std::move(wanted)) ==
          registration_outcome::store_required);

    stored_world w;
    w.disk.is_persistent = false;
    CHECK(w.put(1, grant::refresh_token, "refresh-1") == registration_outcome::store_required);
    CHECK(w.put(1, std::nullopt) == registration_outcome::added);
    CHECK_FALSE(w.seen(1).durable);
  }

  TEST_CASE("a restart brings everything back and asks the upstream for nothing") {
    stored_world before;
    before.issuer.exchanges["code-1"] = "refresh-1";
    before.issuer.life = 300s;
    CHECK(before.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    CHECK(before.put(2, std::nullopt) == registration_outcome::added);
    before.time.advance(2s);
    auto const was = before.seen(1);

    service_world after{{}, {}, true};
    after.time.advance(3s);
    before.move_to(after);
    CHECK(after.issuer.calls == 0);
    for (unsigned n = 1; n <= 2; ++n) CHECK(after.service.serve(key_of(n), {}).has_value());
    auto const is = after.service.view(key_of(1)).value();
    CHECK(is.generation == was.generation);
    CHECK(is.grant == grant::refresh_token);
    CHECK(is.next_attempt_at == was.next_attempt_at);
    after.time.advance(280s);
    CHECK(std::ranges::count(after.issuer.grants, grant::refresh_token) == 1);
  }

  TEST_CASE("a code that was not exchanged yet is, after a restart") {
    stored_world before;
    before.issuer.hang = true;
    CHECK(before.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    service_world after{{}, {}, true};
    after.issuer.exchanges["code-1"] = "refresh-1";
    before.move_to(after);
    after.time.advance(2s);
    CHECK(after.service.view(key_of(1))->grant == grant::refresh_token);
    CHECK(after.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-1"});
  }

  TEST_CASE("an orderly stop waits for a refresh token that is on its way") {
    stored_world before;
    before.issuer.exchanges["code-1"] = "refresh-1";
    before.issuer.latency = 3s;
    CHECK(before.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    before.time.advance(1s);
    bool stopped = false;
    asio::co_spawn(before.loop, before.service.stop(), [&](std::exception_ptr) { stopped = true; });
    before.time.advance(1s);
    CHECK_FALSE(stopped);
    before.time.advance(1500ms);
    CHECK(stopped);
    CHECK(before.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-1"});
  }

  TEST_CASE("a code whose success was lost is refused the second time, and the fallback serves") {
    stored_world before;
    before.issuer.hang = true;
    CHECK(before.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    service_world after{{}, {}, true};  // the upstream does not know the code any more
    before.move_to(after);
    after.time.advance(2s);
    CHECK(after.service.view(key_of(1))->grant == grant::client_credentials);
    CHECK(after.service.serve(key_of(1), {}).has_value());
  }

  TEST_CASE("a removal that is announced is believed only when the upstream says so twice") {
    stored_world w;
    CHECK(w.put(1, grant::refresh_token, "refresh-1") == registration_outcome::added);
    w.time.advance(1s);
    CHECK(tell(w, service::webhook_event::removed, 1) ==
          service::registrar::webhook_outcome::taken);
    w.time.advance(2min);
    CHECK_FALSE(w.seen(1).removal_announced.has_value());  // a mint succeeded

    w.issuer.fails = gone();
    CHECK(tell(w, service::webhook_event::removed, 1) ==
          service::registrar::webhook_outcome::taken);
    CHECK(w.disk.rows.at(key_of(1)).instance.removal.has_value());
    w.time.advance(30s);
    CHECK(w.service.view(key_of(1)).has_value());
    w.time.advance(2min);
    CHECK_FALSE(w.service.view(key_of(1)).has_value());
    CHECK_FALSE(w.disk.rows.contains(key_of(1)));
    CHECK(w.disk.kept_back.at(key_of(1)) == secret{"refresh-1"});
  }

  TEST_CASE("what was removed this moment can be restored, although that is not on the disk yet") {
    stored_world w;
    CHECK(w.put(1, grant::refresh_token, "refresh-1") == registration_outcome::added);
    w.time.advance(1s);
    w.issuer.fails = gone();
    tell(w, service::webhook_event::removed, 1);
    for (int i = 0; i < 20'000 && w.service.view(key_of(1)); ++i) w.time.advance(10ms);
    REQUIRE_FALSE(w.service.view(key_of(1)).has_value());
    REQUIRE(w.disk.rows.contains(key_of(1)));
    w.issuer.fails.reset();
    std::optional<registration_outcome> outcome;
    auto const restore_it = [](stored_world& in, auto& into) -> task<> {
      auto restoring = in.registrar.restore(key_of(1));
      into = co_await std::move(restoring);
    };
    asio::co_spawn(w.loop, restore_it(w, outcome), [](std::exception_ptr) {});
    w.time.advance(10ms);
    CHECK(outcome == registration_outcome::added);
    CHECK(w.seen(1).grant == grant::refresh_token);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-1"});
  }

  TEST_CASE("what is removed and registered again at once keeps nothing of what it was") {
    stored_world w;
    CHECK(w.put(1, grant::refresh_token, "refresh-1") == registration_outcome::added);
    SUBCASE("") {}
    SUBCASE("also if the first write fails") {
      w.disk.fails = true;
      w.remove(1);
      CHECK(w.put(1, std::nullopt) == registration_outcome::store_failed);
      w.disk.fails = false;
      w.time.advance(5s);
    }
    w.remove(1);
    CHECK(w.put(1, std::nullopt) == registration_outcome::added);
    CHECK(w.seen(1).grant == grant::client_credentials);
    REQUIRE(w.disk.rows.contains(key_of(1)));
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token.empty());
    CHECK(w.disk.kept_back.empty());
  }

  TEST_CASE("a removal that could not be written is, though somebody asked for it meanwhile") {
    stored_world w;
    CHECK(w.put(1, grant::refresh_token, "refresh-1") == registration_outcome::added);
    w.disk.fails = true;
    w.remove(1);
    w.time.advance(1ms);
    w.issuer.fails = gone();
    CHECK_FALSE(w.engine.create_on_demand(key_of(1), {1000, 0}, 0, w.time.now()).has_value());
    w.time.advance(10s);
    w.disk.fails = false;
    w.time.advance(1min);
    CHECK_FALSE(w.disk.rows.contains(key_of(1)));
  }

  TEST_CASE("removing what the upstream has removed already removes what was retained of it") {
    stored_world w;
    w.disk.kept_back[key_of(1)] = secret{"refresh-1"};
    w.remove(1);
    w.time.advance(1ms);
    CHECK(w.disk.kept_back.empty());
  }

  TEST_CASE("a later installation cancels the removal") {
    stored_world w;
    CHECK(w.put(1, std::nullopt) == registration_outcome::added);
    w.time.advance(1s);
    w.issuer.fails = gone();
    tell(w, service::webhook_event::removed, 1);
    tell(w, service::webhook_event::removed, 1);
    tell(w, service::webhook_event::installed, 1);
    w.time.advance(1h);
    CHECK(w.service.view(key_of(1)).has_value());
  }

  TEST_CASE("a webhook is taken whatever the upstream does, and not before it is on the disk") {
    stored_world w;
    w.issuer.hang = true;
    CHECK(tell(w, service::webhook_event::installed, 1) ==
          service::registrar::webhook_outcome::taken);
    CHECK(w.disk.rows.contains(key_of(1)));
    w.disk.fails = true;
    CHECK(tell(w, service::webhook_event::installed, 2) ==
          service::registrar::webhook_outcome::store_failed);
    CHECK(tell(w, service::webhook_event::other, 3) ==
          service::registrar::webhook_outcome::store_failed);
  }
}
