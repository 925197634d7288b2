#include "api/caller_limits.hpp"

namespace wixtokend::api {

std::optional<caller_limits::place> caller_limits::hold(core::peer_id peer, std::size_t max) {
  if (held(peer) >= max) return std::nullopt;
  ++held_[peer];
  return place{*this, peer};
}

std::size_t caller_limits::held(core::peer_id peer) const {
  auto const found = held_.find(peer);
  return found == held_.end() ? 0 : found->second;
}

void caller_limits::leave(core::peer_id peer) noexcept {
  auto const found = held_.find(peer);
  if (--found->second == 0) held_.erase(found);
}

std::optional<duration> caller_limits::admit(core::peer_id peer, double per_second, instant now) {
  if (per_second <= 0) {
    rates_.reset();
    return std::nullopt;
  }
  if (!rates_) rates_.emplace(per_second);
  rates_->set_rate(per_second);
  if (rates_->try_take(peer, now)) return std::nullopt;
  return rates_->available_at(peer) - now;
}

}  // namespace wixtokend::api
