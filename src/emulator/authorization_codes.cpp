#include "emulator/authorization_codes.hpp"

namespace wixtokend::emulator {

result<void> authorization_codes::issue(std::uint64_t serial, wall_time now) {
  if (waiting_.size() >= waiting_max) {
    std::erase_if(waiting_, [&](auto const& one) { return one.second <= now; });
  }
  if (waiting_.size() >= waiting_max) return errc::too_many_requests;
  waiting_.emplace(serial, now + life);
  return {};
}

bool authorization_codes::redeem(std::uint64_t serial, wall_time now) {
  auto const found = waiting_.find(serial);
  if (found == waiting_.end()) return false;
  bool const alive = now < found->second;
  waiting_.erase(found);
  return alive;
}

}  // namespace wixtokend::emulator
