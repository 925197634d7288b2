#pragma once
// The waits that are pending on a clock, soonest first: what every `time_source` has inside.

#include "base/time.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <map>

namespace wixtokend {

/// Holds completion handlers by the instant at which they are to run. It neither reads a clock
/// nor runs anything by itself. Not synchronised.
class timer_queue {
 public:
  using handler = boost::asio::any_completion_handler<void(boost::system::error_code)>;

  /// Names one wait; equal instants run in the order in which they were added.
  struct position {
    instant when;
    std::uint64_t sequence;
    friend auto operator<=>(position const&, position const&) = default;
  };

  position add(instant when, handler completion);

  /// Takes one wait out. @returns an empty handler if it has run or was removed already.
  handler remove(position const& which);

  /// Takes the soonest wait out if it is due at `now`; an empty handler if none is.
  handler pop_due(instant now);

  /// When the soonest wait is due; `never` if there is none.
  [[nodiscard]] instant earliest() const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return waits_.size(); }

 private:
  std::map<position, handler> waits_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace wixtokend
