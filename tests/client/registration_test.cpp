#include "wixtoken/instance.hpp"

#include <doctest/doctest.h>

namespace wixtoken {
namespace {

TEST_SUITE("client.registration") {
  TEST_CASE("each grant has its body") {
    CHECK(registration{}.body().reveal() == "{}");
    CHECK(registration::client_credentials().body().reveal() ==
          R"({"grant":"client_credentials"})");
    CHECK(registration::refresh_token(secret{"OAUTH2.x"}).body().reveal() ==
          R"({"grant":"refresh_token","refresh_token":"OAUTH2.x"})");
    CHECK(registration::authorization_code(secret{"c"}).body().reveal() ==
          R"({"grant":"authorization_code","code":"c"})");
    CHECK(registration::refresh_token(secret{"x"}, true).replace());
    CHECK_FALSE(registration::refresh_token(secret{"x"}).replace());
  }

  TEST_CASE("whatever a secret has in it, it stays one string") {
    CHECK(registration::refresh_token(secret{"a\"b\\c\n"}).body().reveal() ==
          R"({"grant":"refresh_token","refresh_token":"a\"b\\c\u000a"})");
  }
}

}  // namespace
}  // namespace wixtoken
