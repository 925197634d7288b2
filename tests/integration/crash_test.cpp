// The daemon is killed at random moments, again and again: what it has acknowledged is there
// afterwards, and nothing is half there. `./dev test crash --kills N` kills it more often.

#include "base/text.hpp"
#include "integration/world.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

using namespace wixtokend::test;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

unsigned number_from(char const* variable, unsigned otherwise) {
  char const* const text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  if (text == nullptr) return otherwise;
  return static_cast<unsigned>(wixtokend::parse_decimal(text).value());
}

// What the world outside was told of one instance.
struct promise {
  enum class state { unknown, maybe, registered, removed };
  state is = state::unknown;
  bool refresh_token = false;  ///< a refresh token was acknowledged, or seen as the grant
  bool code = false;           ///< a code was acknowledged
  bool exchanged = false;      ///< that it became a refresh token was seen
  std::uint64_t generation = 0;
  std::map<std::uint64_t, std::string> tokens;  ///< by generation
  std::set<std::string> dropped;                ///< acknowledged
};

class crash_run {
 public:
  static constexpr unsigned instances_max = 400;  // all are looked at after each kill

  crash_run(world& w, unsigned seed) : w_{w}, random_{seed} {}

  // Works until the daemon dies under its hands.
  void work_until_killed() {
    auto const moment = std::chrono::microseconds{random_() % 300'000};
    std::atomic<bool> over = false;
    std::thread killer{[&] {
      std::this_thread::sleep_for(moment);  // the moment of the kill is what is being tested
      w_.daemon().signal(SIGKILL);
      over = true;
    }};
    while (!over) {
      try {
        act();
      } catch (std::exception const&) {
        break;  // it was killed: nothing was acknowledged
      }
    }
    killer.join();
    w_.daemon().wait();
  }

  // Everything that was acknowledged is there.
  void check_all() {
    for (auto& [number, told] : promises_) check(number, told);
  }

 private:
  static std::string path_of(unsigned number) { return "/v1/instances/" + instance_text(number); }

  unsigned pick() {
    if (last_ == 0 || (last_ < instances_max && random_() % 3 == 0)) return ++last_;
    return 1 + static_cast<unsigned>(random_() % last_);
  }

  void act() {
    auto const number = pick();
    auto& told = promises_[number];
    switch (random_() % 8) {
      case 0: put(number, told, "{}"); break;
      case 1:
      case 2: put_code(number, told); break;
      case 3: put_refresh_token(number, told); break;
      case 4: remove(number, told); break;
      case 5: drop(number, told); break;
      case 6: bulk(); break;
      default: read(number, told, "?wait=1"); break;
    }
  }

  raw_response call(std::string const& method, std::string const& target,
                    std::string const& body = {}) {
    return w_.call(method, target, body);
  }

  static void begin(promise& told) {
    if (told.is != promise::state::registered) told.is = promise::state::maybe;
  }

  void put(unsigned number, promise& told, std::string const& body) {
    begin(told);
    auto const answer = call("PUT", path_of(number), body);
    if (answer.status == 409) {
      told.is = promise::state::registered;
      return;
    }
    CHECK_MESSAGE((answer.status == 200 || answer.status == 201), answer.body);
    told.is = promise::state::registered;
  }

  void put_code(unsigned number, promise& told) {
    if (told.refresh_token || told.code) return;
    auto const made =
        w_.control("POST", "codes", "{\"instance\":\"" + instance_text(number) + "\"}");
    auto const code = text(made, "code");
    w_.remember_secret(code);
    put(number, told, R"({"grant":"authorization_code","code":")" + code + "\"}");
    told.code = true;
  }

