#include "daemon/tcp_address.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend::daemon;

namespace {

std::string read(std::string_view text) {
  auto const found = parse_tcp_address(text);
  return found ? to_text(*found) : "none";
}

}  // namespace

TEST_SUITE("daemon.tcp_address") {
  TEST_CASE("a port alone is of this machine, another address is written out") {
    CHECK(read("9464") == "127.0.0.1:9464");
    CHECK(read("0.0.0.0:9464") == "0.0.0.0:9464");
    CHECK(read("[::1]:65535") == "[::1]:65535");
    CHECK(read("[::]:1") == "[::]:1");
  }

  TEST_CASE("what is no numeric address with a port is refused") {
    for (auto const* const text :
         {"", ":", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
          "127.0.0.1:x", "localhost:9464", "::1:9464", "[127.0.0.1]:9464", "[::1]", "[]:1",
          "127.1:9464", "1.2.3.4:5:6", " 9464", "9464 ", "+9464"}) {
      CHECK_MESSAGE(read(text) == "none", text);
    }
  }
}
