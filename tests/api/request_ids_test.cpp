#include "api/request_ids.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace wixtokend::api {

TEST_SUITE("api.request_ids") {
  TEST_CASE("ids are 16 hexadecimal digits and do not repeat") {
    request_ids ids{0};
    std::set<std::string> seen;
    for (int i = 0; i < 10'000; ++i) {
      auto const id = ids.next();
      REQUIRE(id.size() == 16);
      REQUIRE(id.find_first_not_of("0123456789abcdef") == std::string::npos);
      REQUIRE(seen.insert(id).second);
    }
  }

  TEST_CASE("two seeds give different ids") {
    request_ids first{1};
    request_ids second{2};
    CHECK(first.next() != second.next());
  }
}

}  // namespace wixtokend::api
