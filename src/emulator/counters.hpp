#pragma once
// What has been asked of the emulator, by route: totals, concurrency, and when requests came.

#include "base/time.hpp"
#include "emulator/routes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace wixtokend::emulator {

/// Counts requests to the upstream routes; control calls are not counted. Real time, not virtual.
/// Not synchronised.
class counters {
 public:
  /// How many of the last arrivals are remembered.
  static constexpr std::size_t arrivals_max = 200'000;

  struct totals {
    std::uint64_t requests = 0;
    std::uint64_t unanswered = 0;  ///< hung, reset or closed without a whole answer
    std::map<unsigned, std::uint64_t> by_status;
    std::uint64_t in_flight = 0;
    std::uint64_t in_flight_max = 0;
  };

  struct arrival {
    instant at;
    route where = route::other;
  };

  struct connection_totals {
    std::uint64_t accepted = 0;
    std::uint64_t open = 0;
    std::uint64_t open_max = 0;
    std::uint64_t malformed = 0;  ///< closed because of bytes that are no request
  };

  /// @param now  From here arrivals are timed: see `since()`.
  explicit counters(instant now);

  /// A request is there. Each has exactly one `ended`.
  void started(route where, instant at);
  /// @param status  What was answered; 0 if there was no whole answer.
  void ended(route where, unsigned status);

  void connection_opened();
  void connection_closed();
  void malformed_request();

  /// All back to zero, but for what is in flight or open now.
  void reset(instant now);

  [[nodiscard]] totals const& of(route where) const;
  [[nodiscard]] connection_totals const& connections() const noexcept { return connections_; }
  [[nodiscard]] instant since() const noexcept { return since_; }

  /// The remembered arrivals, oldest first. A copy.
  [[nodiscard]] std::vector<arrival> arrivals() const;
  /// How many arrivals are forgotten because there were more than `arrivals_max`.
  [[nodiscard]] std::uint64_t arrivals_dropped() const noexcept;

 private:
  std::array<totals, route_count> routes_;
  connection_totals connections_;
  std::vector<arrival> ring_;
  std::uint64_t arrivals_ = 0;
  instant since_;
};

/// The most arrivals that any window of that length holds: `most_within(…, 1 s)` of a client that
/// is limited to `rate` a second with a burst is at most `rate + burst`. The instants are in order.
[[nodiscard]] std::size_t most_within(std::vector<instant> const& arrivals, duration window);

}  // namespace wixtokend::emulator
