#include "daemon/account_names.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;

}  // namespace

TEST_SUITE("daemon.account_names") {
  TEST_CASE("names that every Debian has become numbers") {
    REQUIRE(find_user("root").has_value());
    CHECK(*find_user("root") == 0);
    CHECK(*find_user("nobody") == 65534);
    CHECK(*find_group("root") == 0);
    CHECK(*find_group("nogroup") == 65534);
  }

  TEST_CASE("numbers stand for themselves, whether such an account exists or not") {
    CHECK(*find_user("0") == 0);
    CHECK(*find_user("123456789") == 123456789);
    CHECK(*find_group("4294967294") == 4294967294U);
  }

  TEST_CASE("unknown names and impossible numbers are errors") {
    CHECK(find_user("no-such-user-here").error() == errc::unknown_name);
    CHECK(find_group("no-such-group-here").error() == errc::unknown_name);
    CHECK(find_user("").error() == errc::unknown_name);
    CHECK(find_user("4294967295").error() == errc::unknown_name);  // (uid_t)-1
    CHECK(find_user("99999999999999999999").error() == errc::unknown_name);
    CHECK(find_user("-1").error() == errc::unknown_name);
    CHECK(find_user(std::string(10'000, 'x')).error() == errc::unknown_name);
  }
}
