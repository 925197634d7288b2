#include "daemon/status_line.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using namespace std::chrono_literals;

constexpr instant now{1h};

core::app_view seen(std::size_t usable, std::size_t kept_warm) {
  core::app_view out;
  out.usable = usable;
  out.kept_warm = kept_warm;
  return out;
}

}  // namespace

TEST_SUITE("daemon.status_line") {
  TEST_CASE("the instances of all apps are counted together") {
    CHECK(status_line({{"main", seen(3, 4)}, {"blog", seen(2, 2)}}, now, "") ==
          "5 of 6 instances kept warm are usable");
  }

  TEST_CASE("of each app the worst trouble is told") {
    core::failure refusal;
    refusal.status = 401;
    auto app = seen(1, 1);
    app.paused_until = now + 1s;
    CHECK(status_line({{"main", app}}, now, "") ==
          "1 of 1 instances kept warm are usable; app main is throttled by Wix");
    CHECK(status_line({{"main", app}}, now + 1s, "") == "1 of 1 instances kept warm are usable");
    app.breaker = core::breaker_state::half_open;
    CHECK(status_line({{"main", app}}, now, "") ==
          "1 of 1 instances kept warm are usable; app main gets no tokens: Wix fails");
    app.refusal = &refusal;
    CHECK(status_line({{"main", app}, {"blog", app}}, now, "") ==
          "2 of 2 instances kept warm are usable; app main is refused: status 401; app blog is "
          "refused: status 401");
    refusal.code = "invalid_client";
    app.suspected = true;
    CHECK(status_line({{"main", app}}, now, "") ==
          "1 of 1 instances kept warm are usable; app main seems to be refused: invalid_client");
  }

  TEST_CASE("a reload that was refused stays in the line, with its reason") {
    CHECK(status_line({{"main", seen(0, 0)}}, now, "/etc/w.toml:3: no") ==
          "0 of 0 instances kept warm are usable; the last reload was refused: /etc/w.toml:3: no");
  }
}
