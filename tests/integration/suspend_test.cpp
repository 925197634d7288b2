// The machine sleeps for an hour: as seen by the daemon, through a library that moves its clocks,
// and by the emulator, in whose virtual time an hour passes as well.

#include "integration/world.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <string>

using namespace wixtokend::test;

namespace {

struct sleeping_world : world {
  explicit sleeping_world(unsigned expires_in) : world{options(expires_in)} {
    folder().write("slept", std::string(sizeof slept_s_, '\0'));
    start_daemon_through({"env", "LD_PRELOAD=" + program("libclock_shim.so"),
                          "CLOCK_SHIM=" + folder().path("slept")});
    start_daemon();
  }

  void sleep_for_an_hour() {
    constexpr std::int64_t hour_s = 3600;
    control("POST", "advance", R"({"seconds":3600})");
    slept_s_ += hour_s;
    std::int64_t const slept_ns = slept_s_ * 1'000'000'000;
    int const file = ::open(folder().path("slept").c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(::pwrite(file, &slept_ns, sizeof slept_ns, 0) == sizeof slept_ns);
    ::close(file);
  }

  static world_options options(unsigned expires_in) {
    world_options out;
    out.expires_in = expires_in;
    out.start_daemon = false;
    return out;
  }

 private:
  std::int64_t slept_s_ = 0;
};

}  // namespace

TEST_SUITE("integration.suspend") {
  TEST_CASE("after an hour of sleep no token is handed out whose life ended meanwhile") {
    sleeping_world w{1800};
    auto const path = instance_path(1) + "/token?wait=20";
    auto kept = w.connect();
    for (int round = 0; round < 5; ++round) {
      CAPTURE(round);
      auto const before = w.warm_token(1);
      REQUIRE(kept.request("GET", path).status == 200);
      w.sleep_for_an_hour();
      for (auto const& answer : {kept.request("GET", path), w.token(1, "?wait=20")}) {
        REQUIRE_MESSAGE(answer.status == 200, answer.body);
        auto const after = parse(answer);
        w.remember_secret(text(after, "access_token"));
        CHECK(number_of(after, "generation") > number_of(before, "generation"));
        CHECK(text(after, "access_token") != text(before, "access_token"));
        CHECK(number_of(after, "expires_in") > 1000);
      }
    }
  }

  TEST_CASE("nor when there is no other one, and no answer tells of it as if it were good") {
    sleeping_world w{1800};
    auto const before = w.warm_token(1);
    w.script(R"({"route":"token","kind":"error","status":503})");
    w.sleep_for_an_hour();
    CHECK(w.token(1, "?wait=0").status / 100 == 5);
    auto const generation = std::to_string(number_of(before, "generation"));
    auto const known = w.token(1, "?wait=0", "If-None-Match: \"" + generation + "\"\r\n");
    CHECK(known.status / 100 == 5);
    w.script("");
    CHECK(number_of(w.warm_token(1), "generation") > number_of(before, "generation"));
  }

  TEST_CASE("a token that lives on is served on, with its remaining time") {
    sleeping_world w{14'400};
    auto const before = w.warm_token(1);
    w.sleep_for_an_hour();
    auto const after = w.warm_token(1);
    CHECK(number_of(after, "generation") == number_of(before, "generation"));
    auto const gone = number_of(before, "expires_in") - number_of(after, "expires_in");
    CHECK(gone >= 3600);
    CHECK(gone < 3700);
    CHECK(w.mints(1) == 1);
  }
}
