#include "daemon/reload_check.hpp"

#include <cstddef>
#include <string_view>

namespace wixtokend::daemon {
namespace {

class differences {
 public:
  template <class Value>
  void look(std::string_view key, Value const& in_force, Value const& wanted) {
    if (!(in_force == wanted)) found_.push_back(place_ + '.' + std::string{key});
  }
  void within(std::string place) { place_ = std::move(place); }
  void add(std::string key) { found_.push_back(std::move(key)); }
  [[nodiscard]] std::vector<std::string> take() { return std::move(found_); }

 private:
  std::string place_;
  std::vector<std::string> found_;
};

void look_at_app(app_settings const& is, app_settings const& wanted, differences& found) {
  found.within("app." + is.name);
  found.look("name", is.name, wanted.name);
  found.look("app_id", is.app_id, wanted.app_id);
  found.look("base_url", is.base_url, wanted.base_url);
  found.look("ca_file", is.ca_file, wanted.ca_file);
  found.look("allow_plain_http", is.allow_plain_http, wanted.allow_plain_http);
  found.look("proxy", is.proxy, wanted.proxy);
  found.look("in_flight_max", is.policy.in_flight_max, wanted.policy.in_flight_max);
}

void look_at_socket(socket_settings const& is, socket_settings const& wanted, differences& found) {
  found.within("socket." + is.name);
  found.look("name", is.name, wanted.name);
  found.look("path", is.path, wanted.path);
  found.look("directory_mode", is.directory_mode, wanted.directory_mode);
  found.look("mode", is.mode, wanted.mode);
  found.look("owner", is.owner_id, wanted.owner_id);
  found.look("group", is.group_id, wanted.group_id);
  found.look("roles", is.roles, wanted.roles);
}

}  // namespace

std::vector<std::string> keys_for_restart(configuration const& in_force,
                                          configuration const& wanted) {
  differences found;
  found.within("log");
  found.look("level", in_force.log.level, wanted.log.level);
  found.look("format", in_force.log.format, wanted.log.format);

  if (in_force.apps.size() != wanted.apps.size()) {
    found.add("[[app]]");
  } else {
    for (std::size_t i = 0; i < wanted.apps.size(); ++i) {
      look_at_app(in_force.apps[i], wanted.apps[i], found);
    }
  }
  if (in_force.sockets.size() != wanted.sockets.size()) {
    found.add("[[socket]]");
  } else {
    for (std::size_t i = 0; i < wanted.sockets.size(); ++i) {
      look_at_socket(in_force.sockets[i], wanted.sockets[i], found);
    }
  }
  found.within("store");
  found.look("file", in_force.store.file, wanted.store.file);
  found.look("key_file", in_force.store.key_file, wanted.store.key_file);
  found.look("allow_volatile", in_force.store.allow_volatile, wanted.store.allow_volatile);
  found.look("removed_retention", in_force.store.removed_retention, wanted.store.removed_retention);
  found.within("audit");
  found.look("file", in_force.audit.file, wanted.audit.file);
  found.look("overflow", in_force.audit.overflow, wanted.audit.overflow);
  found.within("limits");
  found.look("max_instances", in_force.limits.max_instances, wanted.limits.max_instances);
  found.within("metrics");
  found.look("listen", in_force.metrics.listen, wanted.metrics.listen);
  found.within("process");
  found.look("lock_memory", in_force.process.lock_memory, wanted.process.lock_memory);
  return found.take();
}

bool has_new_secret(configuration const& in_force, configuration const& wanted) {
  if (in_force.apps.size() != wanted.apps.size()) return false;
  for (std::size_t i = 0; i < wanted.apps.size(); ++i) {
    auto const& secret = wanted.apps[i].app_secret;
    if (!secret.empty() && !(secret == in_force.apps[i].app_secret)) return true;
  }
  return false;
}

std::vector<std::string> watched_files(configuration const& settings) {
  std::vector<std::string> out;
  for (auto const& app : settings.apps) {
    if (!app.app_secret_path.empty()) out.push_back(app.app_secret_path);
  }
  return out;
}

}  // namespace wixtokend::daemon
