#include "core/peer_limits.hpp"

#include "core/pace.hpp"

namespace wixtokend::core {
namespace {
constexpr std::size_t peers_max = 1'024;
}

instant peer_limits::available_at(peer_id peer) const {
  auto const found = buckets_.find(peer);
  return found == buckets_.end() ? instant::min() : found->second.available_at();
}

bool peer_limits::try_take(peer_id peer, instant now) {
  if (buckets_.size() >= peers_max) {
    std::erase_if(buckets_, [now](auto const& one) { return one.second.available_at() <= now; });
  }
  auto const [found, added] =
      buckets_.try_emplace(peer, token_bucket{per_second_, burst_of(per_second_)});
  return found->second.try_take(now);
}

void peer_limits::set_rate(double per_second) {
  if (per_second == per_second_) return;
  per_second_ = per_second;
  buckets_.clear();
}

}  // namespace wixtokend::core
