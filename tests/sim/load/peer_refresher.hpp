#pragma once
// The common alternatives as contenders: models of their rules, not their code.

#include "core/policy.hpp"
#include "core/random.hpp"
#include "core/slot_heap.hpp"
#include "sim/load/refresher.hpp"

#include <deque>
#include <unordered_map>

namespace wixtokend::sim::load {

/// When a token is refreshed, and what is refreshed first when the budget is short.
enum class peer_rule {
  five_minutes,    ///< 5 minutes before the end; first come, first served
  half_life,       ///< looked at every 5 s: is less left than half the life ± 10 %, drawn anew at
                   ///< each look? First come, first served
  eighty_percent,  ///< at 80 % of the life less 0-10 s; first come, first served
  earliest_first,  ///< in the engine's window; what ends soonest, or ended first, goes first
};

/// All of them have: the budget, at most one attempt per instance at a time, shared by all who
/// wait, the engine's own backoff (2 s doubling to 5 min with jitter, a quarter of what remains)
/// and its pace of attempts while callers wait. None has: lanes, a breaker, a spread of the first
/// generation, an adaptive rate.
class peer_refresher final : public refresher {
 public:
  /// @param policy  The engine's constants: its backoff, and its window for `earliest_first`.
  peer_refresher(peer_rule rule, budget const& allowed, core::engine_policy const& policy,
                 std::size_t instances, std::uint64_t seed);

  void add(instance_number instance, instant now) override;
  instant add_warm(instance_number instance, double cycle, instant now) override;
  std::optional<attempt> next(instant now) override;
  void finished(attempt const& which, bool minted, instant sent, instant now) override;
  [[nodiscard]] instant wake_at() const override;
  found ask(instance_number instance, ticket caller, instant deadline, instant now) override;
  std::vector<ended_wait> take_ended() override;

 private:
  enum class place : std::uint8_t { nowhere, timer, queue, flight };
  struct row {
    instant usable_until = instant::min();
    instant due = never;                 ///< next attempt by itself
    instant caller_at = instant::min();  ///< next attempt while callers wait
    std::uint16_t failures = 0;
    std::uint16_t waiting = 0;
    place where = place::nowhere;
  };
  struct patience {
    instant deadline;
    instance_number instance = 0;
    ticket caller = 0;
  };

  [[nodiscard]] duration interval();
  void put(instance_number instance, instant now);
  void refill(instant now);
  void expire(instant now);
  void end_wait(ticket caller, bool served);

  peer_rule rule_;
  budget allowed_;
  core::engine_policy policy_;
  core::random_source random_;
  std::vector<row> rows_;
  core::slot_positions positions_;
  core::slot_heap timer_{positions_};
  core::slot_heap queue_{positions_};
  std::size_t in_flight_ = 0;
  double allowance_;
  instant refilled_ = instant::min();
  std::uint64_t attempts_ = 0;

  std::unordered_map<instance_number, std::vector<ticket>> waiting_;
  std::unordered_map<ticket, instance_number> callers_;
  std::deque<patience> deadlines_;  ///< all wait equally long, so they end in order
  std::vector<ended_wait> ended_;
};

}  // namespace wixtokend::sim::load
