#include "observe/histogram.hpp"

#include <doctest/doctest.h>

#include <array>

using wixtokend::observe::histogram;

TEST_SUITE("observe.histogram") {
  TEST_CASE("a bound belongs to the range below it, and what is above all has a range of its own") {
    std::array<double, 3> const bounds{1, 2, 5};
    histogram seen{bounds};
    for (double const value : {0.5, 1.0, 1.5, 2.0, 5.0, 5.1, 100.0}) seen.add(value);
    CHECK(seen.in_range(0) == 2);
    CHECK(seen.in_range(1) == 2);
    CHECK(seen.in_range(2) == 1);
    CHECK(seen.in_range(3) == 2);
    CHECK(seen.sum() == doctest::Approx(115.1));
  }
}
