#include "observe/log.hpp"

#include "support/captured_stderr.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::observe;

template <class Action>
std::string written(log_level level, log_format format, Action act) {
  test::captured_stderr const captured;
  auto const log = make_stderr_logger(level, format);
  act(*log);
  return captured.text();
}

bool matches(std::string const& text, char const* pattern) {
  return std::regex_match(text, std::regex{pattern});
}

}  // namespace

TEST_SUITE("observe.log") {
  TEST_CASE("text lines have the time in UTC, the level, the event and its fields") {
    auto const text = written(log_level::info, log_format::text, [](logger& log) {
      log.info("token_minted", {{"app", "main"}, {"life", "4h"}});
    });
    CHECK_MESSAGE(matches(text, R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info    )"
                                R"(token_minted app=main life=4h\n)"),
                  text);
  }

  TEST_CASE("json lines are one object each") {
    auto const text = written(log_level::info, log_format::json, [](logger& log) {
      log.warning("mint_failed", {{"reason", "said \"no\"\n"}});
    });
    CHECK_MESSAGE(matches(text, R"(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",)"
                                R"("level":"warning","event":"mint_failed",)"
                                R"("reason":"said \\"no\\"\\n"\}\n)"),
                  text);
  }

  TEST_CASE("journald lines have a priority and no time") {
    auto const text = written(log_level::trace, log_format::journald, [](logger& log) {
      log.write(log_level::trace, "a", {});
      log.debug("b", {});
      log.info("c", {{"k", "v w"}});
      log.warning("d", {});
      log.error("e", {});
    });
    CHECK(text == "<7>a\n<7>b\n<6>c k=\"v w\"\n<4>d\n<3>e\n");
  }

  TEST_CASE("a line below the level is not written") {
    auto const text = written(log_level::warning, log_format::journald, [](logger& log) {
      CHECK(!log.enabled(log_level::info));
      CHECK(log.enabled(log_level::warning));
      log.info("quiet", {});
      log.write(log_level::debug, "quiet", {});
      log.warning("loud", {});
    });
    CHECK(text == "<4>loud\n");

    auto const errors = written(log_level::error, log_format::journald, [](logger& log) {
      log.warning("quiet", {});
      log.error("loud", {});
    });
    CHECK(errors == "<3>loud\n");
  }

  TEST_CASE("braces and percent signs are nothing special") {
    auto const text = written(log_level::info, log_format::journald, [](logger& log) {
      log.info("e", {{"k", "{}%v%%{0}"}});
    });
    CHECK(text == "<6>e k={}%v%%{0}\n");
  }

  TEST_CASE("no line exceeds its limit, in any format") {
    for (auto const format : {log_format::text, log_format::json, log_format::journald}) {
      auto const text = written(log_level::info, format, [](logger& log) {
        std::string const big(5000, '"');
        log.warning("e", {{"a", big}, {"b", big}, {"c", big}, {"d", big}, {"e", big}});
      });
      CHECK(text.size() > 3000);
      CHECK(text.size() <= 4096);
      CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    }
  }

  TEST_CASE("lines of several threads do not mix") {
    auto const text = written(log_level::info, log_format::journald, [](logger& log) {
      std::vector<std::thread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&log] {
          for (int n = 0; n < 200; ++n) log.info("e", {{"k", std::string(50, 'x')}});
        });
      }
      for (auto& one : threads) one.join();
    });
    std::string const line = "<6>e k=" + std::string(50, 'x') + "\n";
    std::string expected;
    for (int i = 0; i < 800; ++i) expected += line;
    CHECK(text == expected);
  }

  TEST_CASE("levels are known by their names only") {
    log_level level = log_level::error;
    CHECK(parse_log_level("trace", level));
    CHECK(level == log_level::trace);
    CHECK(parse_log_level("debug", level));
    CHECK(level == log_level::debug);
    CHECK(parse_log_level("info", level));
    CHECK(level == log_level::info);
    CHECK(parse_log_level("warning", level));
    CHECK(level == log_level::warning);
    CHECK(parse_log_level("error", level));
    CHECK(level == log_level::error);

    for (auto const* const wrong : {"", "warn", "Info", "info ", "fatal"}) {
      CHECK(!parse_log_level(wrong, level));
    }
    CHECK(level == log_level::error);
  }
}
