#include "daemon/reloading.hpp"

#include "daemon/part_settings.hpp"
#include "daemon/reload_check.hpp"

#include <utility>

namespace wixtokend::daemon {
namespace {

constexpr std::size_t errors_shown_max = 20;

std::string joined(std::vector<std::string> const& words) {
  std::string out;
  for (auto const& one : words) out += (out.empty() ? "" : ", ") + one;
  return out;
}

std::string count_of_errors(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " error" : " errors");
}

}  // namespace

reloading::reloading(configuration in_force, configuration_source source,
                     reload_targets const& targets, observe::logger& log)
    : in_force_{std::move(in_force)}, source_{std::move(source)}, targets_{targets}, log_{log} {}

void reloading::reload() {
  take(source_.load(), "SIGHUP");
}

void reloading::look_at_secrets() {
  auto loaded = source_.load();
  if (has_new_secret(in_force_, loaded.settings)) take(std::move(loaded), "a changed secret file");
}

void reloading::take(loaded_configuration&& loaded, std::string_view cause) {
  auto const& errors = loaded.errors;
  if (!errors.empty()) {
    for (std::size_t i = 0; i < errors.size() && i < errors_shown_max; ++i) {
      log_.error("configuration_error", {{"problem", to_text(source_.file, errors[i])}});
    }
    auto const more = errors.size() == 1 ? "" : "; " + count_of_errors(errors.size()) + " in all";
    return refuse(to_text(source_.file, errors.front()) + more, cause);
  }
  auto const fixed = keys_for_restart(in_force_, loaded.settings);
  if (!fixed.empty()) return refuse("needs a restart: " + joined(fixed), cause);

  for (auto const& one : loaded.warnings) {
    log_.warning("configuration_warning", {{"problem", to_text(source_.file, one)}});
  }
  apply(std::move(loaded.settings));
  refusal_.clear();
  targets_.server.note_reload({true, {}});
  log_.info("configuration_reloaded", {{"cause", std::string{cause}}});
}

void reloading::refuse(std::string reason, std::string_view cause) {
  log_.error("reload_refused", {{"cause", std::string{cause}},
                                {"reason", reason},
                                {"next", "the configuration before it stays in force"}});
  refusal_ = reason;
  targets_.server.note_reload({false, std::move(reason)});
}

void reloading::apply(configuration&& wanted) {
  for (std::size_t i = 0; i < wanted.apps.size(); ++i) apply_app(i, wanted.apps[i]);
  targets_.policy = policy_of(wanted);
  targets_.engine.end_watches();  // nobody goes on watching what is not granted any more
  targets_.server.configure(api_settings_of(wanted, targets_.verifiers, 0));
  in_force_ = std::move(wanted);
  targets_.registrar.tokens().dispatch();
}

void reloading::apply_app(std::size_t number, app_settings const& wanted) {
  auto const app = static_cast<app_number>(number);
  auto& service = targets_.registrar.tokens();
  auto const now = service.time().now();
  auto const& is = in_force_.apps[number];
  if (!(is.policy == wanted.policy)) targets_.engine.configure(app, wanted.policy, now);
  auto& calls = *targets_.upstreams[number].calls;
  calls.replace_secret(wanted.app_secret.copy());
  calls.assume_legacy_life(wanted.legacy_token_lifetime);
  targets_.verifiers[number] = verifier_of(wanted);
  service.fall_back(app, wanted.fallback_to_client_credentials);
  targets_.engine.probe_now(app, now);  // whatever the app was refused for may be over

  std::size_t without_room = 0;
  for (auto const& id : wanted.instances) {
    instance_key const key{app, id};
    auto const seen = targets_.engine.view(key, now);
    if (seen && seen->registered) continue;
    auto const outcome = targets_.registrar.add_now(key, {});
    if (outcome == service::registration_outcome::full) ++without_room;
  }
  if (without_room != 0) {
    log_.error("instances_not_registered", {{"app", wanted.name},
                                            {"instances", std::to_string(without_room)},
                                            {"reason", "limits.max_instances is reached"}});
  }
}

}  // namespace wixtokend::daemon
