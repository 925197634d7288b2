#pragma once
// Who may do what: the rule. The facts about a peer come from `net/peer`.

#include <cstdint>
#include <utility>
#include <vector>

namespace wixtokend::core {

/// What can be granted. Each call of the local API needs exactly one of them.
enum class role : std::uint8_t { read = 1, register_ = 2, manage = 4, status = 8 };

/// A set of roles.
using role_set = std::uint8_t;
inline constexpr role_set all_roles = 15;
[[nodiscard]] constexpr bool contains(role_set set, role one) noexcept {
  return (set & static_cast<role_set>(one)) != 0;
}

/// A local process as the kernel vouches for it.
struct peer_identity {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;
};

/// Grants roles to peers of one uid.
struct access_rule {
  std::uint32_t uid = 0;
  role_set roles = 0;
};

/// The rules in force. No rule, no access. Whether an instance exists is never asked here, so a
/// refusal tells nothing about it.
class access_policy {
 public:
  /// @param overflow_uid  The id that stands for users of other namespaces; it matches no rule.
  access_policy(std::vector<access_rule> rules, std::uint32_t overflow_uid)
      : rules_{std::move(rules)}, overflow_uid_{overflow_uid} {}

  /// The default: the daemon's own user and root may do everything.
  static access_policy own_user_and_root(std::uint32_t own_uid, std::uint32_t overflow_uid);

  [[nodiscard]] bool allows(peer_identity const& peer, role needed) const noexcept;

 private:
  std::vector<access_rule> rules_;
  std::uint32_t overflow_uid_;
};

}  // namespace wixtokend::core
