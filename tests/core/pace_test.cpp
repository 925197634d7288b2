#include "core/pace.hpp"

#include "core/random.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;

TEST_SUITE("core.pace") {
  TEST_CASE("without a word from the upstream the rate is the ceiling") {
    engine_policy const policy;
    pace const subject{50, policy};
    CHECK(subject.rate(instant{1h}) == doctest::Approx(50));
  }

  TEST_CASE(
      "throttling halves the rate, and a twentieth of the ceiling comes back in ten seconds") {
    engine_policy const policy;
    pace subject{50, policy};
    instant const start{1h};
    subject.throttled(start);
    CHECK(subject.rate(start) == doctest::Approx(25));
    CHECK(subject.rate(start + 10s) == doctest::Approx(27.5));
    CHECK(subject.rate(start + 50s) == doctest::Approx(37.5));
    CHECK(subject.rate(start + 100s) == doctest::Approx(50));
    CHECK(subject.rate(start + 24h) == doctest::Approx(50));
  }

  TEST_CASE("answers that come together halve it once") {
    engine_policy const policy;
    pace subject{64, policy};
    instant const start{1h};
    for (int i = 0; i < 30; ++i) subject.throttled(start + i * 30ms);
    CHECK(subject.rate(start) == doctest::Approx(32));
    subject.throttled(start + 1s);
    CHECK(subject.rate(start + 1s) < 17);
  }

  TEST_CASE("however often it is throttled, one request a second is left") {
    engine_policy const policy;
    pace subject{50, policy};
    instant now{1h};
    for (int i = 0; i < 100; ++i) subject.throttled(now += 1s);
    CHECK(subject.rate(now) == doctest::Approx(1));
    pace slow{0.2, policy};
    slow.throttled(now);
    CHECK(slow.rate(now) == doctest::Approx(0.2));  // never more than the ceiling
  }

  TEST_CASE("an upstream that is back is met with an eighth, doubled each second") {
    engine_policy const policy;
    pace subject{80, policy};
    instant const start{1h};
    subject.resume(start);
    CHECK(subject.rate(start) == doctest::Approx(10));
    CHECK(subject.rate(start + 1s) == doctest::Approx(20));
    CHECK(subject.rate(start + 2s) == doctest::Approx(40));
    CHECK(subject.rate(start + 3s) == doctest::Approx(80));
    CHECK(subject.rate(start + 300 * 24h) == doctest::Approx(80));
  }

  TEST_CASE("the rate never exceeds the ceiling nor falls to nothing, whatever happens") {
    engine_policy const policy;
    random_source random{7};
    pace subject{20, policy};
    instant now{1h};
    for (int i = 0; i < 10'000; ++i) {
      now += duration{static_cast<duration::rep>(random.unit() * 2e9)};
      auto const what = random.unit();
      if (what < 0.3) subject.throttled(now);
      if (what > 0.9) subject.resume(now);
      if (what > 0.45 && what < 0.5) subject.set_ceiling(1 + 100 * random.unit(), now);
      CHECK(subject.rate(now) <= subject.ceiling());
      CHECK(subject.rate(now) >= 1);
    }
  }

  TEST_CASE("another ceiling keeps what was learnt below it") {
    engine_policy const policy;
    pace subject{40, policy};
    instant const start{1h};
    subject.throttled(start);
    subject.set_ceiling(100, start);
    CHECK(subject.rate(start) == doctest::Approx(20));
    subject.set_ceiling(10, start);
    CHECK(subject.rate(start) == doctest::Approx(10));
    pace free{40, policy};
    free.set_ceiling(100, start);
    CHECK(free.rate(start) == doctest::Approx(100));
  }

  TEST_CASE("a burst is one second's worth, and at least one") {
    CHECK(burst_of(50) == 50);
    CHECK(burst_of(1.9) == 1);
    CHECK(burst_of(0.1) == 1);
  }
}
