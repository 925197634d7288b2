#include "daemon/config_checks.hpp"

#include "base/text.hpp"
#include "daemon/suggestion.hpp"
#include "net/socket_folder.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace wixtokend::daemon {
namespace {

class checker {
 public:
  explicit checker(config_reading& reading) : reading_{reading} {}

  void add(std::string_view table, std::size_t index, std::string_view key, std::string text) {
    reading_.problems.push_back({reading_.places.find(table, index, key),
                                 std::string{table} + '.' + std::string{key}, std::move(text)});
  }

  // Whether a key is there, be its value good or not.
  [[nodiscard]] bool stands(std::string_view table, std::size_t index, std::string_view key) const {
    auto const& places = reading_.places;
    return places.find(table, index, key) != places.find(table, index, {});
  }

  // Whether a value has stood before in an earlier table of that name.
  template <class Settings, class Same>
  void check_unique(std::string_view table, std::string_view key, std::vector<Settings> const& all,
                    Same same) {
    for (std::size_t i = 1; i < all.size(); ++i) {
      auto const end = all.begin() + static_cast<std::ptrdiff_t>(i);
      bool const taken = std::any_of(
          all.begin(), end, [&](Settings const& earlier) { return same(earlier, all[i]); });
      if (taken)
        add(table, i, key, "must differ from that of every other [[" + std::string{table} + "]]");
    }
  }

 private:
  config_reading& reading_;
};

// A secret in the place of its file's name would end up in an error text if it were used as one.
bool looks_like_a_secret(std::string const& file) {
  if (file.find('/') != std::string::npos) return false;
  if (instance_id::parse(file).has_value()) return true;
  return file.size() >= 24 && file.find('.') == std::string::npos;
}

void check_server(app_settings& app, std::size_t index, checker& check) {
  auto server = net::parse_origin(app.base_url);
  if (!server.has_value()) {
    check.add("app", index, "base_url",
              "must be https://HOST, with an optional port and path, and nothing else");
    return;
  }
  app.server = *std::move(server);
  if (app.server.tls) return;
  if (!app.server.is_loopback()) {
    check.add("app", index, "base_url",
              "must be https://: plain HTTP would send the app's secret over the network readable");
  } else if (!app.allow_plain_http) {
    check.add("app", index, "base_url",
              "must be https://; for a test server on this machine set allow_plain_http = true");
  }
}

void check_instances(app_settings const& app, std::size_t index, checker& check) {
  std::unordered_set<instance_key> seen;
  for (auto const& id : app.instances) {
    if (seen.insert({app_number{0}, id}).second) continue;
    check.add("app", index, "instances", id.to_string() + " stands there twice");
  }
}

void check_rates(app_settings const& app, std::size_t index, checker& check) {
  auto const& policy = app.policy;
  if (policy.requests_per_second && *policy.requests_per_second > policy.requests_per_second_max) {
    check.add("app", index, "requests_per_second", "must not be more than requests_per_second_max");
  }
}

void check_apps(configuration& settings, checker& check) {
  for (std::size_t i = 0; i < settings.apps.size(); ++i) {
    auto& app = settings.apps[i];
    if (looks_like_a_secret(app.app_secret_file)) {
      check.add("app", i, "app_secret_file",
                "must be the name of a file; this looks like the secret itself, which must not "
                "stand here (if it is a file's name, write it with its folder)");
      app.app_secret_file.clear();
    }
    check_server(app, i, check);
    check_instances(app, i, check);
    check_rates(app, i, check);
  }
  check.check_unique("app", "name", settings.apps,
                     [](auto const& a, auto const& b) { return a.name == b.name; });
  check.check_unique("app", "app_id", settings.apps, [](auto const& a, auto const& b) {
    return !a.app_id.empty() && equal_ignoring_case(a.app_id, b.app_id);
  });
}

// A folder is made for sockets alone, never one of the system's such as /run, and has one mode.
void check_folders(std::vector<socket_settings> const& sockets, checker& check) {
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    if (sockets[i].directory_mode && net::folder_of(sockets[i].path).rfind('/') == 0) {
      check.add("socket", i, "directory_mode",
                "needs a path with a folder for the socket alone, such as "
                "\"/run/wixtokend/wixtokend.sock\"");
    }
    auto const end = sockets.begin() + static_cast<std::ptrdiff_t>(i);
    bool const differs = std::any_of(sockets.begin(), end, [&](socket_settings const& earlier) {
      return earlier.directory_mode != sockets[i].directory_mode &&
             net::folder_of(earlier.path) == net::folder_of(sockets[i].path);
    });
    if (!differs) continue;
    check.add("socket", i, "directory_mode",
              "must be that of every other [[socket]] in the same folder");
  }
}

