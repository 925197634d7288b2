#include "core/access.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::core {
namespace {

bool is_limited(access_rule const& rule) noexcept {
  return rule.apps || rule.instances;
}

template <class T>
void sort_and_unite(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// As look-ups need it.
std::shared_ptr<access_rule const> prepared(access_rule&& rule) {
  if (is_limited(rule)) {
    rule.roles = static_cast<role_set>(rule.roles & ~static_cast<role_set>(role::status));
  }
  if (rule.apps) sort_and_unite(*rule.apps);
  if (rule.instances) sort_and_unite(*rule.instances);
  return std::make_shared<access_rule const>(std::move(rule));
}

bool covers(access_rule const& rule, app_number app) noexcept {
  return !rule.apps || std::binary_search(rule.apps->begin(), rule.apps->end(), app);
}

bool covers(access_rule const& rule, instance_id const& id) noexcept {
  return !rule.instances || std::binary_search(rule.instances->begin(), rule.instances->end(), id);
}

}  // namespace

bool grants::allows(role needed, app_number app) const noexcept {
  if (contains(everywhere_, needed)) return true;
  if (!contains(somewhere_, needed)) return false;
  return std::any_of(limited_.begin(), limited_.end(), [&](auto const& rule) {
    bool const any = !rule->instances || !rule->instances->empty();
    return any && contains(rule->roles, needed) && covers(*rule, app);
  });
}

bool grants::allows(role needed, instance_key const& key) const noexcept {
  if (contains(everywhere_, needed)) return true;
  if (!contains(somewhere_, needed)) return false;
  return std::any_of(limited_.begin(), limited_.end(), [&](auto const& rule) {
    return contains(rule->roles, needed) && covers(*rule, key.app) && covers(*rule, key.instance);
  });
}

bool grants::names_all_apps(role needed) const noexcept {
  if (contains(everywhere_, needed)) return true;
  if (!contains(somewhere_, needed)) return false;
  return std::any_of(limited_.begin(), limited_.end(), [&](auto const& rule) {
    return contains(rule->roles, needed) && !rule->apps;
  });
}

std::optional<std::vector<instance_id>> grants::only(role needed, app_number app) const {
  if (contains(everywhere_, needed)) return std::nullopt;
  std::vector<instance_id> found;
  if (!contains(somewhere_, needed)) return found;
  for (auto const& rule : limited_) {
    if (!contains(rule->roles, needed) || !covers(*rule, app)) continue;
    if (!rule->instances) return std::nullopt;
    found.insert(found.end(), rule->instances->begin(), rule->instances->end());
  }
  sort_and_unite(found);
  return found;
}

access_policy::access_policy(std::vector<access_rule> rules, overflow_ids overflow)
    : overflow_{overflow} {
  rules_.reserve(rules.size());
  for (auto& rule : rules) rules_.push_back(prepared(std::move(rule)));
}

access_policy access_policy::own_user_and_root(std::uint32_t own_uid, std::uint32_t overflow_uid) {
  std::vector<access_rule> rules{{subject::user, 0, all_roles}};
  if (own_uid != 0) rules.push_back({subject::user, own_uid, all_roles});
  overflow_ids overflow;
  overflow.uid = overflow_uid;
  return {std::move(rules), overflow};
}

access_policy& access_policy::operator=(access_policy next) noexcept {
  rules_ = std::move(next.rules_);
  overflow_ = next.overflow_;
  ++epoch_;
  return *this;
}

bool access_policy::matches(access_rule const& rule, peer_identity const& peer) const noexcept {
  if (rule.whom == subject::user) return rule.id == peer.uid;
  if (rule.id == overflow_.gid) return false;
  return rule.id == peer.gid ||
         std::find(peer.groups.begin(), peer.groups.end(), rule.id) != peer.groups.end();
}

grants access_policy::grants_of(peer_identity const& peer, role_set most) const {
  grants found;
  found.epoch_ = epoch_;
  if (peer.uid == overflow_.uid) return found;
  for (auto const& rule : rules_) {
    if (!matches(*rule, peer)) continue;
    auto const roles = static_cast<role_set>(rule->roles & most);
    found.somewhere_ = static_cast<role_set>(found.somewhere_ | roles);
    if (is_limited(*rule)) {
      found.limited_.push_back(rule);
    } else {
      found.everywhere_ = static_cast<role_set>(found.everywhere_ | roles);
    }
  }
  return found;
}

grants access_policy::grants_of_anybody(role_set roles) const noexcept {
  grants found;
  found.epoch_ = epoch_;
  found.everywhere_ = found.somewhere_ = roles;
  return found;
}

}  // namespace wixtokend::core
