#include "cli/top_screen.hpp"

#include "cli/printable.hpp"
#include "cli/status_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace wixtokend::cli {
namespace {

top_data example() {
  top_data out;
  out.status = example_status(surveyed_app());
  out.now = 1000;
  out.request_rate = 12.5;
  out.soonest = {{"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55", "stale", 1030, 1010},
                 {"7a1c0a52-93f4-4f0e-8f0a-5d8f6f2f1c11", "warm", 4600, std::nullopt}};
  out.soonest_app = "main";
  return out;
}

std::string text_of(std::vector<std::string> const& lines) {
  std::string all;
  for (auto const& one : lines) all += one + "\n";
  return all;
}

// Without the sequences that colour.
std::string uncoloured(std::string text) {
  for (auto at = text.find('\x1b'); at != text.npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) - at + 1);
  }
  return text;
}

TEST_SUITE("cli.top_screen") {
  TEST_CASE("at eighty columns and twenty-four rows it is all there") {
    auto const lines = top_lines(example(), top_layout{});
    CHECK(lines.size() == 24);
    auto const text = text_of(lines);
    for (auto const* const part :
         {"wixtokend 0.1.0  up 1 h 30 min  READY", "1970-01-01T00:16:40Z", "requests 12.5/s",
          "app main: 10,950 instances", "] 99.9 %", "warm 10,780, stale 10", "25/s of 50/s",
          "3 under way, 12 waiting, 2 overdue", "breaker    closed",
          "first token lapses in 12m, 5 % in 2h, half in 3h40m", "ends soonest",
          "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55     30s  stale", "last errors",
          "429 throttled, 1 min ago", "q quit"}) {
      CHECK_MESSAGE(text.find(part) != std::string::npos, part);
    }
    CHECK(text.find('\x1b') == std::string::npos);
  }

  TEST_CASE("no line is wider than the screen, no page longer, whatever the size") {
    auto data = example();
    data.status->apps.push_back(surveyed_app());
    data.status->apps.back().refused = true;
    data.status->apps.back().last_errors[0].what.message = "日本語 " + std::string(200, 'm');
    top_layout layout;
    for (layout.columns = 1; layout.columns < 200; layout.columns += 7) {
      for (layout.rows = 2; layout.rows < 60; layout.rows += 5) {
        for (bool const colour : {false, true}) {
          layout.colour = colour;
          auto const lines = top_lines(data, layout);
          CHECK(lines.size() == layout.rows);
          for (auto const& one : lines) CHECK(columns_of(uncoloured(one)) <= layout.columns);
        }
      }
    }
  }

  TEST_CASE("colours are all that colours add") {
    top_layout plain;
    top_layout coloured;
    coloured.colour = true;
    auto const text = text_of(top_lines(example(), coloured));
    CHECK(text.find('\x1b') != std::string::npos);
    CHECK(uncoloured(text) == text_of(top_lines(example(), plain)));
  }

  TEST_CASE("text from outside cannot steer the terminal") {
    auto data = example();
    data.status->version = "1\x1b[2J";
    data.status->apps[0].name = "a\nb";
    data.status->apps[0].breaker = "\x1b]0;x\x07";
    data.soonest[0].instance_id = "i\rj";
    data.soonest_app = "a\nb";
    for (auto const& line : top_lines(data, top_layout{})) {
      for (char const c : line) CHECK(static_cast<unsigned char>(c) >= 0x20);
    }
  }

  TEST_CASE("a daemon that does not answer leaves the reason on the screen") {
    top_data gone;
    gone.now = 1000;
    gone.problem = "socket_missing: there is no socket /x\n  what to do: start it\n";
    auto const lines = top_lines(gone, top_layout{});
    CHECK(lines.size() == 24);
    CHECK(lines[2] == "socket_missing: there is no socket /x");
    CHECK(lines[3] == "  what to do: start it");
    CHECK(lines.back().starts_with("q quit"));
    gone.problem = "a b  " + std::string(78, 'c') + " d\ne";
    auto const wrapped = top_lines(gone, top_layout{});
    CHECK(wrapped[2] == "a b ");
    CHECK(wrapped[3] == std::string(78, 'c') + " d");
    CHECK(wrapped[4] == "e");
  }

  TEST_CASE("an older daemon's figures are enough for a page") {
    top_data old;
    old.status = example_status(example_app());
    old.soonest_note = "listing needs the role manage";
    old.soonest_app = "main";
    auto const text = text_of(top_lines(old, top_layout{}));
    CHECK(text.find("states") == std::string::npos);
    CHECK(text.find("outage") == std::string::npos);
    CHECK(text.find("listing needs the role manage") != std::string::npos);
  }

  TEST_CASE("printed once, it has no keys and no limit of rows") {
    top_layout once;
    once.rows = 0;
    once.interval_tenths = 0;
    auto const lines = top_lines(example(), once);
    CHECK(lines.size() > 10);
    once.columns = 0;
    auto data = example();
    data.status->apps[0].last_errors[0].what.message = std::string(500, 'm');
    auto const uncut = text_of(top_lines(data, once));
    CHECK(uncut.find(std::string(500, 'm')) != std::string::npos);
    CHECK(uncut.starts_with("wixtokend 0.1.0  up 1 h 30 min  READY  1970-01-01T00:16:40Z\n"));
    CHECK(text_of(lines).find("q quit") == std::string::npos);
  }

  TEST_CASE("a hundred percent are all of them") {
    auto data = example();
    data.status->apps[0].kept_warm = 100'000;
    data.status->apps[0].usable = 99'999;
    CHECK(text_of(top_lines(data, top_layout{})).find("] 99.9 %") != std::string::npos);
    data.status->apps[0].usable = 100'000;
    CHECK(text_of(top_lines(data, top_layout{})).find("] 100 %") != std::string::npos);
  }
}

}  // namespace
}  // namespace wixtokend::cli
