#pragma once
// What is measured of a run, by the simulation itself: the same for every contender.

#include "sim/load/refresher.hpp"

#include <unordered_map>
#include <vector>

namespace wixtokend::sim::load {

/// The wait of a caller who found nothing usable.
struct wait {
  instant asked;
  duration length{};
  bool served = false;
};

/// Keeps the record of tokens, requests and waits.
class measures {
 public:
  /// @param from  Bins of requests and mints are counted from here.
  measures(std::size_t instances, instant from);

  void sent(instant now);
  void minted(instance_number instance, instant sent, instant now);
  void restored(instance_number instance, instant sent);
  [[nodiscard]] bool usable(instance_number instance, instant now) const;

  void asked() { ++asked_; }
  void waits(ticket caller, instant now);
  void ended(ended_wait const& one, instant now);
  void refused(instant now);

  /// Counts the tokens that are lapsed at the end.
  void close(instant end);

  /// Seconds of a bin of `requests` and `mints`.
  static constexpr int bin_seconds = 10;
  [[nodiscard]] std::vector<std::uint32_t> const& requests() const { return requests_; }
  [[nodiscard]] std::vector<std::uint32_t> const& mints() const { return mints_; }

  /// When the last instance got its first token; `never` if some have none.
  [[nodiscard]] instant all_minted_at() const { return cold_ == 0 ? warm_at_ : never; }
  /// How many instances lapsed at least once, how often instances lapsed in all, and for how long
  /// in all, in seconds.
  [[nodiscard]] std::size_t lapsed_instances() const;
  [[nodiscard]] std::size_t lapses() const { return lapses_; }
  [[nodiscard]] double dead_seconds() const { return dead_seconds_; }
  [[nodiscard]] std::size_t callers() const { return asked_; }
  [[nodiscard]] std::vector<wait> const& waited() const { return waits_; }

 private:
  void lapse(instance_number instance, instant until);
  static void count(std::vector<std::uint32_t>& bins, instant from, instant now);

  instant from_;
  std::vector<instant> usable_until_;  ///< `instant::min()`: had no token yet
  std::vector<bool> lapsed_;
  std::size_t cold_;
  instant warm_at_ = instant::min();
  std::size_t lapses_ = 0;
  double dead_seconds_ = 0;
  std::vector<std::uint32_t> requests_;
  std::vector<std::uint32_t> mints_;
  std::size_t asked_ = 0;
  std::unordered_map<ticket, instant> waiting_;
  std::vector<wait> waits_;
};

/// The greatest number of events per second over any minute of [from, to).
[[nodiscard]] double peak_of(std::vector<std::uint32_t> const& bins, duration from, duration to);
/// Events per second over [from, to).
[[nodiscard]] double mean_of(std::vector<std::uint32_t> const& bins, duration from, duration to);

}  // namespace wixtokend::sim::load
