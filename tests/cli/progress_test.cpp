#include "cli/progress.hpp"

#include "cli/printable.hpp"

#include <doctest/doctest.h>

namespace wixtokend::cli {
namespace {

using namespace std::chrono_literals;

import_progress half_way() {
  import_progress out;
  out.sum.lines = 45'000;
  out.sum.failed = 2;
  out.bytes = 50;
  out.bytes_total = 100;
  out.spent = 2s;
  return out;
}

TEST_SUITE("cli.progress") {
  TEST_CASE("a file has a bar") {
    CHECK(progress_line(half_way(), 0) ==
          "[##########..........]  50 %  45,000 lines, 2 failed, 22,500/s");
  }

  TEST_CASE("what has no size has counts only") {
    auto now = half_way();
    now.bytes_total = 0;
    CHECK(progress_line(now, 0) == "45,000 lines, 2 failed, 22,500/s");
  }

  TEST_CASE("it never wraps, and never divides by nothing") {
    auto now = half_way();
    now.bytes = 200;
    now.spent = 0s;
    for (std::size_t columns = 1; columns < 90; ++columns) {
      CHECK(columns_of(progress_line(now, columns)) < columns);
    }
    CHECK(progress_line(now, 0).find("100 %") != std::string::npos);
  }
}

}  // namespace
}  // namespace wixtokend::cli
