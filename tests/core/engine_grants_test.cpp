#include "core/engine.hpp"
#include "support/engine_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using namespace std::chrono_literals;
using test::engine_world;
using test::key_of;

namespace {

failure refused_with(unsigned status, std::string code) {
  return {failure_class::instance_blocked, status, std::move(code), "", "", std::nullopt};
}

failure transient() {
  return {failure_class::transient, 500, "", "", "", std::nullopt};
}

// An instance that was registered with nothing but a code.
void register_with_code(engine_world& w, unsigned n, duration life = 10min) {
  w.engine().add(key_of(n), 0, w.now);
  w.engine().set_grant(key_of(n), grant::none, w.now);
  w.engine().offer_code(key_of(n), w.now + life, w.now);
}

instance_view seen(engine_world& w, unsigned n) {
  return w.engine().view(key_of(n), w.now).value();
}

}  // namespace

TEST_SUITE("core.engine_grants") {
  TEST_CASE("a code is exchanged first, and its token comes by the refresh token from then on") {
    engine_world w;
    register_with_code(w, 1);
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    CHECK(flights[0].grant == grant::authorization_code);
    w.finish(flights[0], w.token(300s));
    CHECK(seen(w, 1).grant == grant::refresh_token);
    CHECK_FALSE(seen(w, 1).code_until.has_value());
    w.now += 280s;
    auto const next = w.run();
    REQUIRE(next.size() == 1);
    CHECK(next[0].grant == grant::refresh_token);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("a refused code leaves the instance without a grant, and it is not minted") {
    engine_world w;
    register_with_code(w, 1);
    auto const flights = w.run();
    w.finish(flights.at(0), refused_with(400, "invalid_token"));
    CHECK(seen(w, 1).grant == grant::none);
    CHECK(seen(w, 1).state == instance_state::blocked);
    w.now += 48h;
    CHECK(w.run().empty());
    w.engine().set_grant(key_of(1), grant::client_credentials, w.now);
    CHECK(w.run().at(0).grant == grant::client_credentials);
  }

  TEST_CASE("a code is tried beside the existing grant, which a refusal leaves as it was") {
    engine_world w;
    w.warm(key_of(1));
    w.engine().offer_code(key_of(1), w.now + 10min, w.now);
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    CHECK(flights[0].grant == grant::authorization_code);
    w.finish(flights[0], refused_with(400, "invalid_token"));
    CHECK(seen(w, 1).grant == grant::client_credentials);
    CHECK(w.engine().usable(key_of(1), {}, w.now).has_value());
    CHECK(seen(w, 1).state == instance_state::warm);
  }

  TEST_CASE("the exchange is repeated until the code's time is over, and never after") {
    engine_world w;
    register_with_code(w, 1);
    auto const deadline = w.now + 10min;
    unsigned attempts = 0;
    while (w.now < deadline + 1h) {
      for (auto const& flight : w.run()) {
        CHECK(w.now < deadline);
        CHECK(flight.grant == grant::authorization_code);
        w.finish(flight, transient());
        ++attempts;
      }
      if (w.engine().has_notices()) break;
      REQUIRE(w.engine().wake_at() > w.now);
      w.now = w.engine().wake_at();
    }
    CHECK(attempts >= 5);
    CHECK(w.now == deadline);
    auto const notices = w.engine().take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].what == grant_notice::kind::code_expired);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("a code goes before instances that nobody waits for") {
    engine_world w;
    w.apps[0].requests_per_second_max = 1;
    for (unsigned n = 1; n <= 50; ++n) w.engine().add(key_of(n), 0, w.now);
    register_with_code(w, 99);
    auto const first = w.run();
    REQUIRE(first.size() == 1);
    CHECK(first[0].key == key_of(99));
  }

  TEST_CASE("a removal is believed after two mints a minute apart that say so") {
    engine_world w;
    w.warm(key_of(1));
    w.engine().announce_removal(key_of(1), w.now);
    CHECK(seen(w, 1).removal_announced == w.now);
    w.finish(w.run().at(0), refused_with(404, ""));
    CHECK_FALSE(w.engine().has_notices());
    w.now += 59s;
    CHECK(w.run().empty());
    w.now += 2s;
    w.finish(w.run().at(0), refused_with(400, "invalid_grant"));
    auto const notices = w.engine().take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].what == grant_notice::kind::removal_confirmed);
  }

  TEST_CASE("a token, or a registration, makes nothing of an announced removal") {
    engine_world w;
    w.warm(key_of(1));
    w.engine().announce_removal(key_of(1), w.now);
    w.finish(w.run().at(0), w.token());
    CHECK_FALSE(seen(w, 1).removal_announced.has_value());

    w.engine().announce_removal(key_of(1), w.now);
    w.engine().add(key_of(1), 0, w.now);
    CHECK_FALSE(seen(w, 1).removal_announced.has_value());
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("what does not say that the instance is gone confirms nothing") {
    engine_world w;
    w.warm(key_of(1));
    w.engine().announce_removal(key_of(1), w.now);
    for (auto const& what : {refused_with(403, "forbidden"), refused_with(400, "invalid_token"),
                             transient(), refused_with(403, "forbidden")}) {
      auto const flights = w.run();
      REQUIRE(flights.size() == 1);
      w.finish(flights[0], what);
      w.now += 5min;
    }
    CHECK_FALSE(w.engine().has_notices());
    CHECK(seen(w, 1).removal_announced.has_value());
  }

  TEST_CASE("a retry finds out at once whether an announced removal is so") {
    engine_world w;
    w.warm(key_of(1));
    w.engine().announce_removal(key_of(1), w.now);
    w.finish(w.run().at(0), transient());
    REQUIRE(w.run().empty());
    w.engine().retry(key_of(1), w.now);
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    w.finish(flights[0], w.token());
    CHECK_FALSE(seen(w, 1).removal_announced.has_value());
  }

  TEST_CASE("a token that was asked for before a removal was announced says nothing of it") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const flights = w.run();
    auto issued = w.token();
    w.now += 1s;
    w.engine().announce_removal(key_of(1), w.now);
    w.finish(flights.at(0), std::move(issued));
    CHECK(seen(w, 1).removal_announced.has_value());
    auto const next = w.run();
    REQUIRE(next.size() == 1);
    w.finish(next[0], w.token());
    CHECK_FALSE(seen(w, 1).removal_announced.has_value());
  }

  TEST_CASE("what cannot be minted with anything is removed when that is announced") {
    engine_world w;
    register_with_code(w, 1);
    auto const flights = w.run();
    SUBCASE("before its code is refused") {
      w.engine().announce_removal(key_of(1), w.now);
      CHECK_FALSE(w.engine().has_notices());
      w.finish(flights.at(0), refused_with(400, "invalid_token"));
    }
    SUBCASE("after its code was refused") {
      w.finish(flights.at(0), refused_with(400, "invalid_token"));
      w.engine().announce_removal(key_of(1), w.now);
    }
    auto const notices = w.engine().take_notices();
    REQUIRE(notices.size() == 1);
    CHECK(notices[0].what == grant_notice::kind::removal_confirmed);
  }

  TEST_CASE("what the old refresh token is refused does not hold up the new one") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.engine().set_grant(key_of(1), grant::refresh_token, w.now);
    auto const flights = w.run();
    w.engine().set_grant(key_of(1), grant::refresh_token, w.now);
    w.finish(flights.at(0), refused_with(400, "invalid_token"));
    CHECK(seen(w, 1).state != instance_state::blocked);
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("a removal of an instance that is not known is nothing") {
    engine_world w;
    CHECK_FALSE(w.engine().announce_removal(key_of(1), w.now));
    CHECK(w.engine().size() == 0);
  }

  TEST_CASE("a replaced grant is not blamed for what an attempt with the old one was refused") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const old = w.run();
    w.engine().set_grant(key_of(1), grant::refresh_token, w.now);
    w.finish(old.at(0), refused_with(404, ""));
    auto const next = w.run();
    REQUIRE(next.size() == 1);
    CHECK(next[0].grant == grant::refresh_token);
  }
}
