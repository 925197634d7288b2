// [[access]]: its keys, what fits together, and the rules that come of it.
#include "base/instance_id.hpp"
#include "core/access.hpp"
#include "daemon/part_settings.hpp"
#include "support/config_world.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using core::contains;
using core::role;
using test::config_world;

constexpr auto sample = "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55";

std::string rule(std::string const& lines) {
  return "[[access]]\n" + lines;
}

}  // namespace

TEST_SUITE("daemon.access_keys") {
  TEST_CASE("a rule is for a user or a group, by name or by number") {
    config_world const w;
    auto const roles = std::string{"roles = ['read', 'manage']\n"};
    auto const settings =
        w.settings(rule("user = 'root'\n" + roles) + rule("uid = 1001\n" + roles) +
                   rule("group = 'root'\n" + roles) + rule("gid = 500\n" + roles));
    REQUIRE(settings.access.size() == 4);
    CHECK(settings.access[0].rule.whom == core::subject::user);
    CHECK(settings.access[0].rule.id == 0);
    CHECK(settings.access[1].rule.whom == core::subject::user);
    CHECK(settings.access[1].rule.id == 1001);
    CHECK(settings.access[2].rule.whom == core::subject::group);
    CHECK(settings.access[2].rule.id == 0);
    CHECK(settings.access[3].rule.whom == core::subject::group);
    CHECK(settings.access[3].rule.id == 500);
    for (auto const& one : settings.access) {
      CHECK(contains(one.rule.roles, role::read));
      CHECK(contains(one.rule.roles, role::manage));
      CHECK_FALSE(contains(one.rule.roles, role::register_));
      CHECK_FALSE(one.rule.apps.has_value());
      CHECK_FALSE(one.rule.instances.has_value());
    }
  }

  TEST_CASE("limits to apps and instances become numbers and ids") {
    config_world const w;
    auto const settings = w.settings(
        "[[app]]\nname = 'blog'\napp_id = '22222222-2222-3333-4444-555555555555'\n"
        "app_secret_file = 'secret'\n" +
        rule("uid = 1001\nroles = ['read']\napps = ['blog']\ninstances = ['" + std::string{sample} +
             "']\n"));
    auto const& made = settings.access.at(0).rule;
    REQUIRE(made.apps.has_value());
    CHECK(*made.apps == std::vector{app_number{1}});
    REQUIRE(made.instances.has_value());
    CHECK(*made.instances == std::vector{instance_id::parse(sample).value()});
  }

  TEST_CASE("exactly one key says whom a rule is for") {
    config_world const w;
    CHECK(w.errors(rule("roles = ['read']\n")) ==
          "c.toml:5:1: access.user: is missing: one of user, uid, group and gid says whom the rule "
          "is for\n");
    CHECK(w.errors(rule("uid = 1\nroles = ['read']\ngid = 2\n")) ==
          "c.toml:8:7: access.gid: stands beside uid: a rule is for one of user, uid, group and "
          "gid; write another [[access]]\n");
    // One that is bad is there all the same.
    CHECK(w.errors(rule("uid = -1\nroles = ['read']\n")) ==
          "c.toml:6:7: access.uid: must be from 0 to 4294967294\n");
    CHECK(w.errors(rule("gid = 4294967295\nroles = ['read']\n")) ==
          "c.toml:6:7: access.gid: must be from 0 to 4294967294\n");
  }

  TEST_CASE("names that nobody has are errors") {
    config_world const w;
    CHECK(w.errors(rule("user = 'no-such-user'\nroles = ['read']\n")) ==
          "c.toml:6:8: access.user: there is no user \"no-such-user\"\n");
    CHECK(w.errors(rule("roles = ['read']\ngroup = 'no-such-group'\n")) ==
          "c.toml:7:9: access.group: there is no group \"no-such-group\"\n");
  }

  TEST_CASE("roles must be there, and be roles") {
    config_world const w;
    CHECK(w.errors(rule("uid = 1\n")) ==
          "c.toml:5:1: access.roles: is missing: it must be an array of \"read\", \"register\", "
          "\"manage\" or \"status\"\n");
    CHECK(w.errors(rule("uid = 1\nroles = []\n")) ==
          "c.toml:7:9: access.roles: must not be empty: it would allow nothing\n");
    CHECK(w.errors(rule("uid = 1\nroles = ['write']\n")) ==
          "c.toml:7:10: access.roles: must be \"read\", \"register\", \"manage\" or \"status\"\n");
  }

  TEST_CASE("an empty limit is an error, not no limit") {
    config_world const w;
    CHECK(w.errors(rule("uid = 1\nroles = ['read']\napps = []\n")) ==
          "c.toml:8:8: access.apps: must not be empty: leave the key out if all apps are meant\n");
    CHECK(
        w.errors(rule("uid = 1\nroles = ['read']\ninstances = []\n")) ==
        "c.toml:8:13: access.instances: must not be empty: leave the key out if all instances are "
        "meant\n");
  }

  TEST_CASE("apps are those of the file, instances are GUIDs") {
    config_world const w;
    CHECK(w.errors(rule("uid = 1\nroles = ['read']\napps = ['mian']\n")) ==
          "c.toml:8:8: access.apps: must be names of apps that stand in this file; did you mean "
          "\"main\"?\n");
    CHECK(w.errors(rule("uid = 1\nroles = ['read']\ninstances = ['x']\n")) ==
          "c.toml:8:14: access.instances: must be a GUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\n");
  }

  TEST_CASE("what is about the whole daemon cannot be limited") {
    config_world const w;
    auto const begin =
        "c.toml:7:9: access.roles: must not have \"status\" beside apps or instances";
    CHECK(w.errors(rule("uid = 1\nroles = ['read', 'status']\napps = ['main']\n"))
              .starts_with(begin));
    CHECK(
        w.errors(rule("uid = 1\nroles = ['status']\ninstances = ['" + std::string{sample} + "']\n"))
            .starts_with(begin));
  }

  TEST_CASE("the overflow ids can be granted nothing, by number or by name") {
    config_world w;
    w.around.overflow = {1001, 500};
    CHECK(w.errors(rule("uid = 1001\nroles = ['read']\n")) ==
          "c.toml:6:7: access.uid: uid 1001 is what the kernel shows for every user of other "
          "namespaces (kernel.overflowuid): it identifies nobody, so no rule can be for it\n");
    CHECK(w.errors(rule("gid = 500\nroles = ['read']\n")) ==
          "c.toml:6:7: access.gid: gid 500 is what the kernel shows for every group of other "
          "namespaces (kernel.overflowgid): it identifies nobody, so no rule can be for it\n");
    CHECK(w.errors(rule("uid = 500\nroles = ['read']\n") +
                   rule("gid = 1001\nroles = ['read']\n")) == "");
    w.around.overflow = {0, 0};
    CHECK(w.errors(rule("user = 'root'\nroles = ['read']\n"))
              .starts_with("c.toml:6:8: access.user: uid 0 is what"));
    CHECK(w.errors(rule("group = 'root'\nroles = ['read']\n"))
              .starts_with("c.toml:6:9: access.group: gid 0 is what"));
  }

  TEST_CASE("it is a warning that nobody is given a token") {
    config_world const w;
    auto const loaded =
        w.load(test::good_configuration + rule("uid = 1\nroles = ['status', 'manage']\n"));
    CHECK(loaded.errors.empty());
    REQUIRE(loaded.warnings.size() == 1);
    CHECK(to_text("c.toml", loaded.warnings.front()) ==
          "c.toml:7:9: access.roles: no [[access]] grants \"read\": nobody is given a token");
    CHECK(w.load(test::good_configuration + rule("uid = 1\nroles = ['status']\n") +
                 rule("uid = 2\nroles = ['read']\n"))
              .warnings.empty());
    CHECK(w.load(test::good_configuration).warnings.empty());
  }

  TEST_CASE("with a rule only the rules count; without one, the own user and root") {
    config_world const w;
    auto const own = policy_of(w.settings(""));
    CHECK(own.grants_of({0, 0, {}}, core::all_roles).allows(role::manage));
    CHECK(own.grants_of({::geteuid(), 1, {}}, core::all_roles).allows(role::status));

    auto const ruled = policy_of(w.settings(rule("gid = 500\nroles = ['read']\n")));
    CHECK_FALSE(ruled.grants_of({0, 0, {}}, core::all_roles).allows(role::read));
    CHECK_FALSE(ruled.grants_of({::geteuid(), 1, {}}, core::all_roles).allows(role::read));
    CHECK(ruled.grants_of({1001, 1, {500}}, core::all_roles).allows(role::read));
    CHECK_FALSE(ruled.grants_of({1001, 500, {}}, core::all_roles).allows(role::status));
  }
}
