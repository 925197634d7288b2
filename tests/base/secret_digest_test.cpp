#include "base/secret_digest.hpp"

#include "support/allocations.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace wixtokend {

TEST_SUITE("base.secret_digest") {
  TEST_CASE("it is the begin of SHA-256, as `sha256sum` prints it") {
    CHECK(digest_of(secret{"abc"}) == 0xba78'16bf'8f01'cfeaULL);  // FIPS 180-4
    CHECK(digest_of(secret{}) == 0xe3b0'c442'98fc'1c14ULL);
    CHECK(digest_of(secret{std::string(1'000'000, 'a')}) == 0xcdc7'6e5c'9914'fb92ULL);
  }

  TEST_CASE("it takes no memory") {
    secret const token{std::string(1'500, 't')};
    auto const first = digest_of(token);
    auto const before = test::allocations();
    bool same = true;
    for (int i = 0; i < 1'000; ++i) same = same && digest_of(token) == first;
    CHECK(test::allocations() == before);
    CHECK(same);
    auto const seen = std::make_unique<int>(1);
    CHECK(test::allocations() > before);  // what is counted can be seen
  }
}

}  // namespace wixtokend
