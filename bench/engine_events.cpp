// What the refresh engine costs at 10,000, 100,000 and 1,000,000 instances: memory beside the
// tokens, and nanoseconds per event, next to peers that are measured in the same run.
//
//   bench_engine_events [--rounds 5] [--largest 1000000]
//
// Each size runs in a process of its own, so that no heap is inherited from another. Times are
// medians of the rounds. Tokens are of 1,200 bytes and live four hours.
//
// Memory per instance is the growth of the resident set (/proc/self/statm) from before the engine
// was made until every instance has its token, less what malloc took for the token bytes
// (malloc_usable_size and its 8 bytes of bookkeeping), over the number of instances.
//
// Peers: `floor` is what any table pays, a random bucket of a flat hash and a random row of 128
// bytes; `token` is the replacement of a random token's bytes alone; `multimap` is the same
// refresh with std::unordered_map, std::multimap and the same tokens, without any policy.
// Ends with 1 only if a result is wrong: an event was lost, or the engine contradicts itself.

#include "base/text.hpp"
#include "bench/engine_peers.hpp"
#include "core/engine.hpp"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::bench;
using namespace std::chrono_literals;
using bench_clock = std::chrono::steady_clock;

constexpr duration life = 4h;
constexpr instant epoch{1h};

/// What one size came to. Trivially copyable: it travels through a pipe.
struct costs {
  double memory = 0;  ///< bytes per instance beside the token's own
  double add = 0;     ///< the rest: nanoseconds per event
  double restore = 0;
  double usable = 0;
  double request = 0;
  double due = 0;
  double result = 0;
  double refresh = 0;  ///< both
  double wait = 0;
  double floor = 0;
  double token = 0;
  double multimap = 0;
};

double resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Nanoseconds per refresh: until it is under way, and from its result on.
struct refresh_times {
  double due = 0;
  double result = 0;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// An engine whose budget never is what limits it.
class subject {
 public:
  explicit subject(std::size_t instances)
      : instances_{instances}, engine_{{}, {app(instances)}, 1, 1'700'000'000'000} {}

  static core::app_policy app(std::size_t instances) {
    core::app_policy made;
    made.requests_per_second_max = 4.0 * static_cast<double>(instances);
    made.requests_per_second = made.requests_per_second_max;
    made.in_flight_max = 4 * instances;
    return made;
  }

  void add(std::vector<instance_key> const& keys) {
    for (auto const& key : keys) {
      if (!engine_.add(key, 1'700'000'000'000, now_).value_or(false)) wrong("not added");
    }
  }

  // Starts what is due now, goes on to the next wake-up, until so many attempts are under way.
  void start(std::size_t count) {
    started_.clear();
    while (started_.size() < count) {
      if (auto const flight = engine_.next(now_)) {
        started_.push_back(*flight);
        continue;
      }
      auto const at = engine_.wake_at();
      if (at == never) wrong("nothing is scheduled any more");
      now_ = std::max(now_, at);
    }
  }

  // Gives every attempt that is under way its token.
  std::size_t mint() {
    for (auto const& flight : started_) {
      engine_.finished(flight, core::minted{new_token(), now_, now_ + life, false}, now_);
    }
    return started_.size();
  }

  // So many refreshes, a few at a time as at an upstream that takes its time.
  refresh_times refresh(std::size_t count) {
    constexpr std::size_t at_once = 20;
    bench_clock::duration starting{};
    bench_clock::duration minting{};
    std::size_t done = 0;
    while (done < count) {
      auto const begin = bench_clock::now();
      start(std::min(at_once, count - done));
      auto const middle = bench_clock::now();
      done += mint();
      starting += middle - begin;
      minting += bench_clock::now() - middle;
    }
    using nanoseconds_each = std::chrono::duration<double, std::nano>;
    auto const events = static_cast<double>(done);
    return {nanoseconds_each{starting}.count() / events,
            nanoseconds_each{minting}.count() / events};
  }

  // A caller finds nothing, waits, and is answered by a mint.
  std::size_t wait(std::vector<instance_key> const& asked, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      engine_.drop_token(asked[i], now_);
      auto const answer = engine_.request(asked[i], {}, {}, now_ + 5s, now_);
      if (!std::holds_alternative<core::waiter_id>(answer)) wrong("a caller did not wait");
      while (engine_.waiters() != 0) {
        start(1);
        mint();
      }
      auto const ended = engine_.take_completions();
      if (ended.size() != 1 || ended[0].refused) wrong("a waiter was not answered");
    }
    return count;
  }

