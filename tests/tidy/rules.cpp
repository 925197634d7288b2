#include "tidy/rules.hpp"

#include <algorithm>

namespace wixtokend::tidy {

// clang-format off
std::vector<folder_rule> const& folder_rules() {
  static std::vector<folder_rule> const rules{
      {"base",     {}},
      {"boost",    {}},
      {"async",    {"base"}},
      {"core",     {"base"}},
      {"observe",  {"base", "async"}},
      {"http",     {"base"}},
      {"net",      {"base", "async", "http", "observe"}},
      {"service",  {"base", "async", "core", "observe"}},
      {"wix",      {"base", "async", "core", "http", "net", "service", "observe"}},
      {"store",    {"base", "async", "core", "service", "observe"}},
      {"api",      {"base", "async", "core", "http", "net", "service", "observe"}},
      {"emulator", {"base", "async", "http", "net", "observe"}},  // not wix: no shared bugs
      {"client",   {"wixtoken"}},
      {"cli",      {"wixtoken", "base"}},
      {"daemon",   {"base", "async", "core", "observe", "http", "net", "service", "wix", "store",
                    "api"}},
  };
  return rules;
}

std::vector<library_rule> const& library_rules() {
  using enum library_rule::reach;
  static std::vector<library_rule> const rules{
      // Costly headers: a second of compile time or more each.
      {"boost/beast",         {"boost", "http", "client"}, own_folder},
      {"boost/asio/ssl",      {"boost", "net", "client"}, own_folder},
      {"boost/asio/impl",     {"boost"}, own_folder},
      {"boost/asio.hpp",      {}, own_folder},  // everything at once: name the headers
      {"boost/asio/",         {"async", "net", "service", "wix", "store", "api", "daemon", "client",
                               "wixtoken", "emulator", "cpp"}, anywhere},  // clients/cpp
      {"boost/json/fwd.hpp",  {"wix", "api", "emulator", "client"}, anywhere},
      {"boost/json",          {"wix", "api", "emulator", "client"}, own_folder},
      {"openssl/",            {"base", "net", "wix", "store", "emulator"}, own_folder},
      {"spdlog/",             {"observe"}, own_folder},
      {"toml++/",             {"daemon"}, own_folder},
      {"CLI/",                {"daemon", "cli", "emulator"}, own_folder},
      {"sqlite3",             {"store"}, own_folder},
  };
  return rules;
}

std::vector<std::string_view> const& impure_headers() {
  static std::vector<std::string_view> const headers{
      "fstream", "iostream", "filesystem", "random", "thread", "mutex", "condition_variable",
      "future", "ctime", "time.h", "unistd.h", "fcntl.h", "netdb.h", "sys/", "boost/asio"};
  return headers;
}

std::vector<std::string_view> const& pure_folders() {
  static std::vector<std::string_view> const folders{"base", "core", "http"};
  return folders;
}

std::vector<ban> const& bans() {
  static constexpr std::string_view number = "parse_decimal (base/text.hpp)";
  static constexpr std::string_view clock = "time_source (async/time_source.hpp)";
  static constexpr std::string_view wait = "time_source::sleep_until; virtual time in tests";
  static std::vector<std::string_view> const clock_readers{
      "src/async/", "src/cli/main.cpp", "tests/integration/", "tests/support/", "bench/"};
  static std::vector<std::string_view> const sleepers{"tests/integration/", "bench/"};
  static std::vector<ban> const words{
      {"asio::detached", "task_group::spawn: detached loses exceptions", {}},
      {"stoi", number, {}}, {"stol", number, {}}, {"stoll", number, {}}, {"stoul", number, {}},
      {"stoull", number, {}}, {"stof", number, {}}, {"stod", number, {}}, {"stold", number, {}},
      {"atoi", number, {}}, {"atol", number, {}}, {"atoll", number, {}}, {"atof", number, {}},
      {"strtol", number, {}}, {"strtoul", number, {}}, {"strtoull", number, {}},
      {"system_clock::now", clock, clock_readers},
      {"steady_clock::now", clock,
       {"src/async/", "src/client/", "include/wixtoken/", "tests/integration/", "tests/support/",
        "tests/sim/command_line.cpp", "bench/"}},
      {"high_resolution_clock", clock, {}},
      {"clock_gettime", clock, clock_readers},
      {"gettimeofday", clock, clock_readers},
      {"sleep_for", wait, sleepers}, {"usleep", wait, sleepers}, {"nanosleep", wait, sleepers},
      {"this_thread::sleep_until", wait, sleepers},
      {"getenv", "a constructor argument, filled by the program",
       {"src/daemon/", "src/emulator/", "src/cli/", "tests/", "bench/"}},
      {"secure_getenv", "a constructor argument, filled by the program",
       {"src/daemon/", "src/emulator/", "src/cli/", "tests/", "bench/"}},
      {"reveal", "a `secret` as it is: it is opened only where it enters or leaves the process",
       {"src/base/", "src/wix/", "src/store/", "src/api/", "src/daemon/", "src/cli/",
        "src/emulator/", "src/client/", "include/wixtoken/", "clients/", "tests/",
        "bench/"}},
      {"doctest::skip", "a test that runs: skipped tests are not seen by ctest", {}},
      {"make_strand", "the one loop thread: there is nothing to serialise", {}},
      {"strcpy", "std::string", {}}, {"sprintf", "std::to_string or fmt", {}},
      {"rand", "a seeded generator as constructor argument",
       {"src/store/key_derivation.cpp"}},  // includes openssl/rand.h
  };
  return words;
}
// clang-format on

library_rule const* library_rule_of(std::string_view target) {
  auto const rule = std::ranges::find_if(
      library_rules(), [&](library_rule const& one) { return target.starts_with(one.prefix); });
  return rule == library_rules().end() ? nullptr : &*rule;
}

std::vector<ban> const& text_bans() {
  // Written in pieces, so that this file passes its own check.
  static std::vector<ban> const texts{
      {"TO"
       "DO",
       "do it, or open an issue",
       {}},
      {"FIX"
       "ME",
       "fix it, or open an issue",
       {}},
      {"XX"
       "X",
       "say what is meant, or open an issue",
       {}},
      {"HA"
       "CK",
       "say what is meant, or open an issue",
       {}},
      {"/ro"
       "ot/",
       "a path of somebody's machine",
       {}},
  };
  return texts;
}

}  // namespace wixtokend::tidy
