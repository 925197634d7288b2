// What it costs to keep 100 tokens a second on the disk: the daemon refreshes that many with a
// store of 10,000 to 1,000,000 instances, and then as many without a store.
//
//   bench_store_write_behind [INSTANCES…]

#include "bench/store_daemon.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace wixtokend::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto settling = 5s;
constexpr auto watched = 15s;
constexpr std::size_t rounds = 3;
constexpr auto mint_rate = "requests_per_second = 100\nrequests_per_second_max = 100\n";

struct cost {
  double mints = 0;    // per s
  double process = 0;  // per cent of a core
  double store_thread = 0;
};

// All tokens of the store are due at once, and all instances without a store lack one: so the rate
// is the limit's.
cost measure(std::size_t instances, bool with_store) {
  test::temporary_folder const folder;
  emulator const upstream{folder};
  if (with_store) fill_store(folder, instances, 0s);
  store_daemon daemon{folder, upstream.app_settings() + mint_rate, with_store};
  if (!with_store) daemon.register_in_bulk(0, instances);
  std::this_thread::sleep_for(settling);

  auto const requests = upstream.requests();
  auto const before = daemon.used();
  auto const took = seconds_of([&] { std::this_thread::sleep_for(watched); });
  auto const after = daemon.used();
  cost found;
  found.mints = static_cast<double>(upstream.requests() - requests) / took;
  if (found.mints < 95) wrong("not 100 mints per s: 2,500 instances are needed, or a faster core");
  found.process = 100 * (after.process - before.process) / took;
  found.store_thread = 100 * (after.store_thread - before.store_thread) / took;
  daemon.stop();
  return found;
}

struct findings {
  std::vector<double> mints, process, store_thread, bare_mints, bare_process, price;
};

// The run in the middle by what the daemon took, so that its figures belong together.
cost middle(std::vector<cost> runs) {
  std::ranges::sort(runs, {}, &cost::process);
  return runs[runs.size() / 2];
}

void add(std::size_t instances, findings& into) {
  std::vector<cost> without;
  std::vector<cost> with;
  for (std::size_t i = 0; i < rounds; ++i) {  // in turn, so that both meet the same machine
    without.push_back(measure(instances, false));
    with.push_back(measure(instances, true));
  }
  auto const bare = middle(std::move(without));
  auto const kept = middle(std::move(with));
  into.mints.push_back(kept.mints);
  into.process.push_back(kept.process);
  into.store_thread.push_back(kept.store_thread);
  into.bare_mints.push_back(bare.mints);
  into.bare_process.push_back(bare.process);
  into.price.push_back(kept.process - bare.process);
}

void print(std::vector<std::size_t> const& sizes, findings const& all) {
  figures const out{sizes};
  out.row("without a store: mints per s", all.bare_mints, 1);
  out.row("  the daemon, % of a core", all.bare_process, 2);
  out.row("with a store: mints per s", all.mints, 1);
  out.row("  the daemon, % of a core", all.process, 2);
  out.row("  of it the store's thread", all.store_thread, 2);
  out.row("write-behind: the difference, % of a core", all.price, 2);
}

}  // namespace
}  // namespace wixtokend::bench

int main(int count, char** arguments) {
  using namespace wixtokend::bench;
  try {
    auto const sizes = sizes_from(count, arguments, {10'000, 1'000'000});
    findings all;
    for (auto const size : sizes) add(size, all);
    print(sizes, all);
    return 0;
  } catch (std::exception const& failure) {
    std::cerr << "bench_store_write_behind: " << failure.what() << '\n';
    return 1;
  }
}
