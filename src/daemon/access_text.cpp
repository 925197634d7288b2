#include "daemon/access_text.hpp"

#include "base/text.hpp"
#include "daemon/config_lists.hpp"

namespace wixtokend::daemon {
namespace {

std::string whom_text(access_settings const& one) {
  bool const is_user = one.rule.whom == core::subject::user;
  auto id = (is_user ? "uid " : "gid ") + std::to_string(one.rule.id);
  auto const& name = is_user ? one.user : one.group;
  if (name.empty()) return id;
  return (is_user ? "user " : "group ") + wixtokend::quoted(name, 64) + " (" + id + ')';
}

std::string apps_text(std::vector<std::string> const& apps) {
  if (apps.empty()) return "all apps";
  std::string out = apps.size() == 1 ? "app " : "apps ";
  for (auto const& app : apps) {
    if (&app != &apps.front()) out += ", ";
    out += app;
  }
  return out;
}

std::string instances_text(std::vector<instance_id> const& instances) {
  if (instances.empty()) return "all instances of ";
  if (instances.size() == 1) return "instance " + instances.front().to_string() + " of ";
  return std::to_string(instances.size()) + " instances of ";
}

}  // namespace

std::string access_text(configuration const& settings) {
  if (settings.access.empty()) {
    return "access: the daemon's own user and root may do everything, nobody else anything\n";
  }
  std::string out = "access, for nobody but:\n";
  for (auto const& one : settings.access) {
    out += "  " + whom_text(one) + ": " + roles_text(one.roles) + "; " +
           instances_text(one.instances) + apps_text(one.apps) + '\n';
  }
  return out;
}

}  // namespace wixtokend::daemon
