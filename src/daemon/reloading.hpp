#pragma once
// Puts another configuration in force while the daemon runs, whole or not at all.

#include "api/server.hpp"
#include "core/access.hpp"
#include "core/engine.hpp"
#include "daemon/config.hpp"
#include "daemon/config_file.hpp"
#include "daemon/upstreams.hpp"
#include "observe/log.hpp"
#include "service/registrar.hpp"
#include "service/token_service.hpp"
#include "wix/webhook.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::daemon {

/// What takes a reload's changes.
struct reload_targets {
  core::engine& engine;
  service::registrar& registrar;
  std::vector<upstream>& upstreams;               ///< by app number
  std::vector<wix::webhook_verifier>& verifiers;  ///< likewise
  core::access_policy& policy;
  api::server& server;
};

/// Where a configuration is loaded from, again and again.
struct configuration_source {
  std::string file;                            ///< its name, for messages
  std::function<loaded_configuration()> load;  ///< must not throw
};

/// Loads the configuration again and changes what is different. A configuration with an error, or
/// with a change that needs a restart, is refused as a whole: the one before stays in force.
/// Belongs to the loop's thread.
class reloading {
 public:
  reloading(configuration in_force, configuration_source source, reload_targets const& targets,
            observe::logger& log);

  /// Somebody has asked for it.
  void reload();

  /// A file may have changed. Nothing happens unless an app has another secret now; then the whole
  /// configuration is loaded.
  void look_at_secrets();

  /// Why the last reload was refused; empty if it was not, or if there was none.
  [[nodiscard]] std::string const& refusal() const noexcept { return refusal_; }

  /// Of what is in force.
  [[nodiscard]] configuration const& in_force() const noexcept { return in_force_; }

 private:
  void take(loaded_configuration&& loaded, std::string_view cause);
  void refuse(std::string reason, std::string_view cause);
  void apply(configuration&& wanted);
  void apply_app(std::size_t number, app_settings const& wanted);

  configuration in_force_;
  std::string refusal_;
  configuration_source source_;
  reload_targets targets_;
  observe::logger& log_;
};

}  // namespace wixtokend::daemon
