#include "core/access.hpp"

#include <algorithm>

namespace wixtokend::core {

access_policy access_policy::own_user_and_root(std::uint32_t own_uid, std::uint32_t overflow_uid) {
  std::vector<access_rule> rules{{0, all_roles}};
  if (own_uid != 0) rules.push_back({own_uid, all_roles});
  return {std::move(rules), overflow_uid};
}

bool access_policy::allows(peer_identity const& peer, role needed) const noexcept {
  if (peer.uid == overflow_uid_) return false;
  return std::any_of(rules_.begin(), rules_.end(), [&](access_rule const& rule) {
    return rule.uid == peer.uid && contains(rule.roles, needed);
  });
}

}  // namespace wixtokend::core
