#pragma once
// One run: a contender, an upstream with an outage, and callers, event by event in virtual time.

#include "core/random.hpp"
#include "sim/load/measures.hpp"
#include "sim/load/refresher.hpp"

#include <optional>
#include <queue>
#include <vector>

namespace wixtokend::sim::load {

/// What happens to the fleet. Times are from the start of the run.
struct scenario {
  std::size_t instances = 0;
  bool warm = false;       ///< starts in a steady state; else all instances come at once, tokenless
  duration length{};       ///< of the run
  duration outage_from{};  ///< in between every request fails, as quickly as it is answered else
  duration outage_to{};
  double asks_per_second = 0;  ///< by callers over the whole fleet, at random instants
  duration asks_from{};        ///< they begin here
};

/// Of the callers' questions this share goes to one in `hot_one_in` instances.
inline constexpr double hot_share = 0.8;
inline constexpr instance_number hot_one_in = 20;
inline constexpr duration patience = std::chrono::seconds{5};

/// What came of it, beside the measures.
struct outcome {
  measures seen;
  std::optional<duration> first_request;  ///< after the outage's end
  std::optional<duration> first_mint;     ///< after the outage's end
  bool callers_waited = false;            ///< when the outage ended
};

/// Plays a scenario. Throws if the contender does not get on: wakes at once for ever.
class fleet_run {
 public:
  /// @param seed  May be the contender's: what is drawn here is independent of it.
  fleet_run(scenario const& what, refresher& subject, std::uint64_t seed);

  [[nodiscard]] outcome play();

 private:
  struct answer {
    instant at;
    attempt which;
    instant sent;
    bool minted = false;

    bool operator>(answer const& other) const noexcept { return at > other.at; }
  };

  void start();
  void pump();
  void send(attempt const& which);
  void ask();
  void settle();
  [[nodiscard]] duration latency();
  [[nodiscard]] instant next_ask_after(instant when);

  static constexpr instant epoch{std::chrono::hours{24}};

  scenario what_;
  refresher& subject_;
  core::random_source random_;
  measures seen_;
  std::priority_queue<answer, std::vector<answer>, std::greater<>> answers_;
  instant now_ = epoch;
  instant ask_at_ = never;
  ticket callers_ = 0;
  std::size_t waiting_ = 0;
  bool back_ = false;  ///< the outage is over
  std::optional<duration> first_request_;
  std::optional<duration> first_mint_;
  bool callers_waited_ = false;
};

}  // namespace wixtokend::sim::load
