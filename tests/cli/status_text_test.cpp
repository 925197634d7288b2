#include "cli/status_text.hpp"

#include "cli/printable.hpp"
#include "cli/status_world.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

namespace wixtokend::cli {
namespace {

TEST_SUITE("cli.status_text") {
  TEST_CASE("a page says how the daemon and its app do") {
    CHECK(status_text(example_status(example_app()), {}, 1000, 0) ==
          "wixtokend 0.1.0, up 1 h 30 min, ready\n"
          "instances      10,800 kept warm, 10,790 usable\n"
          "connections    3 open, 0 refused so far\n"
          "requests       71,022 so far, 4 denied\n"
          "\n"
          "app main\n"
          "  instances    10,950 known, 10,800 kept warm, 10,790 of these usable\n"
          "  rate         25/s of at most 50/s; needed to keep all warm 1.25/s\n"
          "  requests     3 under way, 12 waiting for their turn\n"
          "  breaker      closed\n");
  }

  TEST_CASE("a newer daemon tells more") {
    auto const page = status_text(example_status(surveyed_app()), {}, 1000, 0);
    CHECK(page.find("  states       warm 10,780, stale 10, cold 5, blocked 5, idle 150\n") !=
          std::string::npos);
    CHECK(page.find("  overdue      2 refreshes\n") != std::string::npos);
    CHECK(page.find("  outage       first token lapses in 12m, 5 % in 2h, half in 3h40m\n") !=
          std::string::npos);
    CHECK(page.find("  last errors2d2f5d2e") == std::string::npos);
    CHECK(page.find("429 throttled, 1 min ago: slow down\\x1b[2J\n") != std::string::npos);
  }

  TEST_CASE("why it is not ready is never cut") {
    auto status = example_status(example_app());
    status.ready = false;
    status.reload = wixtoken::reload_status{940, false, std::string(100, 'r')};
    auto const page = status_text(status, {std::string(90, 'x')}, 1000, 80);
    CHECK(page.find("NOT READY") != std::string::npos);
    CHECK(page.find(std::string(90, 'x')) != std::string::npos);
    CHECK(page.find(std::string(100, 'r')) != std::string::npos);
    CHECK(page.find("reload         1 min ago, REFUSED: ") != std::string::npos);
  }

  TEST_CASE("all the rest fits the terminal") {
    auto app = surveyed_app();
    app.overloaded = true;
    app.refused = true;
    app.breaker = "open";
    app.paused_seconds = 90;
    app.last_errors[0].what.message = std::string(300, 'm');
    std::istringstream page{status_text(example_status(app), {}, 1000, 80)};
    for (std::string line; std::getline(page, line);) CHECK(columns_of(line) <= 80);
  }

  TEST_CASE("what holds requests back is said in words") {
    auto app = example_app();
    app.breaker = "open";
    CHECK(breaker_text(app) == "open: Wix has failed too often, nothing goes out for a while");
    app.breaker = "half_open";
    app.paused_seconds = 90;
    CHECK(breaker_text(app) ==
          "half_open: a single probe goes out; paused for 1 min, as Wix has asked");
    CHECK(budget_text({}) == "no instance is kept warm");
    CHECK(budget_text({0, 0, 0}) == "no usable token");
    CHECK(budget_text({7200, 7000, 6900}) ==  // estimates that contradict each other
          "first token lapses in 2h, 5 % in 2h, half in 2h");
    CHECK(states_text({}) == "none");
  }
}

}  // namespace
}  // namespace wixtokend::cli