void check_sockets(configuration& settings, checker& check) {
  constexpr std::size_t path_size_max = 107;  // sun_path of unix(7), less its terminator
  for (std::size_t i = 0; i < settings.sockets.size(); ++i) {
    auto& socket = settings.sockets[i];
    socket.path_given = check.stands("socket", i, "path");
    socket.mode_given = check.stands("socket", i, "mode");
    auto const& path = socket.path;
    if (!path.starts_with('/') || path.ends_with('/') || path.size() > path_size_max) {
      check.add("socket", i, "path", "must be an absolute path of at most 107 bytes");
    }
  }
  check_folders(settings.sockets, check);
  check.check_unique("socket", "name", settings.sockets,
                     [](auto const& a, auto const& b) { return a.name == b.name; });
  check.check_unique("socket", "path", settings.sockets,
                     [](auto const& a, auto const& b) { return a.path == b.path; });
}

// Whom the rule is for: one key says so, good or bad.
void check_subject(std::size_t index, checker& check) {
  std::string_view given;
  for (std::string_view const key : {"user", "uid", "group", "gid"}) {
    if (!check.stands("access", index, key)) continue;
    if (!given.empty()) {
      check.add("access", index, key,
                "stands beside " + std::string{given} +
                    ": a rule is for one of user, uid, group and gid; write another [[access]]");
    }
    given = key;
  }
  if (given.empty()) {
    check.add("access", index, "user",
              "is missing: one of user, uid, group and gid says whom the rule is for");
  }
}

void check_access(configuration const& settings, checker& check) {
  std::vector<std::string_view> names;
  for (auto const& app : settings.apps) names.push_back(app.name);
  for (std::size_t i = 0; i < settings.access.size(); ++i) {
    auto const& one = settings.access[i];
    check_subject(i, check);
    for (auto const& app : one.apps) {
      if (std::find(names.begin(), names.end(), app) != names.end()) continue;
      auto const near = closest(app, names);
      std::string text = "must be names of apps that stand in this file";
      if (!near.empty()) text += "; did you mean \"" + std::string{near} + "\"?";
      check.add("access", i, "apps", std::move(text));
    }
    bool const limited = !one.apps.empty() || !one.instances.empty();
    if (limited && core::contains(one.roles, core::role::status)) {
      check.add("access", i, "roles",
                "must not have \"status\" beside apps or instances: it is about the whole daemon; "
                "grant it in an [[access]] of its own");
    }
  }
}

void check_store(store_settings& store, checker& check) {
  if (looks_like_a_secret(store.key_file)) {
    check.add("store", 0, "key_file",
              "must be the name of a file; this looks like the key itself, which must not stand "
              "here (if it is a file's name, write it with its folder)");
    store.key_file.clear();
  }
  if (store.file.empty()) {
    if (!store.key_file.empty()) {
      check.add("store", 0, "key_file", "is of no use without file, which names the store");
    }
    return;
  }
  if (!store.file.starts_with('/') || store.file.ends_with('/')) {
    check.add("store", 0, "file", "must be an absolute path of a file");
  }
}

void check_audit(configuration const& settings, checker& check) {
  auto const& file = settings.audit.file;
  if (file.empty()) {
    if (check.stands("audit", 0, "overflow")) {
      check.add("audit", 0, "overflow", "is of no use without file, which names the audit log");
    }
    return;
  }
  if (!file.starts_with('/') || file.ends_with('/')) {
    check.add("audit", 0, "file", "must be an absolute path of a file");
  } else if (file == settings.store.file) {
    check.add("audit", 0, "file", "must not be the file of the store");
  }
}

void check_limits(configuration const& settings, checker& check) {
  auto const& limits = settings.limits;
  if (limits.wait_default > limits.wait_max) {
    check.add("limits", 0, "wait_default", "must not be more than wait_max");
  }
  if (limits.connections_per_uid > limits.connections) {
    check.add("limits", 0, "connections_per_uid", "must not be more than connections");
  }
  std::size_t listed = 0;
  for (auto const& app : settings.apps) listed += app.instances.size();
  if (listed > limits.max_instances) {
    check.add("limits", 0, "max_instances",
              "must be at least " + std::to_string(listed) +
                  ", the number of instances that stand in this file");
  }
}

}  // namespace

void check_consistency(config_reading& reading) {
  checker check{reading};
  check_apps(reading.settings, check);
  check_sockets(reading.settings, check);
  check_access(reading.settings, check);
  check_store(reading.settings.store, check);
  check_audit(reading.settings, check);
  check_limits(reading.settings, check);
}

}  // namespace wixtokend::daemon
