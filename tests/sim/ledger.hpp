#pragma once
// What a run has seen: a hash of all of it, counts, and the first invariant that broke.

#include "async/time_source.hpp"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wixtokend::sim {

/// An invariant that did not hold.
struct violation {
  std::string invariant;
  std::string facts;
  std::uint64_t step = 0;
  duration since_start{};
};

/// Belongs to one run.
struct ledger {
  explicit ledger(time_source const& of_the_run) : time{of_the_run} {}

  time_source const& time;
  instant begins = time.now();
  std::uint64_t steps = 0;
  std::uint64_t mints = 0;
  std::uint64_t answers = 0;
  std::uint64_t trace = 0xcbf29ce484222325ULL;
  std::optional<violation> broken;
  std::ostream* log = nullptr;  ///< gets a line for everything that is seen

  /// Something that can be seen from outside happened: two runs of one seed agree in all of it.
  void saw(char const* what, std::uint64_t which, std::uint64_t value);

  /// Keeps the first one: what follows may come of it.
  void report(std::string_view invariant, std::string facts) {
    if (broken) return;
    broken = violation{std::string{invariant}, std::move(facts), steps, time.now() - begins};
  }
};

}  // namespace wixtokend::sim
