#include "core/access.hpp"

#include <doctest/doctest.h>

using namespace wixtokend::core;

TEST_SUITE("core.access") {
  TEST_CASE("by default the daemon's own user and root may do everything, others nothing") {
    auto const policy = access_policy::own_user_and_root(990, 65'534);
    for (auto const needed : {role::read, role::register_, role::manage, role::status}) {
      CHECK(policy.allows({990, 990, {}}, needed));
      CHECK(policy.allows({0, 0, {}}, needed));
      CHECK_FALSE(policy.allows({1000, 990, {990, 0}}, needed));
    }
  }

  TEST_CASE("the overflow uid identifies nobody, even if a rule names it") {
    access_policy const policy{{{65'534, all_roles}}, 65'534};
    CHECK_FALSE(policy.allows({65'534, 0, {}}, role::read));
    auto const own = access_policy::own_user_and_root(65'534, 65'534);
    CHECK_FALSE(own.allows({65'534, 0, {}}, role::status));
  }

  TEST_CASE("a rule grants its roles and no others") {
    access_policy const policy{{{1000, static_cast<role_set>(role::read)}}, 65'534};
    CHECK(policy.allows({1000, 1, {}}, role::read));
    CHECK_FALSE(policy.allows({1000, 1, {}}, role::manage));
  }

  TEST_CASE("without rules nobody has access") {
    access_policy const policy{{}, 65'534};
    CHECK_FALSE(policy.allows({0, 0, {}}, role::read));
  }
}
