#pragma once
// A rate limit for each peer, in bounded memory.

#include "core/engine_types.hpp"
#include "core/token_bucket.hpp"

#include <map>

namespace wixtokend::core {

/// Token buckets by peer, all of one rate. Peers whose bucket is full again are forgotten.
class peer_limits {
 public:
  /// @param per_second  Greater than 0.
  explicit peer_limits(double per_second) noexcept : per_second_{per_second} {}

  /// When the peer may go; in the past if it may go now.
  [[nodiscard]] instant available_at(peer_id peer) const;
  /// Takes one if the peer may go now.
  bool try_take(peer_id peer, instant now);
  /// How many peers are remembered.
  [[nodiscard]] std::size_t size() const noexcept { return buckets_.size(); }
  /// Another rate for all; what they took is forgotten.
  void set_rate(double per_second);

 private:
  double per_second_;
  std::map<peer_id, token_bucket> buckets_;
};

}  // namespace wixtokend::core
