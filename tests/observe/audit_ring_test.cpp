#include "observe/audit_ring.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace wixtokend::observe {
namespace {

audit_record numbered(std::uint64_t n) {
  audit_record out;
  out.generation = n;
  return out;
}

}  // namespace

TEST_SUITE("observe.audit_ring") {
  TEST_CASE("records come out in their order, round and round") {
    audit_ring ring{3};
    std::uint64_t in = 0;
    std::uint64_t out = 0;
    for (int round = 0; round < 10; ++round) {
      while (!ring.full()) ring.push(numbered(in++));
      CHECK(ring.size() == 3);
      std::vector<audit_record> taken;
      ring.take(taken, 2);
      REQUIRE(taken.size() == 2);
      for (auto const& one : taken) CHECK(one.generation == out++);
      CHECK(ring.size() == 1);
    }
  }

  TEST_CASE("no more is taken than is there") {
    audit_ring ring{2};
    std::vector<audit_record> taken;
    ring.take(taken, 5);
    CHECK(taken.empty());
    ring.push(numbered(7));
    ring.take(taken, 5);
    CHECK(taken.size() == 1);
    CHECK(ring.empty());
  }
}

}  // namespace wixtokend::observe