  void put_refresh_token(unsigned number, promise& told) {
    if (told.refresh_token || told.code) return;
    auto const token = "OAUTH2.fake-refresh-token-of-" + std::to_string(number);
    w_.remember_secret(token);
    put(number, told, R"({"grant":"refresh_token","refresh_token":")" + token + "\"}");
    told.refresh_token = true;
  }

  void remove(unsigned number, promise& told) {
    bool const was = told.is == promise::state::registered;
    auto const before = told;
    told = promise{};
    told.generation = before.generation;
    told.is = promise::state::maybe;
    auto const answer = call("DELETE", path_of(number));
    CHECK_MESSAGE((answer.status == 204 || (answer.status == 404 && !was)), answer.body);
    told.is = promise::state::removed;
  }

  void drop(unsigned number, promise& told) {
    auto const seen = read(number, told, "?wait=0");
    if (seen.empty()) return;
    auto const answer = call("DELETE", path_of(number) + "/token");
    if (answer.status / 100 == 2) told.dropped.insert(seen);
  }

  void bulk() {
    if (last_ >= instances_max) return;
    std::string lines;
    std::vector<unsigned> numbers;
    for (int i = 0; i < 40; ++i) {
      numbers.push_back(++last_);
      begin(promises_[last_]);
      lines += "{\"instance_id\":\"" + instance_text(last_) + "\"}\n";
    }
    auto client = w_.connect();
    auto const answer =
        client.request("POST", "/v1/instances", lines, "Content-Type: application/x-ndjson\r\n");
    CHECK_MESSAGE(answer.status == 200, answer.body);
    for (auto const number : numbers) promises_[number].is = promise::state::registered;
  }

  // A generation names one token, and never falls.
  std::string read(unsigned number, promise& told, std::string const& query) {
    auto const answer = w_.token(number, query);
    if (answer.status != 200) return {};
    auto const body = parse(answer);
    auto const generation = static_cast<std::uint64_t>(number_of(body, "generation"));
    auto token = text(body, "access_token");
    CHECK(generation >= told.generation);
    told.generation = generation;
    auto const [at, fresh] = told.tokens.emplace(generation, token);
    CHECK_MESSAGE((fresh || at->second == token), "a generation was used twice");
    CHECK_MESSAGE(!told.dropped.contains(token), "a dropped token came back");
    return token;
  }

  void check(unsigned number, promise& told) {
    if (told.is == promise::state::unknown) return;
    auto const answer = call("GET", path_of(number));
    if (told.is == promise::state::removed) CHECK_MESSAGE(answer.status == 404, answer.body);
    if (told.is == promise::state::registered) REQUIRE_MESSAGE(answer.status == 200, answer.body);
    if (answer.status != 200) {
      told.is = promise::state::removed;
      told.code = told.refresh_token = told.exchanged = false;
      return;
    }
    auto const view = parse(answer);
    // A code may just have changed the grant; that is written within a second.
    bool const settled = member(view, "codes").as_array().empty();
    if (settled) CHECK_MESSAGE(member(view, "durable").as_bool(), answer.body);
    told.is = promise::state::registered;
    auto const grant = text(view, "grant");
    if (told.refresh_token) CHECK_MESSAGE(grant == "refresh_token", answer.body);
    if (!told.code) return;

    auto const& codes = member(view, "codes").as_array();
    REQUIRE_MESSAGE(!codes.empty(), answer.body);
    auto const outcome = text(codes.back(), "outcome");
    if (told.exchanged) CHECK_MESSAGE(outcome == "exchanged", answer.body);
    if (outcome == "exchanged") {
      CHECK_MESSAGE(grant == "refresh_token", answer.body);
      told.exchanged = true;
    } else if (outcome == "refused") {  // its success was lost on the way to the disk: the fallback
      CHECK_MESSAGE(grant == "client_credentials", answer.body);
    } else {
      CHECK_MESSAGE(outcome == "pending", answer.body);
    }
  }

  world& w_;
  std::mt19937 random_;
  unsigned last_ = 0;
  std::map<unsigned, promise> promises_;
};

}  // namespace

TEST_SUITE("integration.crash") {
  TEST_CASE("whatever was acknowledged outlives SIGKILL at any moment") {
    auto const kills = number_from("WIXTOKEND_KILLS", 12);
    auto const seed = number_from("WIXTOKEND_SEED", std::random_device{}());
    INFO("replay: WIXTOKEND_SEED=" << seed << " ./dev test crash --kills " << kills);

    world_options options;
    options.start_daemon = false;
    options.app_settings = "on_demand = false";
    world w{options};
    w.add_store();
    crash_run run{w, seed};
    for (unsigned i = 0; i < kills; ++i) {
      w.start_daemon();
      run.check_all();
      run.work_until_killed();
    }
    w.start_daemon();
    run.check_all();
    CHECK(w.stop_daemon() == 0);
  }
}
