#include "core/slab.hpp"

#include <doctest/doctest.h>

#include <string>

using wixtokend::core::slab;

TEST_SUITE("core.slab") {
  TEST_CASE("rows stay where they are while others come and go") {
    slab<std::string> rows;
    auto const first = rows.take();
    rows[first] = "here";
    auto const* const before = &rows[first];
    for (int i = 0; i < 5'000; ++i) rows.take();
    CHECK(&rows[first] == before);
    CHECK(rows.in_use() == 5'001);
  }

  TEST_CASE("a freed row is used again, in its initial state") {
    slab<std::string> rows;
    rows.take();
    auto const row = rows.take();
    rows[row] = "secret";
    rows.free(row);
    CHECK(rows.in_use() == 1);
    CHECK(rows.take() == row);
    CHECK(rows[row].empty());
    CHECK(rows.end() == 2);
  }
}
