#pragma once
// The configuration as values. What stands here as an initialiser is the default, and only here.

#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "core/access.hpp"
#include "core/policy.hpp"
#include "daemon/tcp_address.hpp"
#include "net/origin.hpp"
#include "observe/audit_log.hpp"
#include "observe/log.hpp"
#include "wix/webhook.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::daemon {

/// `[log]`
struct log_settings {
  observe::log_level level = observe::log_level::info;
  std::optional<observe::log_format> format;  ///< unset ("auto"): journald under it, else text
};

/// `[[app]]`: one Wix app. The first one is the default app.
struct app_settings {
  std::string name = "main";
  std::string app_id;
  std::string app_secret_file;  ///< empty: a systemd credential
  std::string base_url = "https://www.wixapis.com";
  std::string ca_file;  ///< empty: the system's store
  bool allow_plain_http = false;
  std::string proxy;  ///< empty: as the environment says; "none": never
  std::vector<instance_id> instances;
  core::app_policy policy;

  bool fallback_to_client_credentials = true;
  duration legacy_token_lifetime = std::chrono::minutes{5};
  std::string webhook_public_key_file;  ///< empty: a systemd credential, or none
  bool webhook_require_exp = true;
  duration webhook_exp_leeway = std::chrono::seconds{60};

  // What became of the above when the configuration was completed.
  std::string app_secret_path;  ///< where the secret was read
  secret app_secret;
  net::origin server;
  std::optional<wix::public_key> webhook_key;
  std::optional<net::origin> proxy_server;
};

/// `[[socket]]`: one listening Unix socket.
struct socket_settings {
  std::string name = "main";
  std::string path = "/run/wixtokend/wixtokend.sock";
  std::optional<mode_t> directory_mode;  ///< unset: the socket's folder must be there
  mode_t mode = 0660;
  std::string owner;  ///< a name or a number; empty: the process's own
  std::string group;
  core::role_set roles = core::all_roles;

  // What became of the above when the configuration was checked and completed.
  bool path_given = false;  ///< it stands in the file, be it the default or not
  bool mode_given = false;
  std::optional<uid_t> owner_id;
  std::optional<gid_t> group_id;
};

/// `[[access]]`: one rule of who may do what. Exactly one of the first four is given.
struct access_settings {
  std::string user;  ///< a name or a number
  std::optional<std::uint32_t> uid;
  std::string group;  ///< likewise
  std::optional<std::uint32_t> gid;
  core::role_set roles = 0;
  std::vector<std::string> apps;       ///< by name; empty: all
  std::vector<instance_id> instances;  ///< of these apps; empty: all

  core::access_rule rule;  ///< what became of it when the configuration was completed
};

/// `[store]`
struct store_settings {
  std::string file;             ///< empty: nothing outlives the process
  std::string key_file;         ///< empty: a systemd credential
  bool allow_volatile = false;  ///< legacy grants are taken though the file is in memory only
  duration removed_retention = std::chrono::hours{168};

  secret keys;  ///< the text of the key file, when the configuration was completed
};

/// `[audit]`
struct audit_settings {
  std::string file;  ///< empty: hand-outs are not recorded
  observe::audit_overflow overflow = observe::audit_overflow::drop;
};

/// `[limits]`
struct limit_settings {
  std::size_t connections = 1024;
  std::size_t connections_per_uid = 256;
  std::size_t waiters_per_uid = 1024;
  double requests_per_second_per_uid = 0;
  duration header_timeout = std::chrono::seconds{5};
  duration body_timeout = std::chrono::seconds{10};
  duration idle_timeout = std::chrono::seconds{60};
  duration wait_default = std::chrono::seconds{5};
  duration wait_max = std::chrono::seconds{60};
  std::size_t max_instances = 1'000'000;
};

/// `[api]`
struct api_settings {
  duration dropin_max_expires_in = std::chrono::seconds{300};
  double ready_fraction = 0.9;
};

/// `[metrics]`
struct metrics_settings {
  std::optional<tcp_address> listen;  ///< unset: over the Unix sockets only
};

/// `[process]`
struct process_settings {
  duration shutdown_grace{};
  bool lock_memory = false;
};

/// The whole file.
struct configuration {
  log_settings log;
  std::vector<app_settings> apps;        ///< at least one
  std::vector<socket_settings> sockets;  ///< at least one; without `[[socket]]` the default one
  std::vector<access_settings> access;   ///< none: the daemon's own user and root do everything
  store_settings store;
  audit_settings audit;
  limit_settings limits;
  api_settings api;
  metrics_settings metrics;
  process_settings process;
};

}  // namespace wixtokend::daemon
