#include "daemon/config_completion.hpp"

#include "base/text.hpp"
#include "daemon/account_names.hpp"
#include "daemon/secret_file.hpp"
#include "net/proxy.hpp"
#include "store/key_ring.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace wixtokend::daemon {
namespace {

std::string absolute(std::string const& path, std::string const& folder) {
  return (std::filesystem::path{folder} / path).lexically_normal().string();
}

// A key of the configuration, in one of several tables of its name.
struct key_place {
  std::string_view table;
  std::size_t index;
  std::string_view key;
};

// The systemd credentials that stand for a file of an app: its own, or the default app's.
std::vector<std::string> credentials_of(std::string const& kind, std::string const& app,
                                        bool is_default) {
  std::vector<std::string> out{kind + '.' + app};
  if (is_default) out.push_back(kind);
  return out;
}

std::string missing_text(std::vector<std::string> const& credentials) {
  std::string out = "is missing, and there is no systemd credential ";
  for (auto const& one : credentials) {
    if (one != credentials.front()) out += " or ";
    out += '"' + one + '"';
  }
  return out + " either";
}

class completion {
 public:
  completion(config_reading& reading, std::string const& folder, surroundings const& around,
             std::vector<config_problem>& warnings)
      : reading_{reading}, folder_{folder}, around_{around}, warnings_{warnings} {}

  void run() {
    auto& settings = reading_.settings;
    for (std::size_t i = 0; i < settings.apps.size(); ++i) {
      auto& app = settings.apps[i];
      if (!app.ca_file.empty()) app.ca_file = absolute(app.ca_file, folder_);
      complete_secret(app, i);
      complete_proxy(app, i);
      complete_webhook_key(app, i);
    }
    for (std::size_t i = 0; i < settings.sockets.size(); ++i) {
      complete_owner(settings.sockets[i], i);
    }
    for (std::size_t i = 0; i < settings.access.size(); ++i) complete_access(settings.access[i], i);
    warn_of_access();
    complete_store(settings.store);
  }

 private:
  [[nodiscard]] config_problem problem(key_place const& at, std::string text) const {
    return {reading_.places.find(at.table, at.index, at.key),
            std::string{at.table} + '.' + std::string{at.key}, std::move(text)};
  }
  void refuse(key_place const& at, std::string text) {
    reading_.problems.push_back(problem(at, std::move(text)));
  }

  // A refused value was complained about already, and has been cleared.
  [[nodiscard]] bool was_refused(key_place const& at, std::string const& value) const {
    auto const& places = reading_.places;
    return value.empty() &&
           places.find(at.table, at.index, at.key) != places.find(at.table, at.index, {});
  }

  // The file that is configured, or the first credential that is there; empty if there is none.
  [[nodiscard]] std::string path_of(std::string const& configured,
                                    std::vector<std::string> const& credentials) const {
    if (!configured.empty()) return absolute(configured, folder_);
    if (around_.credentials_directory.empty()) return {};
    for (auto const& name : credentials) {
      auto path = std::filesystem::path{around_.credentials_directory} / name;
      std::error_code ignored;
      if (std::filesystem::exists(path, ignored)) return path.string();
    }
    return {};
  }

  std::optional<secret> read_file(key_place const& at, std::string const& path, file_content what) {
    auto outcome = read_secret_file(path, what);
    if (auto const* const why = std::get_if<secret_refused>(&outcome)) {
      refuse(at, quoted(path, 1024) + ' ' + why->text);
      return std::nullopt;
    }
    auto& read = std::get<read_secret>(outcome);
    if (!read.warning.empty()) {
      warnings_.push_back(problem(at, quoted(path, 1024) + ' ' + read.warning));
    }
    return std::move(read.value);
  }

  void complete_secret(app_settings& app, std::size_t index) {
    key_place const at{"app", index, "app_secret_file"};
    if (was_refused(at, app.app_secret_file)) return;
    auto const credentials = credentials_of("app_secret", app.name, index == 0);
    auto const path = path_of(app.app_secret_file, credentials);
    if (path.empty()) return refuse(at, missing_text(credentials));
    app.app_secret_path = path;
    if (auto read = read_file(at, path, file_content::secret)) app.app_secret = *std::move(read);
  }

  void complete_webhook_key(app_settings& app, std::size_t index) {
    key_place const at{"app", index, "webhook_public_key_file"};
    if (was_refused(at, app.webhook_public_key_file)) return;
    auto const path =
        path_of(app.webhook_public_key_file, credentials_of("webhook_key", app.name, index == 0));
    if (path.empty()) return;
    auto const read = read_file(at, path, file_content::public_key);
    if (!read) return;
    auto key = wix::parse_public_key(read->reveal());
    if (!key.has_value()) {
      return refuse(at, quoted(path, 1024) + " cannot be used: " + key.error().message());
    }
    app.webhook_key = *std::move(key);
  }

