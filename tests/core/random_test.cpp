#include "core/random.hpp"

#include <doctest/doctest.h>

using namespace wixtokend::core;

TEST_SUITE("core.random") {
  TEST_CASE("the same seed gives the same draws, another seed others") {
    random_source one{5};
    random_source two{5};
    random_source other{6};
    for (int i = 0; i < 100; ++i) CHECK(one.next() == two.next());
    CHECK(one.next() != other.next());
  }

  TEST_CASE("draws spread over the whole unit interval") {
    random_source random{1};
    int low = 0;
    int high = 0;
    for (int i = 0; i < 10'000; ++i) {
      auto const draw = random.unit();
      REQUIRE(draw >= 0);
      REQUIRE(draw < 1);
      if (draw < 0.1) ++low;
      if (draw >= 0.9) ++high;
    }
    CHECK(low > 900);
    CHECK(low < 1'100);
    CHECK(high > 900);
    CHECK(high < 1'100);
  }
}
