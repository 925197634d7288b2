#pragma once
// What the load simulation drives: anything that keeps the tokens of a fleet fresh.

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wixtokend::sim::load {

/// Instances are numbered from 0.
using instance_number = std::uint32_t;
/// Names one waiting caller.
using ticket = std::uint64_t;

/// The life of every token here, and what is kept off its end: the same for all.
inline constexpr duration token_life = std::chrono::hours{4};
inline constexpr duration token_margin = std::chrono::seconds{60};

/// What the upstream lets pass, the same for all: requests per second with a burst of one second's
/// worth, and how many at the same time.
struct budget {
  double per_second = 0;
  std::size_t in_flight_max = 64;
};

/// One upstream request.
struct attempt {
  instance_number instance = 0;
  std::uint64_t number = 0;  ///< unique
};

/// What a caller finds.
enum class found { usable, waits, refused };

/// The end of one wait.
struct ended_wait {
  ticket caller = 0;
  bool served = false;
};

/// A contender. Events go in with their time; after each, `next` is asked until it gives nothing,
/// and `take_ended` is called. `wake_at` says when `next` has to be asked at the latest.
class refresher {
 public:
  refresher() = default;
  refresher(refresher const&) = delete;
  refresher& operator=(refresher const&) = delete;
  virtual ~refresher() = default;

  /// An instance without a token is there from now on, and shall be kept fresh.
  virtual void add(instance_number instance, instant now) = 0;
  /// An instance that has been kept fresh for long is there from now on.
  /// @param cycle  Uniform in [0, 1): how much of the time from one refresh to the next is over.
  /// @returns when the request for its present token was sent.
  virtual instant add_warm(instance_number instance, double cycle, instant now) = 0;

  virtual std::optional<attempt> next(instant now) = 0;
  /// @param sent  When the attempt went out: the life of a token counts from there.
  virtual void finished(attempt const& which, bool minted, instant sent, instant now) = 0;
  [[nodiscard]] virtual instant wake_at() const = 0;

  /// A caller wants a token, and waits until `deadline` at most if there is none.
  virtual found ask(instance_number instance, ticket caller, instant deadline, instant now) = 0;
  virtual std::vector<ended_wait> take_ended() = 0;
};

}  // namespace wixtokend::sim::load
