#include "emulator/routes.hpp"

#include <doctest/doctest.h>

using namespace wixtokend::emulator;

TEST_SUITE("emulator.routes") {
  TEST_CASE("a path is what stands before the query, without a trailing slash") {
    CHECK(path_of("/oauth2/token") == "/oauth2/token");
    CHECK(path_of("/oauth/access/") == "/oauth/access");
    CHECK(path_of("/oauth2/token/?fresh=1") == "/oauth2/token");
    CHECK(path_of("/") == "/");
    CHECK(path_of("/?x") == "/");
    CHECK(path_of("") == "");
  }

  TEST_CASE("a query is what stands behind the first question mark") {
    CHECK(query_of("/a?b=c?d") == "b=c?d");
    CHECK(query_of("/a?") == "");
    CHECK(query_of("/a") == "");
  }

  TEST_CASE("the upstream's calls are recognised by their paths, all else is other") {
    CHECK(route_of("/oauth2/token") == route::token);
    CHECK(route_of("/oauth/access") == route::access);
    CHECK(route_of("/oauth2/token-info") == route::token_info);
    CHECK(route_of("/apps/v1/instance") == route::instance);
    CHECK(route_of("/devcenter/app-instance/v1/instance") == route::instance);
    CHECK(route_of("/oauth2/tokens") == route::other);
    CHECK(route_of("/OAUTH2/TOKEN") == route::other);
    CHECK(route_of("/") == route::other);
  }

  TEST_CASE("every route has a name by which it is found") {
    for (std::size_t i = 0; i < route_count; ++i) {
      auto const where = static_cast<route>(i);
      CHECK(route_named(name_of(where)) == where);
    }
    CHECK_FALSE(route_named("tokens").has_value());
    CHECK_FALSE(route_named("").has_value());
  }
}
