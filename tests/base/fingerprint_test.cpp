#include "base/fingerprint.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace wixtokend {

TEST_SUITE("base.fingerprint") {
  TEST_CASE("it is the begin of HMAC-SHA256 (RFC 4231, test case 2)") {
    fingerprint_key const key{"Jefe"};
    auto const name = key.of(secret{"what do ya want for nothing?"});
    CHECK(name == 0x5bdc'c146'bf60'754eULL);
  }

  TEST_CASE("equal secrets share one, different ones and different keys do not") {
    fingerprint_key const key{std::string(32, 'k')};
    fingerprint_key const other{std::string(32, 'o')};
    CHECK(key.of(secret{"a"}) == key.of(secret{"a"}));
    CHECK(key.of(secret{"a"}) != other.of(secret{"a"}));
    std::set<fingerprint> seen;
    for (int i = 0; i < 1'000; ++i) seen.insert(key.of(secret{"token-" + std::to_string(i)}));
    CHECK(seen.size() == 1'000);
  }

  TEST_CASE("an empty secret and a very long one have one, too") {
    fingerprint_key const key{std::string(32, 'k')};
    CHECK(key.of(secret{}) != key.of(secret{std::string(64 * 1024, 'x')}));
  }
}

}  // namespace wixtokend
