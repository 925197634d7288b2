#include "cli/table.hpp"

#include "cli/printable.hpp"

#include <doctest/doctest.h>

namespace wixtokend::cli {
namespace {

table example(std::size_t total) {
  return table{{{"ID", 4}, {"N", 3, true}, {"WIDE", 5, false, 30}, {"LAST", 4}}, total};
}

TEST_SUITE("cli.table") {
  TEST_CASE("columns stand under their titles") {
    auto const t = example(40);
    CHECK(t.header() == "ID      N  WIDE   LAST");
    CHECK(t.row({"a", "12", "w", "rest"}) == "a      12  w      rest");
  }

  TEST_CASE("a narrow terminal leaves columns out and cuts the last one") {
    auto const t = example(20);
    CHECK(t.header() == "ID      N  LAST");
    CHECK(t.row({"abcdefg", "1", "w", "a long text"}) == "abc…    1  a long t…");
    CHECK(columns_of(t.row({"a", "1", "w", "a very long text"})) == 20);
  }

  TEST_CASE("without a terminal nothing is cut") {
    CHECK(example(0).row({"abcdefg", "1", "w", "a long text"}) ==
          "abcdefg    1  w      a long text");
  }

  TEST_CASE("no row ends in blanks") {
    CHECK(example(0).row({"a", "1", "", ""}) == "a       1");
    CHECK(example(5).row({"a", "1", "", "x"}).size() <= 9);
  }
}

}  // namespace
}  // namespace wixtokend::cli
