#include "net/unix_address.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>

using namespace wixtokend;
using namespace wixtokend::net;

TEST_SUITE("net.unix_address") {
  TEST_CASE("a path of up to 107 bytes is an address") {
    auto const address = unix_address::of("/run/x.sock");
    REQUIRE(address.has_value());
    CHECK(address->bytes.sun_family == AF_UNIX);
    CHECK(std::string{address->bytes.sun_path} == "/run/x.sock");
    auto const longest = unix_address::of(std::string(107, 'x'));
    REQUIRE(longest.has_value());
    CHECK(std::string{longest->bytes.sun_path}.size() == 107);
  }

  TEST_CASE("an empty or longer path is not, nor one with a NUL") {
    CHECK(unix_address::of("").error() == errc::invalid_address);
    CHECK(unix_address::of(std::string(108, 'x')).error() == errc::invalid_address);
    CHECK(unix_address::of(std::string("\0abstract", 9)).error() == errc::invalid_address);
    CHECK(unix_address::of(std::string("a\0b", 3)).error() == errc::invalid_address);
  }

  TEST_CASE("connecting to nothing says why") {
    CHECK(connect_unix_now("/nonexistent/socket").error().value() == ENOENT);
    CHECK(connect_unix_now(std::string(200, 'x')).error() == errc::invalid_address);
  }
}