  std::size_t ask_usable(std::vector<instance_key> const& asked) const {
    std::size_t found = 0;
    for (auto const& key : asked) {
      if (auto const view = engine_.usable(key, {}, now_)) found += view->generation != 0 ? 1U : 0U;
    }
    if (found != asked.size()) wrong("a token is missing");
    return found;
  }

  std::size_t ask_request(std::vector<instance_key> const& asked) {
    std::size_t found = 0;
    for (auto const& key : asked) {
      auto const answer = engine_.request(key, {}, {}, now_ + 5s, now_);
      found += std::holds_alternative<core::token_view>(answer) ? 1U : 0U;
    }
    if (found != asked.size()) wrong("a request was not a hit");
    return found;
  }

  void check() {
    auto const app = engine_.app_view_at(app_number{0}, now_);
    if (app.kept_warm != instances_ || app.usable != instances_) wrong("not all are warm");
    if (auto const what = engine_.inconsistency(now_); !what.empty()) wrong(what);
  }

  core::engine& engine() { return engine_; }
  instant now() const { return now_; }

 private:
  std::size_t instances_;
  core::engine engine_;
  instant now_ = epoch;
  std::vector<core::flight> started_;
};

double token_allocations(core::engine const& engine, std::vector<instance_key> const& keys) {
  double total = 0;
  for (auto const& key : keys) {
    auto const view = engine.usable(key, {}, epoch);
    if (!view) wrong("a token is missing");
    // malloc_usable_size wants a pointer to what may be changed, but changes nothing.
    auto* const bytes = const_cast<char*>(view->token->reveal().data());
    total += static_cast<double>(malloc_usable_size(bytes) + sizeof(std::size_t));
  }
  return total;
}

