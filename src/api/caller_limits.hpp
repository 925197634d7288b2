#pragma once
// What one peer, a user on a socket, may use of the daemon at a time: held requests, and requests
// per second.

#include "base/time.hpp"
#include "core/engine_types.hpp"
#include "core/peer_limits.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>

namespace wixtokend::api {

/// Counts by peer, in memory bounded by what is counted. Limits are given at each question, since a
/// reload may change them. Belongs to the loop's thread.
class caller_limits {
 public:
  /// One held request; it ends with this object, which must not outlive the limits.
  class place {
   public:
    place(place&& other) noexcept : owner_{std::exchange(other.owner_, nullptr)}, of_{other.of_} {}
    place(place const&) = delete;
    place& operator=(place const&) = delete;
    ~place() {
      if (owner_ != nullptr) owner_->leave(of_);
    }

   private:
    friend class caller_limits;
    place(caller_limits& owner, core::peer_id of) noexcept : owner_{&owner}, of_{of} {}

    caller_limits* owner_;
    core::peer_id of_;
  };

  /// A place for a request that is held. Nothing if the peer has `max` of them.
  [[nodiscard]] std::optional<place> hold(core::peer_id peer, std::size_t max);
  /// The requests of a peer that are held now.
  [[nodiscard]] std::size_t held(core::peer_id peer) const;

  /// Counts a request against the peer's rate, with a burst of one second of it.
  /// @param per_second  0: without limit.
  /// @returns how long to wait if it may not go now.
  std::optional<duration> admit(core::peer_id peer, double per_second, instant now);

 private:
  void leave(core::peer_id peer) noexcept;

  std::map<core::peer_id, std::size_t> held_;
  std::optional<core::peer_limits> rates_;
};

}  // namespace wixtokend::api
