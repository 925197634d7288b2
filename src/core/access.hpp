#pragma once
// Who may do what: the rules, and what they come to for one peer. The facts about a peer come from
// `net/peer`.

#include "base/instance_id.hpp"

#include <cstdint>
#include <memory>
#include <optional>
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
  std::vector<std::uint32_t> groups;  ///< supplementary ones
};

/// The ids that stand for users and groups of other namespaces. They identify nobody.
struct overflow_ids {
  std::uint32_t uid = 65'534;
  std::uint32_t gid = 65'534;
};

/// Whose id a rule has.
enum class subject : std::uint8_t { user, group };

/// Grants roles to a user, or to all whose primary or supplementary group it names. One that is
/// limited, to apps or to instances, never grants `status`: that is about the whole daemon.
struct access_rule {
  subject whom = subject::user;
  std::uint32_t id = 0;
  role_set roles = 0;
  std::optional<std::vector<app_number>> apps{};        ///< none: all
  std::optional<std::vector<instance_id>> instances{};  ///< of these apps; none: all
};

/// What the policy grants one peer through one socket: the union of the rules that match it. Shares
/// the rules with all other peers, so that it is small however many instances they name.
class grants {
 public:
  /// Nothing, by no policy.
  grants() = default;

  /// The policy's epoch that this was made in; 0: made by none.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  /// Whether a role is granted for anything at all.
  [[nodiscard]] bool allows(role needed) const noexcept { return contains(somewhere_, needed); }
  /// Whether it is granted for anything of an app.
  [[nodiscard]] bool allows(role needed, app_number app) const noexcept;
  /// Whether it is granted for an instance. A comparison for peers without limits, a binary search
  /// in each matching rule for others.
  [[nodiscard]] bool allows(role needed, instance_key const& key) const noexcept;

  /// Whether a role is granted without a limit to certain apps: such a peer may be told which names
  /// are no app's.
  [[nodiscard]] bool names_all_apps(role needed) const noexcept;

  /// The only instances of an app that a role is granted for, in their order; nothing: all of them.
  [[nodiscard]] std::optional<std::vector<instance_id>> only(role needed, app_number app) const;

 private:
  friend class access_policy;

  std::uint64_t epoch_ = 0;
  role_set everywhere_ = 0;  ///< granted without any limit
  role_set somewhere_ = 0;
  std::vector<std::shared_ptr<access_rule const>> limited_;  ///< rules with limits
};

/// The rules in force. No rule, no access. Whether an instance exists is never asked here, so a
/// refusal tells nothing about it.
class access_policy {
 public:
  access_policy(std::vector<access_rule> rules, overflow_ids overflow);

  /// The default: the daemon's own user and root may do everything.
  static access_policy own_user_and_root(std::uint32_t own_uid, std::uint32_t overflow_uid);

  access_policy(access_policy const&) = default;
  access_policy(access_policy&&) noexcept = default;
  /// Puts other rules into force here: the epoch goes up, whatever that of `next` is, and so ends
  /// all grants that were made before.
  access_policy& operator=(access_policy next) noexcept;
  ~access_policy() = default;

  /// Never 0, and another one after each assignment.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  /// What a peer may do until the epoch goes up. A peer of the overflow uid gets nothing, by
  /// whatever group; the overflow gid matches no rule.
  /// @param most  The roles that can be granted at all where the peer has connected.
  [[nodiscard]] grants grants_of(peer_identity const& peer, role_set most) const;
  /// The same where the peers have no identity: the roles that whoever reaches it is meant to have.
  [[nodiscard]] grants grants_of_anybody(role_set roles) const noexcept;

 private:
  [[nodiscard]] bool matches(access_rule const& rule, peer_identity const& peer) const noexcept;

  std::vector<std::shared_ptr<access_rule const>> rules_;  ///< their lists are sorted
  overflow_ids overflow_;
  std::uint64_t epoch_ = 1;
};

}  // namespace wixtokend::core
