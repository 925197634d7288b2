#include "core/probation.hpp"

#include <cassert>

namespace wixtokend::core {
namespace {
constexpr std::size_t accounts_max = 1'024;  // beyond it, accounts without entries are dropped
}

std::optional<duration> probation::admit(std::uint32_t uid, instant now) {
  forget_quiet(now);
  auto const found = accounts_.try_emplace(
      uid, account{0, token_bucket{policy_.probation_per_second, policy_.probation_burst}});
  auto& mine = found.first->second;

  bool const full = size_ >= policy_.probation_max ||
                    mine.held >= policy_.probation_max / policy_.probation_share;
  if (full) return policy_.negative_first;
  if (!mine.rate.try_take(now)) return mine.rate.available_at() - now;
  ++mine.held;
  ++size_;
  return std::nullopt;
}

void probation::leave(std::uint32_t uid) noexcept {
  auto const found = accounts_.find(uid);
  assert(found != accounts_.end() && found->second.held != 0 && size_ != 0);
  --found->second.held;
  --size_;
}

void probation::forget_quiet(instant now) {
  if (accounts_.size() < accounts_max) return;
  std::erase_if(accounts_, [now](auto const& one) {
    return one.second.held == 0 && one.second.rate.available_at() <= now;
  });
}

}  // namespace wixtokend::core
