#include "sim/runner.hpp"

#include <doctest/doctest.h>

namespace wixtokend::sim {
namespace {

// A failure prints the command that replays it.
void expect_to_hold(std::uint64_t first, std::uint64_t last, std::size_t instances, double days) {
  for (auto seed = first; seed <= last; ++seed) {
    run_arguments const arguments{seed, instances, days, nullptr};
    auto const result = run(arguments);
    CHECK(result.steps > 0);
    CHECK(result.mints > 0);
    if (!result.broken) continue;
    MESSAGE(explain(arguments, *result.broken, ""));
    CHECK(result.broken->invariant == "");
  }
}

TEST_SUITE("sim.runner") {
  TEST_CASE("all invariants hold with seeds 1 to 3") {
    expect_to_hold(1, 3, 120, 0.7);
  }
  TEST_CASE("all invariants hold with seeds 4 to 6") {
    expect_to_hold(4, 6, 120, 0.7);
  }
  TEST_CASE("all invariants hold with few instances") {
    expect_to_hold(101, 110, 5, 1);
  }
  TEST_CASE("all invariants hold with one instance") {
    expect_to_hold(201, 215, 1, 1);
  }
  TEST_CASE("all invariants hold with many instances for a short time") {
    expect_to_hold(301, 303, 1'500, 0.2);
  }

  TEST_CASE("the same seed gives the same run") {
    run_arguments const arguments{17, 100, 0.5, nullptr};
    auto const first = run(arguments);
    auto const second = run(arguments);
    CHECK(first.steps == second.steps);
    CHECK(first.mints == second.mints);
    CHECK(first.answers == second.answers);
    CHECK(first.trace == second.trace);
  }

  TEST_CASE("another seed gives another run") {
    CHECK(run({18, 100, 0.1, nullptr}).trace != run({19, 100, 0.1, nullptr}).trace);
  }
}

}  // namespace
}  // namespace wixtokend::sim
