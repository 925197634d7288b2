#include "daemon/suggestion.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace {

using namespace wixtokend::daemon;

constexpr std::array<std::string_view, 4> words{"header_timeout", "idle_timeout", "wait_max",
                                                "mode"};

std::string near(std::string_view word) {
  return std::string{closest(word, words)};
}

}  // namespace

TEST_SUITE("daemon.suggestion") {
  TEST_CASE("a slip of the finger is recognised") {
    CHECK(near("header_timout") == "header_timeout");    // left out
    CHECK(near("header_timeoutt") == "header_timeout");  // added
    CHECK(near("header-timeout") == "header_timeout");   // changed
    CHECK(near("haeder_timeout") == "header_timeout");   // swapped
    CHECK(near("mdoe") == "mode");                       // swapped, in a short word
    CHECK(near("timeout_idle") != "header_timeout");
    CHECK(near("mode") == "mode");
  }

  TEST_CASE("another word is not") {
    CHECK(near("") == "");
    CHECK(near("colour") == "");
    CHECK(near("made_up") == "");
    CHECK(near("max") == "");
    CHECK(near(std::string(100'000, 'm')) == "");
    CHECK(std::string{closest("mode", {})} == "");
  }
}
