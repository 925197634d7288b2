// What must not happen, and happens: each has a defined outcome.

#include "core/engine.hpp"
#include "core/random.hpp"
#include "support/engine_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

TEST_SUITE("core.engine_bad_input") {
  TEST_CASE("results for unknown keys, and of flights that never were, are ignored") {
    engine_world w;
    auto const before = w.warm(key_of(1));
    w.finish({77, key_of(9), grant::client_credentials}, w.token());
    w.finish({0, key_of(1), grant::client_credentials}, w.token());
    w.finish({12'345, key_of(1), grant::client_credentials},
             failed(failure_class::instance_blocked));
    CHECK(w.engine().view(key_of(1), w.now).value().generation == before);
    CHECK(w.engine().in_flight(app_number{0}) == 0);
    CHECK(w.engine().size() == 1);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("a result that comes twice counts once") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const flight = w.run().at(0);
    w.finish(flight, w.token());
    auto const before = w.engine().view(key_of(1), w.now).value().generation;
    w.finish(flight, w.token());
    w.finish(flight, failed(failure_class::app_refused));
    CHECK(w.engine().view(key_of(1), w.now).value().generation == before);
    CHECK(w.engine().app_refusal(app_number{0}) == nullptr);
    CHECK(w.engine().in_flight(app_number{0}) == 0);
  }

  TEST_CASE("time that goes backwards stands still") {
    engine_world w;
    w.warm(key_of(1), 100s);
    w.pass(96s);
    auto const late = w.now;
    REQUIRE_FALSE(w.engine().usable(key_of(1), {}, late).has_value());
    for (auto const back : {1s, 60s, 3600s}) {
      w.now = late - back;
      CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
      static_cast<void>(w.run());
      static_cast<void>(w.ask(key_of(1)));
      CHECK(w.engine().inconsistency(w.now).empty());
    }
    w.now = instant::min();
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    static_cast<void>(w.run());
  }

  TEST_CASE("absurd lives are bounded, or are no token") {
    for (auto const life : {duration::min() / 4, -duration{1h}, duration{0}, duration{2s}}) {
      engine_world w;
      w.engine().add(key_of(1), 0, w.now);
      auto result = w.token(1s);
      result.expires_at = w.now + life;
      w.finish(w.run().at(0), std::move(result));
      CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
      CHECK(w.engine().view(key_of(1), w.now).value().last_failure.value().code ==
            "short_lived_token");
      CHECK(w.pass(2s).size() == 1);  // and is tried again at a failure's pace
    }
    for (auto const life : {duration{25h}, duration{100'000h}, never - instant{2h}}) {
      engine_world w;
      w.engine().add(key_of(1), 0, w.now);
      auto result = w.token(1s);
      result.expires_at = w.now + life;
      w.finish(w.run().at(0), std::move(result));
      auto const seen = w.engine().usable(key_of(1), {}, w.now).value();
      CHECK(seen.expires_at == w.now + 24h);
      CHECK(seen.refresh_at < seen.usable_until);
    }
  }

  TEST_CASE("a token sent in the future or ages ago counts from what can be") {
    for (auto const sent : {instant::min(), instant{0s}, instant{90h}, never}) {
      engine_world w;
      w.engine().add(key_of(1), 0, w.now);
      auto result = w.token(4h);
      result.sent = sent;
      w.finish(w.run().at(0), std::move(result));
      auto const seen = w.engine().view(key_of(1), w.now).value();
      CHECK(seen.minted_at.value_or(w.now) <= w.now);
      CHECK(seen.usable_until.value_or(w.now) <= w.now + 24h);
      CHECK(w.engine().inconsistency(w.now).empty());
    }
  }

  TEST_CASE("an empty token is no token") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.finish(w.run().at(0), minted{secret{}, w.now, w.now + 4h, false});
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    CHECK(w.engine().view(key_of(1), w.now).value().generation == 0);
  }

  TEST_CASE("a million rejections cost the mints that are allowed, and nobody the token") {
    engine_world w;
    random_source random{3};
    for (unsigned n = 0; n < 100; ++n) {
      w.warm(key_of(n));
      w.pass(100ms);
    }
    unsigned mints = 0;
    auto const start = w.now;
    for (int i = 0; i < 1'000'000; ++i) {
      auto const key = key_of(static_cast<unsigned>(random.next() % 100));
      auto const current = w.engine().usable(key, {}, w.now);
      REQUIRE(current.has_value());
      auto const generation = current->generation - random.next() % 2;
      peer_id const peer{static_cast<std::uint32_t>(random.next() % 5), 0};
      static_cast<void>(w.engine().reject(key, generation, peer, w.now));
      if (i % 1'000 != 0) continue;
      w.now += 100ms;
      for (auto const& one : w.run()) {
        w.finish(one, w.token());
        ++mints;
      }
    }
    auto const seconds = std::chrono::duration<double>{w.now - start}.count();
    CHECK(mints <= 12.5 * seconds + 13);
    CHECK(mints <= 100 * 5);  // 10, 20, 40, 80 s apart for each
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("whatever happens in whatever order, the books agree") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      engine_world w;
      w.seed = seed;
      w.policy.instances_max = 12;
      w.policy.suspicion_row = 3;
      w.apps = {app_policy{}, test::unhurried()};
      random_source random{seed};
      std::vector<flight> flights;
      std::vector<waiter_id> waiting;
      for (int step = 0; step < 2'000; ++step) {
        auto const key = key_of(static_cast<unsigned>(random.next() % 20),
                                static_cast<unsigned>(random.next() % 2));
        peer_id const peer{static_cast<std::uint32_t>(random.next() % 3), 0};
        switch (random.next() % 12) {
          case 0: w.engine().add(key, 0, w.now); break;
          case 1: w.engine().remove(key); break;
          case 2: w.engine().create_on_demand(key, peer, 0, w.now); break;
          case 3: w.engine().drop_token(key, w.now); break;
          case 4: w.engine().retry(key, w.now); break;
          case 5: {
            auto const seen = w.engine().usable(key, {}, w.now);
            w.engine().reject(key, seen ? seen->generation : 1, peer, w.now);
            break;
          }
          case 6: w.engine().configure(key.app, w.apps[random.next() % 2], w.now); break;
          case 7:
            if (!waiting.empty())
              w.engine().abandon(waiting[random.next() % waiting.size()], w.now);
            break;
          case 8: w.now += duration{static_cast<duration::rep>(random.unit() * 9e12)}; break;
          default: {
            auto const answer =
                w.ask(key, duration{static_cast<duration::rep>(random.unit() * 6e9)}, {}, peer);
            if (auto const* id = std::get_if<waiter_id>(&answer)) waiting.push_back(*id);
          }
        }
        w.now += duration{static_cast<duration::rep>(random.unit() * 2e9)};
        for (auto const& one : w.run()) flights.push_back(one);
        while (!flights.empty() && random.next() % 3 != 0) {
          auto const which = random.next() % flights.size();
          constexpr std::array kinds{failure_class::transient, failure_class::throttled,
                                     failure_class::instance_blocked, failure_class::app_refused};
          auto const kind = kinds.at(random.next() % kinds.size());
          auto const good = random.next() % 3 != 0;
          w.finish(flights[which], good ? flight_result{w.token(duration{random.next() % 300 * 1s})}
                                        : flight_result{failed(kind)});
          flights.erase(flights.begin() + static_cast<std::ptrdiff_t>(which));
        }
        auto const wrong = w.engine().inconsistency(w.now);
        INFO("seed " << seed << ", step " << step << ": " << wrong);
        REQUIRE(wrong.empty());
      }
    }
  }
}
