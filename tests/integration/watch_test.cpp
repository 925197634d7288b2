// Thousands of callers that wait for the next token, on real sockets.

#include "base/text.hpp"
#include "integration/world.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

constexpr rlim_t watchers_wanted = 10'000;
constexpr rlim_t other_descriptors = 500;
constexpr std::size_t bytes_per_watcher_max = 32 * 1024;

// As many as the limit of open files, which is raised, lets this process and the daemon have.
std::size_t watchers_possible() {
  rlimit files{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  return static_cast<std::size_t>(
      std::min(watchers_wanted, files.rlim_cur - std::min(files.rlim_cur, other_descriptors)));
}

std::size_t resident_bytes(process const& of) {
  std::ifstream status{"/proc/" + std::to_string(of.pid()) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("VmRSS:")) continue;
    auto const from = line.find_first_of("0123456789");
    auto const size = line.find(' ', from) - from;
    return wixtokend::parse_decimal(std::string_view{line}.substr(from, size)).value() * 1024;
  }
  return 0;
}

world_options roomy() {
  world_options options;
  options.log_level = "info";
  options.settings =
      "[limits]\nconnections = 12000\nconnections_per_uid = 12000\nwaiters_per_uid = 12000\n";
  return options;
}

std::string watch_request(std::string const& tag, std::string const& seconds) {
  return "GET " + instance_path(1) + "/token HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: " + tag +
         "\r\nPrefer: wait=" + seconds + "\r\n\r\n";
}

long long milliseconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin)
      .count();
}

}  // namespace

TEST_SUITE("integration.watch") {
  TEST_CASE("one refresh tells ten thousand watchers, and costs one mint") {
    auto const count = watchers_possible();
    WARN_MESSAGE(count == watchers_wanted, "the limit of open files allows only " << count);
    REQUIRE(count >= 400);
    world w{roomy()};
    w.warm_token(1);
    auto const tag = w.token(1).header("etag");
    auto const before = resident_bytes(w.daemon());

    std::vector<raw_client> watchers;
    watchers.reserve(count);
    auto const begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      watchers.push_back(w.connect());
      REQUIRE(watchers.back().send(watch_request(tag, "60")));
    }
    // Their requests were all sent before this one, yet its answer says only that most were read.
    REQUIRE(w.call("GET", "/healthz").status == 200);
    auto const begun = milliseconds_since(begin);
    pause_briefly();
    auto const with = resident_bytes(w.daemon());
    auto const each = (with - std::min(before, with)) / count;
    CHECK(each <= bytes_per_watcher_max);

    auto const rejected = std::chrono::steady_clock::now();
    auto const answer = w.call("POST", instance_path(1) + "/token/reject",
                               R"({"generation":)" + tag.substr(1, tag.size() - 2) + "}");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    auto const next = answer.header("etag");
    w.remember_secret(text(parse(answer), "access_token"));
    std::size_t told = 0;
    for (auto& watcher : watchers) {
      auto const heard = watcher.receive();
      if (heard.status == 200 && heard.header("etag") == next) ++told;
    }
    auto const all_told = milliseconds_since(rejected);
    CHECK(told == count);
    CHECK(w.mints(1) == 2);
    MESSAGE(count << " watchers: begun within " << begun << " ms, each takes " << each
                  << " bytes of the daemon's memory, all told " << all_told
                  << " ms after the token was reported as refused");
  }

  TEST_CASE(
      "a watch that brings nothing ends with 304 after its time, and at once when the daemon "
      "stops") {
    world w;
    w.warm_token(1);
    auto const tag = w.token(1).header("etag");
    auto first = w.connect();
    auto const begin = std::chrono::steady_clock::now();
    REQUIRE(first.send(watch_request(tag, "1")));
    auto const ended = first.receive(20s, true);
    CHECK(ended.status == 304);
    CHECK(ended.header("preference-applied") == "wait=1");
    CHECK(milliseconds_since(begin) >= 1'000);

    auto second = w.connect();
    REQUIRE(second.send(watch_request(tag, "60")));
    REQUIRE(w.call("GET", "/healthz").status == 200);
    auto const stopping = std::chrono::steady_clock::now();
    CHECK(w.stop_daemon() == 0);
    CHECK(second.receive(20s, true).status == 304);
    CHECK(milliseconds_since(stopping) < 20'000);
    CHECK(w.mints(1) == 1);
  }
}