// Instances as they come out of a store, made a thousand at a time beside the clock.
double restored(std::vector<instance_key> const& keys) {
  subject one{keys.size()};
  core::random_source random{11};
  bench_clock::duration took{};
  std::vector<core::saved_instance> known;
  for (std::size_t from = 0; from < keys.size(); from += known.size()) {
    known.clear();
    auto const to = std::min(keys.size(), from + 1'000);
    for (auto i = from; i < to; ++i) {
      duration const age{static_cast<duration::rep>(random.unit() * 10'000e9)};
      auto const sent = epoch - age;
      auto& made = known.emplace_back();
      made.key = keys[i];
      made.registered = true;
      made.generation = i + 1;
      made.token = core::minted{new_token(), sent, sent + life, false};
      made.refresh_at = sent + 10'800s;
    }
    auto const begin = bench_clock::now();
    for (auto& instance : known) {
      if (!one.engine().restore(std::move(instance), 1'700'000'000'000, epoch)) {
        wrong("not restored");
      }
    }
    took += bench_clock::now() - begin;
  }
  one.check();
  return std::chrono::duration<double, std::nano>{took}.count() / static_cast<double>(keys.size());
}

costs measure(std::size_t instances, std::size_t rounds) {
  auto const keys = keys_of(instances);
  auto const asked = questions(keys);
  constexpr std::size_t events = 300'000;
  costs found;
  {
    auto const before = resident_bytes();
    subject one{instances};
    found.add = nanoseconds(1, [&] {
      one.add(keys);
      return instances;
    });
    one.refresh(instances);
    if (one.engine().next(one.now())) wrong("more was minted than there is");
    auto const grown = resident_bytes() - before;
    found.memory = (grown - token_allocations(one.engine(), keys)) / static_cast<double>(instances);

    found.usable = nanoseconds(rounds, [&] { return one.ask_usable(asked); });
    found.request = nanoseconds(rounds, [&] { return one.ask_request(asked); });
    one.refresh(2 * instances);  // into the steady state
    std::vector<double> due;
    std::vector<double> result;
    for (std::size_t i = 0; i < rounds; ++i) {
      auto const times = one.refresh(events);
      due.push_back(times.due);
      result.push_back(times.result);
    }
    found.due = median(due);
    found.result = median(result);
    found.refresh = found.due + found.result;
    one.check();
    found.wait = nanoseconds(rounds, [&] { return one.wait(asked, 20'000); });
    one.check();
  }
  found.restore = restored(keys);
  found.floor = floor_cost(keys, asked, rounds);
  found.token = token_cost(instances, rounds);
  found.multimap = multimap_cost(keys, events, rounds);
  return found;
}

costs measure_apart(std::size_t instances, std::size_t rounds) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error{"pipe"};
  auto const child = fork();
  if (child < 0) throw std::runtime_error{"fork"};
  if (child == 0) {
    int status = 1;
    try {
      auto const found = measure(instances, rounds);
      status = write(ends[1], &found, sizeof found) == sizeof found ? 0 : 1;
    } catch (std::exception const& failure) {
      std::cerr << "engine at " << instances << ": " << failure.what() << '\n';
    }
    _exit(status);
  }
  close(ends[1]);
  costs found;
  bool const whole = read(ends[0], &found, sizeof found) == sizeof found;
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!whole || status != 0) throw std::runtime_error{"the measurement failed"};
  return found;
}

void print_row(char const* name, std::vector<costs> const& all, double costs::*what,
               int decimals = 0) {
  std::printf("%-44s", name);
  for (auto const& one : all) std::printf(" %11.*f", decimals, one.*what);
  std::printf(" %8.2f\n", all.back().*what / all.front().*what);
}

void print_ratio(char const* name, std::vector<costs> const& all, double costs::*ours,
                 double costs::*peer) {
  std::printf("%-44s", name);
  for (auto const& one : all) std::printf(" %11.2f", one.*ours / one.*peer);
  std::printf("\n");
}

void print(std::vector<std::size_t> const& sizes, std::vector<costs> const& all) {
  std::printf("%-44s", "instances");
  for (auto const size : sizes) std::printf(" %11zu", size);
  std::printf(" %8s\n", "growth");
  print_row("memory beside the token, bytes each", all, &costs::memory);
  print_row("usable: hit, ns", all, &costs::usable);
  print_row("request: hit, ns", all, &costs::request);
  print_row("  floor: hash bucket and row, ns", all, &costs::floor);
  print_ratio("  usable / floor", all, &costs::usable, &costs::floor);
  print_ratio("  request / floor", all, &costs::request, &costs::floor);
  print_row("due: woken, popped, started, ns", all, &costs::due);
  print_row("result: token made, taken, re-armed, ns", all, &costs::result);
  print_row("  token: replacing its bytes alone, ns", all, &costs::token);
  print_row("  multimap: the same without policy, ns", all, &costs::multimap);
  print_ratio("  due and result / multimap", all, &costs::refresh, &costs::multimap);
  print_row("wait: dropped, asked, minted, answered, ns", all, &costs::wait);
  print_row("add: registered, ns", all, &costs::add);
  print_row("restore: with its token, ns", all, &costs::restore);
  std::printf("%-44s", "  restore of all, s");
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    std::printf(" %11.3f", all[i].restore * 1e-9 * static_cast<double>(sizes[i]));
  }
  auto const logarithm =
      std::log(static_cast<double>(sizes.back())) / std::log(static_cast<double>(sizes.front()));
  std::printf(
      "\ngrowth: largest over smallest; log n grows by %.2f, with the aim's half more %.2f\n",
      logarithm, 1.5 * logarithm);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    std::size_t rounds = 5;
    std::size_t largest = 1'000'000;
    for (int i = 1; i + 1 < count; i += 2) {
      std::string_view const name = arguments[i];
      if (name != "--rounds" && name != "--largest") throw std::runtime_error{"unknown option"};
      (name == "--rounds" ? rounds : largest) = parse_decimal(arguments[i + 1], 10'000'000).value();
    }
    std::vector<std::size_t> sizes;
    for (std::size_t size = 10'000; size <= largest; size *= 10) sizes.push_back(size);
    if (sizes.empty() || rounds == 0) throw std::runtime_error{"nothing to measure"};
    std::vector<costs> all;
    for (auto const size : sizes) all.push_back(measure_apart(size, rounds));
    print(sizes, all);
    return 0;
  } catch (std::exception const& failure) {
    std::cerr << "bench_engine_events: " << failure.what() << '\n';
    return 1;
  }
}
