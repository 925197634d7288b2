#include "sim/command_line.hpp"

#include "sim/mutation.hpp"
#include "sim/runner.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <string>

namespace wixtokend::sim {
namespace {

struct options {
  std::optional<std::uint64_t> seed;
  std::uint64_t seeds = 1;
  std::uint64_t from = 1;
  std::size_t instances = 200;
  double days = 1;
  std::string mutation;
  bool list_mutations = false;
  bool expect_caught = false;
  bool verbose = false;
  bool log = false;
};

struct totals {
  run_result sum;
  std::uint64_t runs = 0;
};

double seconds_of(auto length) {
  return std::chrono::duration<double>(length).count();
}

void add(totals& into, run_result const& one) {
  ++into.runs;
  into.sum.steps += one.steps;
  into.sum.mints += one.mints;
  into.sum.answers += one.answers;
  into.sum.length += one.length;
}

void print(std::ostream& out, totals const& of, double wall) {
  out << "sim: " << of.runs << (of.runs == 1 ? " run, " : " runs, ") << of.sum.steps << " steps, "
      << seconds_of(of.sum.length) / 86400 << " virtual days, " << of.sum.mints << " mints, "
      << of.sum.answers << " answers, " << wall << " s, "
      << static_cast<std::uint64_t>(static_cast<double>(of.sum.steps) / std::max(wall, 1e-6))
      << " steps/s\n";
}

mutation const* find_mutation(std::string_view name) {
  auto const found = std::ranges::find(mutations(), name, &mutation::name);
  return found == mutations().end() ? nullptr : &*found;
}

// Any broken invariant is a failure, unless a certain one is expected.
int judge(options const& chosen, run_arguments const& arguments, violation const& broken) {
  std::cout << explain(arguments, broken, chosen.mutation);
  if (!chosen.expect_caught) return 1;
  auto const expected = find_mutation(chosen.mutation)->invariant;
  if (broken.invariant == expected) return 0;
  std::cout << "expected: " << expected << "\n";
  return 1;
}

int run_all(options const& chosen) {
  auto const first = chosen.seed.value_or(chosen.from);
  auto const count = chosen.seed ? 1 : chosen.seeds;
  auto const began = std::chrono::steady_clock::now();
  auto const passed = [&] { return seconds_of(std::chrono::steady_clock::now() - began); };
  totals all;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    run_arguments const arguments{seed, chosen.instances, chosen.days,
                                  chosen.log ? &std::cout : nullptr};
    if (chosen.verbose) {
      std::cout << draw_scenario(seed, chosen.instances, chosen.days, instant{}).describe();
    }
    auto const result = run(arguments);
    add(all, result);
    if (chosen.verbose) std::cout << "  trace " << std::hex << result.trace << std::dec << "\n";
    if (result.broken) return judge(chosen, arguments, *result.broken);
    bool const now_and_then = all.runs % std::max<std::uint64_t>(1, count / 20) == 0;
    if (chosen.verbose || (count > 1 && now_and_then)) print(std::cout, all, passed());
  }
  print(std::cout, all, passed());
  if (!chosen.mutation.empty() && !mutation_was_reached()) {
    std::cout << "the mutated line was never reached\n";
  }
  if (!chosen.expect_caught) return 0;
  std::cout << "the mutation " << chosen.mutation << " was not caught\n";
  return 1;
}

int list_mutations() {
  for (auto const& one : mutations()) {
    std::cout << one.name << ": caught by " << one.invariant << "\n";
  }
  if (mutations().empty()) std::cout << "none here: sim_mutants has them\n";
  return 0;
}

}  // namespace

int main_of_simulator(int count, char** arguments) {
  options chosen;
  CLI::App app{"Runs the refresh engine in virtual time and checks its guarantees"};
  app.add_option("--seed", chosen.seed, "the one seed to run");
  app.add_option("--seeds", chosen.seeds, "how many seeds to run");
  app.add_option("--from", chosen.from, "the first of them");
  app.add_option("--instances", chosen.instances, "of all apps together")
      ->check(CLI::Range(1, 4'000'000));
  app.add_option("--days", chosen.days, "virtual, until faults end")
      ->check(CLI::Range(0.001, 400.0));
  app.add_option("--mutation", chosen.mutation, "make this mistake");
  app.add_flag("--list-mutations", chosen.list_mutations, "what mistakes there are");
  app.add_flag("--expect-caught", chosen.expect_caught,
               "fail unless the invariant that is named for the mutation catches it");
  app.add_flag("--log", chosen.log, "print everything that happens");
  app.add_flag("--verbose", chosen.verbose, "say what each seed means");
  try {
    app.parse(count, arguments);
  } catch (CLI::ParseError const& wrong) {
    return app.exit(wrong) == 0 ? 0 : 2;
  }
  if (chosen.list_mutations) return list_mutations();
  if (!chosen.mutation.empty() && find_mutation(chosen.mutation) == nullptr) {
    std::cerr << "there is no mutation '" << chosen.mutation << "' here; see --list-mutations\n";
    return 2;
  }
  if (chosen.expect_caught && chosen.mutation.empty()) {
    std::cerr << "--expect-caught needs --mutation\n";
    return 2;
  }
  choose_mutation(chosen.mutation);
  return run_all(chosen);
}

}  // namespace wixtokend::sim
