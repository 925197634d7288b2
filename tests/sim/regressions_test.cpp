#include "sim/runner.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace wixtokend::sim {
namespace {

// One run a line: seed, instances, days, then a comment.
std::vector<run_arguments> regressions() {
  std::ifstream file{std::string{WIXTOKEND_SOURCE_DIR} + "/tests/sim/regressions.txt"};
  std::vector<run_arguments> found;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with("#")) continue;
    std::istringstream words{line};
    run_arguments one;
    words >> one.seed >> one.instances >> one.days;
    CAPTURE(line);
    REQUIRE(!words.fail());
    found.push_back(one);
  }
  return found;
}

TEST_SUITE("sim.regressions") {
  TEST_CASE("runs that failed once hold now") {
    auto const all = regressions();
    CHECK(all.size() > 0);
    for (auto const& one : all) {
      auto const result = run(one);
      if (!result.broken) continue;
      MESSAGE(explain(one, *result.broken, ""));
      CHECK(result.broken->invariant == "");
    }
  }
}

}  // namespace
}  // namespace wixtokend::sim
