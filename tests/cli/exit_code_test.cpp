#include "cli/exit_code.hpp"

#include <doctest/doctest.h>

namespace wixtokend::cli {
namespace {

TEST_SUITE("cli.exit_code") {
  TEST_CASE("each kind of error has the number that is documented") {
    using enum wixtoken::error_kind;
    auto const number = [](wixtoken::error_kind kind) {
      return static_cast<int>(exit_code_of(kind));
    };
    CHECK(number(unreachable) == 69);
    CHECK(number(no_permission) == 69);
    CHECK(number(not_trusted) == 69);
    CHECK(number(timed_out) == 75);
    CHECK(number(connection_lost) == 75);
    CHECK(number(unavailable) == 75);
    CHECK(number(protocol) == 76);
    CHECK(number(invalid) == 65);
    CHECK(number(denied) == 77);
    CHECK(number(unknown) == 67);
    CHECK(number(conflict) == 73);
    CHECK(number(refused_by_wix) == 68);
  }
}

}  // namespace
}  // namespace wixtokend::cli