  void complete_store(store_settings& store) {
    key_place const at{"store", 0, "key_file"};
    if (store.file.empty() || was_refused(at, store.key_file)) return;
    std::vector<std::string> const credentials{"store_key"};
    auto const path = path_of(store.key_file, credentials);
    if (path.empty()) {
      return refuse(at, missing_text(credentials) + "; `wixtokend keygen` makes a new key");
    }
    auto read = read_file(at, path, file_content::keys);
    if (!read) return;
    auto const keys = store::parse_keys(*read);
    if (auto const* const why = std::get_if<store::key_error>(&keys)) {
      return refuse(at, quoted(path, 1024) + ": " + why->text);
    }
    store.keys = *std::move(read);
  }

  // A proxy that is configured is taken; else the environment decides.
  void complete_proxy(app_settings& app, std::size_t index) {
    if (app.proxy == "none" || app.server.host.empty()) return;
    bool const configured = !app.proxy.empty();
    auto const& proxy = configured ? app.proxy : around_.https_proxy;
    auto chosen = net::choose_proxy(app.server, proxy, configured ? "" : around_.no_proxy);
    if (chosen.has_value()) {
      app.proxy_server = *std::move(chosen);
      return;
    }
    auto const* const what = configured ? "must be" : "is absent, and HTTPS_PROXY is not";
    refuse(
        {"app", index, "proxy"},
        std::string{what} + " http://HOST:PORT, without a user name; \"none\" connects directly");
  }

  template <class Id>
  void complete_id(key_place const& at, std::string const& name,
                   result<Id> (*find)(std::string const&), std::optional<Id>& into) {
    if (name.empty()) return;
    auto const id = find(name);
    if (id.has_value()) {
      into = *id;
      return;
    }
    auto text = (at.key == "group" ? "group " : "user ") + wixtokend::quoted(name);  // not std's
    text = id.error() == errc::unknown_name ? "there is no " + text
                                            : text + ": " + id.error().message();
    refuse(at, std::move(text));
  }

  void complete_owner(socket_settings& socket, std::size_t index) {
    complete_id({"socket", index, "owner"}, socket.owner, &find_user, socket.owner_id);
    complete_id({"socket", index, "group"}, socket.group, &find_group, socket.group_id);
  }

  // Makes the rule of the policy. Nothing of it counts if the configuration has an error.
  void complete_access(access_settings& access, std::size_t index) {
    auto& rule = access.rule;
    auto user = access.uid;
    auto group = access.gid;
    complete_id({"access", index, "user"}, access.user, &find_user, user);
    complete_id({"access", index, "group"}, access.group, &find_group, group);
    if (user == around_.overflow.uid) {
      refuse_overflow({"access", index, access.uid ? "uid" : "user"}, *user);
    }
    if (group == around_.overflow.gid) {
      refuse_overflow({"access", index, access.gid ? "gid" : "group"}, *group);
    }
    rule.whom = user ? core::subject::user : core::subject::group;
    rule.id = user ? *user : group.value_or(around_.overflow.gid);
    rule.roles = access.roles;
    if (!access.instances.empty()) rule.instances = access.instances;
    if (access.apps.empty()) return;
    auto const& apps = reading_.settings.apps;
    rule.apps.emplace();
    for (std::size_t i = 0; i < apps.size(); ++i) {
      bool const named =
          std::find(access.apps.begin(), access.apps.end(), apps[i].name) != access.apps.end();
      if (named) rule.apps->push_back(static_cast<app_number>(i));
    }
  }

  void refuse_overflow(key_place const& at, std::uint32_t id) {
    bool const is_user = at.key == "user" || at.key == "uid";
    refuse(at, std::string{is_user ? "uid " : "gid "} + std::to_string(id) +
                   " is what the kernel shows for every " + (is_user ? "user" : "group") +
                   " of other namespaces (kernel.overflow" + (is_user ? "uid" : "gid") +
                   "): it identifies nobody, so no rule can be for it");
  }

  void warn_of_access() {
    auto const& rules = reading_.settings.access;
    bool const readable = std::any_of(rules.begin(), rules.end(), [](access_settings const& one) {
      return core::contains(one.roles, core::role::read);
    });
    if (rules.empty() || readable) return;
    warnings_.push_back(
        problem({"access", 0, "roles"}, "no [[access]] grants \"read\": nobody is given a token"));
  }

  config_reading& reading_;
  std::string const& folder_;
  surroundings const& around_;
  std::vector<config_problem>& warnings_;
};

}  // namespace

void complete_configuration(config_reading& reading, std::string const& folder,
                            surroundings const& around, std::vector<config_problem>& warnings) {
  completion{reading, folder, around, warnings}.run();
}

}  // namespace wixtokend::daemon
