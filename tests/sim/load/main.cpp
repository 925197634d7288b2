// wixtokend_load: the engine beside the common alternatives, in virtual time. See docs/refresh.md.

#include "base/text.hpp"
#include "sim/load/contenders.hpp"
#include "sim/load/experiments.hpp"
#include "sim/load/report.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::sim::load;

constexpr std::string_view usage =
    R"(usage: wixtokend_load [options]
  --instances N        how many (default 1000000)
  --experiment NAME    mass-start, outage or price (default: all; may be given again)
  --contender NAME     one of those in the tables (default: all; may be given again)
  --start NAME         of the mass starts: "1 minute", "10 minutes" or auto (default: all)
  --minutes N          of the outages: 5, 30, 45, 60 or 90 (default: all; may be given again)
  --set CONSTANT=X     another value for a constant of the engine
  --csv FOLDER         write the tables and series there too
  --seed N             default 1
  --jobs N             runs at the same time (default 2)
  --check              end with 1 if the engine misses an aim
)";

struct options {
  fleet all;
  std::vector<std::string> experiments;
  std::vector<std::string> contenders;
  std::vector<std::string> starts;
  std::vector<std::string> minutes;
  std::string csv;
  std::size_t jobs = 2;
  bool check = false;
};

double decimal(std::string_view text) {
  double value = 0;
  auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument{"not a number: " + std::string{text}};
  }
  return value;
}

void take(options& chosen, std::string_view name, std::string_view value) {
  if (name == "--instances") {
    chosen.all.instances = parse_decimal(value, 20'000'000).value();
  } else if (name == "--experiment") {
    chosen.experiments.emplace_back(value);
  } else if (name == "--contender") {
    chosen.contenders.emplace_back(value);
  } else if (name == "--start") {
    chosen.starts.emplace_back(value);
  } else if (name == "--minutes") {
    chosen.minutes.emplace_back(value);
  } else if (name == "--set") {
    auto const equals = value.find('=');
    if (equals == std::string_view::npos) throw std::invalid_argument{"--set wants CONSTANT=X"};
    set_constant(chosen.all.policy, value.substr(0, equals), decimal(value.substr(equals + 1)));
  } else if (name == "--csv") {
    chosen.csv = value;
  } else if (name == "--seed") {
    chosen.all.seed = parse_decimal(value).value();
  } else if (name == "--jobs") {
    chosen.jobs = parse_decimal(value, 256).value();
  } else {
    throw std::invalid_argument{"there is no option " + std::string{name}};
  }
}

options parse(int count, char** arguments) {
  options chosen;
  for (int i = 1; i < count; ++i) {
    std::string_view const name = arguments[i];
    if (name == "--check") {
      chosen.check = true;
      continue;
    }
    if (++i >= count) throw std::invalid_argument{std::string{name} + " wants a value"};
    take(chosen, name, arguments[i]);
  }
  if (chosen.contenders.empty()) chosen.contenders = contender_names();
  if (chosen.all.instances == 0 || chosen.jobs == 0) throw std::invalid_argument{"nothing to do"};
  return chosen;
}

bool wanted(std::vector<std::string> const& names, std::string_view name) {
  return names.empty() || std::ranges::find(names, name) != names.end();
}

using job = std::function<void()>;

// One job for each line of a table; each writes into a place of its own.
std::vector<job> jobs_of(options const& chosen, results& found) {
  std::vector<job> jobs;
  auto const& all = chosen.all;
  struct place {
    std::string contender;
    mass_start_case start;
    double capacity;
    int minutes;
  };
  std::vector<place> starts;
  std::vector<place> outages;
  std::vector<place> prices;
  for (auto const& name : chosen.contenders) {
    for (auto const& start : mass_start_cases) {
      if (wanted(chosen.starts, start.name)) starts.push_back({name, start, 0, 0});
    }
    for (auto const capacity : capacities) {
      for (auto const minutes : outage_minutes) {
        if (!wanted(chosen.minutes, std::to_string(minutes))) continue;
        outages.push_back({name, {}, capacity, minutes});
      }
    }
    prices.push_back({name, {}, 0, 0});
  }
  if (!wanted(chosen.experiments, "mass-start")) starts.clear();
  if (!wanted(chosen.experiments, "outage")) outages.clear();
  if (!wanted(chosen.experiments, "price")) prices.clear();
  found.mass_starts.resize(starts.size());
  found.outages.resize(outages.size());
  found.prices.resize(prices.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    jobs.emplace_back([&all, &to = found.mass_starts[i], at = starts[i]] {
      to = mass_start(all, at.contender, at.start);
    });
  }
  for (std::size_t i = 0; i < outages.size(); ++i) {
    jobs.emplace_back([&all, &to = found.outages[i], at = outages[i]] {
      to = outage(all, at.contender, at.capacity, at.minutes);
    });
  }
  for (std::size_t i = 0; i < prices.size(); ++i) {
    jobs.emplace_back(
        [&all, &to = found.prices[i], at = prices[i]] { to = price(all, at.contender); });
  }
  return jobs;
}

void run(std::vector<job> const& jobs, std::size_t at_once) {
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  std::vector<std::exception_ptr> failures(jobs.size());
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(at_once, jobs.size()); ++i) {
      workers.emplace_back([&] {
        for (auto mine = next++; mine < jobs.size(); mine = next++) {
          try {
            jobs[mine]();
          } catch (...) {
            failures[mine] = std::current_exception();
          }
          // One call, so that the lines of two threads do not mix.
          auto const line = "run " + std::to_string(++done) + " of " + std::to_string(jobs.size());
          std::cerr << line + " is done\n";
        }
      });
    }
  }
  for (auto const& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

// The aims for outages. In a small fleet the burst of the budget is a request or two, and a caller
// waits for the next one: that says nothing of a large one.
std::size_t missed(fleet const& all, results const& found) {
  std::size_t count = 0;
  auto const miss = [&](auto const&... what) {
    ((std::cerr << "missed: ") << ... << what) << '\n';
    ++count;
  };
  for (auto const& row : found.outages) {
    if (row.contender != ours) continue;
    auto const where = std::to_string(row.minutes) + " minutes at " + std::to_string(row.capacity);
    if (row.minutes <= 45 && row.lapsed > 0) miss("tokens lapsed in an outage of ", where);
    if (all.demand() > 10 && row.wait_p99 > 2)
      miss("callers waited ", row.wait_p99, " s after ", where);
    if (row.callers_waited && row.first_request > 10) {
      miss("callers waited for the first request after ", where);
    }
  }
  return count;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2 && std::string_view{arguments[1]} == "--help") {
    std::cout << usage;
    return 0;
  }
  try {
    auto const chosen = parse(count, arguments);
    results found;
    run(jobs_of(chosen, found), chosen.jobs);
    print(std::cout, chosen.all, found);
    if (!chosen.csv.empty()) write_csv(chosen.csv, chosen.all, found);
    return chosen.check && missed(chosen.all, found) != 0 ? 1 : 0;
  } catch (std::invalid_argument const& mistake) {
    std::cerr << "wixtokend_load: " << mistake.what() << '\n' << usage;
    return 2;
  } catch (std::exception const& failure) {
    std::cerr << "wixtokend_load: " << failure.what() << '\n';
    return 1;
  }
}
