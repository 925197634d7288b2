#pragma once
// One run from its first instant to its last.

#include "sim/callers.hpp"
#include "sim/draws.hpp"
#include "sim/ledger.hpp"
#include "sim/world.hpp"

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <queue>
#include <string>
#include <vector>

namespace wixtokend::sim {

/// What a run is drawn from: everything that can be told from the outside.
struct run_arguments {
  std::uint64_t seed = 1;
  std::size_t instances = 200;
  double days = 1;
  std::ostream* log = nullptr;  ///< gets a line for everything that happens
};

/// What came of it.
struct run_result {
  std::uint64_t steps = 0;
  std::uint64_t mints = 0;
  std::uint64_t answers = 0;
  std::uint64_t trace = 0;  ///< the same whenever the same run is done again
  duration length{};        ///< of virtual time
  std::optional<violation> broken;
};

[[nodiscard]] run_result run(run_arguments const& arguments);

/// All that is to be known of a broken run, with the command that replays it.
[[nodiscard]] std::string explain(run_arguments const& arguments, violation const& broken,
                                  std::string const& mutation);

/// Does what the scenario says, step by step.
class runner {
 public:
  explicit runner(run_arguments const& arguments);

  run_result go();

 private:
  enum class action : std::uint8_t {
    request,
    burst,
    administrator,
    mass_rejection,
    suspend,
    wall_step,
    restart,
    configuration,
    token_info,
    leave,
  };
  struct event {
    instant at{};
    std::uint64_t sequence = 0;
    action what = action::request;
    std::uint64_t who = 0;
    bool operator>(event const& other) const noexcept {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };

  void plan_next(action what, duration mean);
  void schedule(instant at, action what, std::uint64_t who);
  bool step(instant limit);
  void act(event const& now);
  void request(std::size_t index);
  void burst();
  void administrate();
  void reject_many();
  void reconfigure();
  [[nodiscard]] std::size_t pick();
  void pass_until(instant limit);
  void recover();

  world world_;
  callers callers_{world_};
  draws draws_;
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;
  std::uint64_t sequence_ = 0;
  std::size_t strangers_ = 0;  ///< that have been heard of
};

}  // namespace wixtokend::sim
