#include "core/access.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace wixtokend::core {
namespace {

constexpr app_number main_app{0};
constexpr app_number blog{1};
constexpr overflow_ids nobody{65'534, 65'533};
constexpr auto read = static_cast<role_set>(role::read);
constexpr auto manage = static_cast<role_set>(role::manage);
constexpr auto every_role = {role::read, role::register_, role::manage, role::status};

instance_id id(unsigned n) {
  auto const digits = std::to_string(n);
  return instance_id::parse("00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') +
                            digits)
      .value();
}

access_rule user(std::uint32_t uid, role_set roles) {
  return {subject::user, uid, roles};
}

access_rule group(std::uint32_t gid, role_set roles) {
  return {subject::group, gid, roles};
}

access_rule limited(access_rule rule, std::initializer_list<app_number> apps,
                    std::initializer_list<unsigned> instances = {}) {
  if (apps.size() != 0) rule.apps = apps;
  if (instances.size() != 0) {
    rule.instances.emplace();
    for (auto const n : instances) rule.instances->push_back(id(n));
  }
  return rule;
}

grants of(std::vector<access_rule> rules, peer_identity const& peer, role_set most = all_roles) {
  return access_policy{std::move(rules), nobody}.grants_of(peer, most);
}

}  // namespace

TEST_SUITE("core.access") {
  TEST_CASE("by default the own user and root may do everything, others nothing") {
    auto const policy = access_policy::own_user_and_root(990, 65'534);
    for (auto const needed : every_role) {
      instance_key const key{blog, id(1)};
      CHECK(policy.grants_of({990, 990, {}}, all_roles).allows(needed, key));
      CHECK(policy.grants_of({0, 0, {}}, all_roles).allows(needed, key));
      CHECK(policy.grants_of({0, 0, {}}, all_roles).names_all_apps(needed));
      CHECK_FALSE(policy.grants_of({1000, 990, {990, 0}}, all_roles).allows(needed));
    }
  }

  TEST_CASE("a rule grants no more than its roles, and a socket no more than its own") {
    auto const granted = of({user(1000, read | manage)}, {1000, 1, {}});
    CHECK(granted.allows(role::read));
    CHECK(granted.allows(role::manage, instance_key{blog, id(7)}));
    CHECK_FALSE(granted.allows(role::register_));
    CHECK_FALSE(granted.allows(role::status));

    auto const through = of({user(1000, read | manage)}, {1000, 1, {}}, read);
    CHECK(through.allows(role::read, main_app));
    CHECK_FALSE(through.allows(role::manage));
    CHECK_FALSE(through.allows(role::manage, main_app));
    CHECK_FALSE(through.allows(role::manage, instance_key{}));
    CHECK_FALSE(through.names_all_apps(role::manage));
    CHECK(through.only(role::manage, main_app)->empty());
  }

  TEST_CASE("a socket bounds limited rules, too") {
    auto const granted =
        of({limited(user(1000, read | manage), {main_app}, {1})}, {1000, 1, {}}, read);
    CHECK(granted.allows(role::read, instance_key{main_app, id(1)}));
    CHECK_FALSE(granted.allows(role::manage));
    CHECK_FALSE(granted.allows(role::manage, main_app));
    CHECK_FALSE(granted.allows(role::manage, instance_key{main_app, id(1)}));
    CHECK(granted.only(role::manage, main_app)->empty());
  }

  TEST_CASE("no rule, no access") {
    auto const granted = of({}, {0, 0, {0}});
    for (auto const needed : every_role) {
      CHECK_FALSE(granted.allows(needed));
      CHECK_FALSE(granted.allows(needed, main_app));
      CHECK_FALSE(granted.allows(needed, instance_key{}));
      CHECK(granted.only(needed, main_app)->empty());
    }
  }

  TEST_CASE("a group counts whether it is the primary one or supplementary") {
    std::vector<access_rule> const rules{group(500, read)};
    CHECK(of(rules, {1000, 500, {}}).allows(role::read));
    CHECK(of(rules, {1000, 1, {7, 500, 9}}).allows(role::read));
    CHECK_FALSE(of(rules, {500, 1, {7, 9}}).allows(role::read));  // a uid is no gid
    CHECK_FALSE(of({user(500, read)}, {1000, 500, {500}}).allows(role::read));
  }

  TEST_CASE("the overflow uid identifies nobody, whatever rule or group there is") {
    std::vector<access_rule> const rules{user(nobody.uid, all_roles), group(500, all_roles)};
    CHECK(of(rules, {1000, 500, {}}).allows(role::read));
    CHECK_FALSE(of(rules, {nobody.uid, 500, {500}}).allows(role::read));
    auto const own = access_policy::own_user_and_root(65'534, 65'534);
    CHECK_FALSE(own.grants_of({65'534, 0, {}}, all_roles).allows(role::status));
  }

  TEST_CASE("the overflow gid matches no rule, and leaves the peer's other ids to others") {
    std::vector<access_rule> const rules{group(nobody.gid, all_roles), user(1000, read)};
    CHECK_FALSE(of(rules, {1001, nobody.gid, {}}).allows(role::read));
    CHECK_FALSE(of(rules, {1001, 1, {nobody.gid}}).allows(role::read));
    auto const granted = of(rules, {1000, nobody.gid, {nobody.gid}});
    CHECK(granted.allows(role::read));
    CHECK_FALSE(granted.allows(role::manage));
    // The two ids differ here: neither stands for the other.
    CHECK(of({group(nobody.uid, read)}, {1000, nobody.uid, {}}).allows(role::read));
    CHECK(of({user(nobody.gid, read)}, {nobody.gid, 1, {}}).allows(role::read));
  }

  TEST_CASE("a limit to apps leaves nothing of others") {
    auto const granted = of({limited(user(1000, read), {blog})}, {1000, 1, {}});
    CHECK(granted.allows(role::read));
    CHECK(granted.allows(role::read, blog));
    CHECK(granted.allows(role::read, instance_key{blog, id(1)}));
    CHECK_FALSE(granted.allows(role::read, main_app));
    CHECK_FALSE(granted.allows(role::read, instance_key{main_app, id(1)}));
    CHECK_FALSE(granted.names_all_apps(role::read));
    CHECK_FALSE(granted.only(role::read, blog).has_value());
    CHECK(granted.only(role::read, main_app)->empty());
  }

  TEST_CASE("a limit to instances leaves nothing of others, nor of the same id in other apps") {
    auto const granted = of({limited(user(1000, read), {blog}, {3, 1, 3})}, {1000, 1, {}});
    CHECK(granted.allows(role::read, blog));
    CHECK(granted.allows(role::read, instance_key{blog, id(1)}));
    CHECK(granted.allows(role::read, instance_key{blog, id(3)}));
    CHECK_FALSE(granted.allows(role::read, instance_key{blog, id(2)}));
    CHECK_FALSE(granted.allows(role::read, instance_key{blog, instance_id{}}));
    CHECK_FALSE(granted.allows(role::read, instance_key{main_app, id(1)}));
    CHECK(granted.only(role::read, blog) == std::vector{id(1), id(3)});
  }

  TEST_CASE("instances without apps are meant in each app") {
    auto const granted = of({limited(user(1000, read), {}, {1})}, {1000, 1, {}});
    for (auto const app : {main_app, blog, app_number{9}}) {
      CHECK(granted.allows(role::read, instance_key{app, id(1)}));
      CHECK_FALSE(granted.allows(role::read, instance_key{app, id(2)}));
      CHECK(granted.only(role::read, app) == std::vector{id(1)});
    }
    CHECK(granted.names_all_apps(role::read));
  }

  TEST_CASE("an empty list is a limit that leaves nothing") {
    auto no_apps = user(1000, read);
    no_apps.apps.emplace();
    CHECK_FALSE(of({no_apps}, {1000, 1, {}}).allows(role::read, main_app));
    auto no_instances = user(1000, read);
    no_instances.instances.emplace();
    auto const granted = of({no_instances}, {1000, 1, {}});
    CHECK_FALSE(granted.allows(role::read, main_app));
    CHECK_FALSE(granted.allows(role::read, instance_key{}));
  }

  TEST_CASE("several rules that match add up, each role by itself") {
    std::vector<access_rule> const rules{limited(user(1000, read), {main_app}, {2}),
                                         limited(group(500, read), {main_app}, {1, 2}),
                                         limited(user(1000, manage), {blog})};
    auto const granted = of(rules, {1000, 1, {500}});
    CHECK(granted.only(role::read, main_app) == std::vector{id(1), id(2)});
    CHECK_FALSE(granted.allows(role::read, blog));
    CHECK(granted.allows(role::manage, instance_key{blog, id(9)}));
    CHECK_FALSE(granted.allows(role::manage, instance_key{main_app, id(2)}));

    auto wider = rules;
    wider.push_back(user(1000, read));
    auto const all = of(wider, {1000, 1, {500}});
    CHECK_FALSE(all.only(role::read, main_app).has_value());
    CHECK(all.allows(role::read, instance_key{blog, id(9)}));
    CHECK_FALSE(all.allows(role::manage, main_app));
  }

  TEST_CASE("rules add up as they are: an app of one does not meet an instance of another") {
    auto const granted =
        of({limited(user(1000, read), {main_app}, {1}), limited(user(1000, read), {blog}, {2})},
           {1000, 1, {}});
    CHECK(granted.allows(role::read, instance_key{main_app, id(1)}));
    CHECK(granted.allows(role::read, instance_key{blog, id(2)}));
    CHECK_FALSE(granted.allows(role::read, instance_key{main_app, id(2)}));
    CHECK_FALSE(granted.allows(role::read, instance_key{blog, id(1)}));
    CHECK(granted.only(role::read, blog) == std::vector{id(2)});
  }

  TEST_CASE("what is about the whole daemon is not granted by a rule with limits") {
    CHECK_FALSE(of({limited(user(1, all_roles), {main_app})}, {1, 1, {}}).allows(role::status));
    CHECK_FALSE(of({limited(user(1, all_roles), {}, {1})}, {1, 1, {}}).allows(role::status));
    CHECK(of({limited(user(1, read), {main_app}), user(1, all_roles)}, {1, 1, {}})
              .allows(role::status));
  }

  TEST_CASE("an assignment ends what was granted before, whatever is assigned") {
    access_policy policy{{user(1000, read)}, nobody};
    auto const before = policy.grants_of({1000, 1, {}}, all_roles);
    CHECK(before.epoch() == policy.epoch());
    CHECK(grants{}.epoch() != policy.epoch());

    policy = access_policy{{}, nobody};
    CHECK(before.epoch() != policy.epoch());
    CHECK(before.allows(role::read));  // which is why its epoch has to be looked at
    auto const between = policy.grants_of({1000, 1, {}}, all_roles);
    CHECK_FALSE(between.allows(role::read));

    auto const same = policy;
    policy = same;
    CHECK(between.epoch() != policy.epoch());
    CHECK(before.epoch() != policy.epoch());
  }

  TEST_CASE("what was granted outlives the rules that it was made of") {
    auto policy = std::make_unique<access_policy>(
        std::vector{limited(user(1000, read), {main_app}, {1})}, nobody);
    auto const granted = policy->grants_of({1000, 1, {}}, all_roles);
    policy.reset();
    CHECK(granted.allows(role::read, instance_key{main_app, id(1)}));
  }
}

}  // namespace wixtokend::core
