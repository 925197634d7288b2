#include "daemon/config_keys.hpp"

#include "daemon/config_lists.hpp"

#include <algorithm>
#include <chrono>

namespace wixtokend::daemon {
namespace {

using namespace std::chrono_literals;
using observe::log_format;
using observe::log_level;

// "main", "billing-2": names stand in URL paths, in log lines and in names of credentials.
template <class Settings>
config_key<Settings> name_key(std::string_view meaning) {
  auto key = text_key<Settings>("name", &Settings::name, meaning);
  key.type = "a string of 1 to 32 characters: a-z, 0-9, - and _";
  key.read = [](config_value const& value, Settings& into, key_problems& problems) {
    auto text = read_text(value, problems);
    if (!text) return;
    bool const good =
        text->size() <= 32 && std::ranges::all_of(*text, [](char c) {
          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
    if (!good) {
      problems.add(value.where, "must have 1 to 32 characters out of a-z, 0-9, - and _");
      return;
    }
    into.name = *std::move(text);
  };
  return key;
}

config_key<app_settings> app_id_key() {
  auto key = text_key<app_settings>("app_id", &app_settings::app_id,
                                    "the app's id, from the OAuth page of its dashboard");
  key.type = "a GUID in quotes";
  key.required = true;
  key.read = [](config_value const& value, app_settings& into, key_problems& problems) {
    auto text = read_text(value, problems);
    if (!text) return;
    auto const id = instance_id::parse(*text);
    if (!id.has_value()) {
      problems.add(value.where, not_a_guid);
    } else if (*id == instance_id{}) {
      problems.add(value.where, "is still the example's: put your own app's id here");
    } else {
      into.app_id = *std::move(text);
    }
  };
  return key;
}

config_key<app_settings> instances_key() {
  return {"instances", "an array of GUIDs in quotes", "[]",
          "instances that are registered from the start and kept warm",
          [](config_value const& value, app_settings& into, key_problems& problems) {
            if (auto read = read_instances(value, problems)) into.instances = *std::move(read);
          }};
}

bool is_auto(config_value const& value) {
  auto const* const text = std::get_if<std::string>(&value.data);
  return text != nullptr && *text == "auto";
}

config_key<app_settings> idle_after_key() {
  static constexpr duration min = 1min;
  static constexpr duration max = 720h;
  return {"idle_after",
          "\"auto\" or a duration from \"" + format_duration(min) + "\" to \"" +
              format_duration(max) + '"',
          R"("auto")", "unused for so long, an instance that is warm while it is used is idle",
          [](config_value const& value, app_settings& into, key_problems& problems) {
            auto const* const text = std::get_if<std::string>(&value.data);
            if (is_auto(value)) {
              into.policy.idle_after.reset();
            } else if (text == nullptr || !parse_duration(*text).has_value()) {
              problems.add(value.where, R"(must be "auto" or a duration in quotes, such as "2h")");
            } else if (auto const read = read_duration(value, min, max, problems)) {
              into.policy.idle_after = *read;
            }
          }};
}

constexpr double rate_min = 0.1;
constexpr double rate_max = 10'000;

config_key<app_settings> background_rate_key() {
  return {"requests_per_second",
          "\"auto\" or a number from " + number_text(rate_min) + " to " + number_text(rate_max),
          R"("auto")", "of the ceiling, what may go to instances that nobody waits for",
          [](config_value const& value, app_settings& into, key_problems& problems) {
            if (is_auto(value)) {
              into.policy.requests_per_second.reset();
            } else if (std::holds_alternative<std::string>(value.data)) {
              problems.add(value.where, R"(must be "auto" or a number)");
            } else if (auto const read = read_number(value, rate_min, rate_max, problems)) {
              into.policy.requests_per_second = *read;
            }
          }};
}

// Three or four octal digits, without the setuid and sticky bits.
std::optional<mode_t> octal_mode(config_value const& value) {
  auto const* const text = std::get_if<std::string>(&value.data);
  bool const good = text != nullptr && (text->size() == 3 || text->size() == 4) &&
                    std::ranges::all_of(*text, [](char c) { return c >= '0' && c <= '7'; });
  if (!good) return std::nullopt;
  mode_t mode = 0;
  for (char const c : *text) mode = mode * 8 + static_cast<mode_t>(c - '0');
  if ((mode & 05000U) != 0) return std::nullopt;
  return mode;
}

config_key<socket_settings> directory_mode_key() {
  return {"directory_mode", "an octal number in quotes, such as \"0750\" or \"2750\"", "",
          "the daemon makes the socket's folder, with these rights; absent: it must be there",
          [](config_value const& value, socket_settings& into, key_problems& problems) {
            auto const mode = octal_mode(value);
            if (!mode || (*mode & 0700U) != 0700) {
              problems.add(value.where,
                           "must be an octal number in quotes that gives the daemon itself all "
                           "rights, such as \"0750\" or \"2750\"");
            } else if ((*mode & 022U) != 0) {
              problems.add(value.where,
                           "must not let others write: whoever may write to the folder can replace "
                           "the socket");
            } else {
              into.directory_mode = mode;
            }
          }};
}

config_key<socket_settings> mode_key() {
  return {"mode", "an octal number in quotes, from \"0000\" to \"0777\"", "\"0660\"",
          "rights of the socket's file: whoever may write to it may connect",
          [](config_value const& value, socket_settings& into, key_problems& problems) {
            auto const mode = octal_mode(value);
            if (!mode || *mode > 0777U) {
              problems.add(value.where,
                           "must be an octal number in quotes, such as \"0660\" or \"0600\"");
              return;
            }
            into.mode = *mode;
          }};
}

config_key<socket_settings> roles_key() {
  return {"roles", "an array of " + enumerate(role_words),
          R"(["read", "register", "manage", "status"])",
          "the most that can be granted to whoever connects here",
          [](config_value const& value, socket_settings& into, key_problems& problems) {
            if (auto const read = read_roles(value, problems)) into.roles = *read;
          }};
}

template <class Settings>
void describe_table(std::string const& table, std::vector<config_key<Settings>> const& keys,
                    std::vector<key_description>& out) {
  for (auto const& key : keys) {
    out.push_back({table + '.' + std::string{key.name}, key.type, key.default_text, key.meaning,
                   key.required});
  }
}

}  // namespace

std::vector<config_key<log_settings>> const& log_keys() {
  using format_choice = choice<std::optional<log_format>>;
  static std::vector const keys{
      choice_key<log_settings>("level", &log_settings::level,
                               std::array{choice<log_level>{"trace", log_level::trace},
                                          choice<log_level>{"debug", log_level::debug},
                                          choice<log_level>{"info", log_level::info},
                                          choice<log_level>{"warning", log_level::warning},
                                          choice<log_level>{"error", log_level::error}},
                               "the least important lines that are written"),
      choice_key<log_settings>(
          "format", &log_settings::format,
          std::array{format_choice{"auto", std::nullopt}, format_choice{"text", log_format::text},
                     format_choice{"json", log_format::json},
                     format_choice{"journald", log_format::journald}},
          "how lines look; auto: journald when standard error is the journal, "
          "else text"),
  };
  return keys;
}

std::vector<config_key<app_settings>> const& app_keys() {
  using core::keep_warm;
  using core::resilience;
  using app = app_settings;
  static std::vector const keys{
      name_key<app_settings>("the app's short name: in URLs, logs and names of credentials"),
      app_id_key(),
      text_key<app_settings>("app_secret_file", &app_settings::app_secret_file,
                             "file that holds the app's secret and nothing else; absent: the "
                             "systemd credential app_secret.NAME, or app_secret"),
      text_key<app_settings>("base_url", &app_settings::base_url,
                             "where the upstream is; http:// to loopback only"),
      boolean_key<app_settings>("allow_plain_http", &app_settings::allow_plain_http,
                                "lets base_url be http://, for tests on this machine"),
      text_key<app_settings>("proxy", &app_settings::proxy,
                             "http://HOST:PORT of a proxy to the upstream, or none; absent: "
                             "HTTPS_PROXY and NO_PROXY of the environment"),
      text_key<app_settings>("ca_file", &app_settings::ca_file,
                             "PEM file with the only authorities to trust; absent: the system's"),
      instances_key(),
      boolean_key<app_settings>(
          "on_demand", [](app_settings& s) -> bool& { return s.policy.on_demand; },
          "serve instances that are not registered, from their first request on"),
      choice_key<app_settings>(
          "keep_warm", [](app_settings& s) -> keep_warm& { return s.policy.warm; },
          std::array{choice<keep_warm>{"all", keep_warm::all},
                     choice<keep_warm>{"used", keep_warm::used},
                     choice<keep_warm>{"none", keep_warm::none}},
          "which registered instances are refreshed before anybody asks"),
      idle_after_key(),
      choice_key<app_settings>(
          "resilience", [](app_settings& s) -> resilience& { return s.policy.resilience; },
          std::array{choice<resilience>{"economy", resilience::economy},
                     choice<resilience>{"balanced", resilience::balanced},
                     choice<resilience>{"max", resilience::max}},
          "how early tokens are refreshed: the earlier, the longer an outage costs nothing"),
      number_key<app_settings>(
          "requests_per_second_max",
          [](app_settings& s) -> double& { return s.policy.requests_per_second_max; }, rate_min,
          rate_max, "ceiling of the requests to the upstream; a burst is one second of it"),
      background_rate_key(),
      integer_key<app_settings>(
          "in_flight_max", [](app_settings& s) -> std::size_t& { return s.policy.in_flight_max; },
          1, 1024, "requests to the upstream at the same time"),
      boolean_key<app>("fallback_to_client_credentials", &app::fallback_to_client_credentials,
                       "an instance whose authorization code came to nothing goes on with these"),
      duration_key<app>("legacy_token_lifetime", &app::legacy_token_lifetime, 1min, 24h,
                        "assumed of tokens of custom authentication whose answer names none"),
      text_key<app>("webhook_public_key_file", &app::webhook_public_key_file,
                    "file with the app's public key; absent: the systemd credential "
                    "webhook_key.NAME, or webhook_key, or no webhooks"),
      boolean_key<app>("webhook_require_exp", &app::webhook_require_exp,
                       "refuse webhooks that do not say when they expire"),
      duration_key<app>("webhook_exp_leeway", &app::webhook_exp_leeway, 0s, 10min,
                        "how long webhooks are taken after they have expired"),
  };
  return keys;
}

std::vector<config_key<socket_settings>> const& socket_keys() {
  static std::vector const keys{
      name_key<socket_settings>("the socket's short name, in logs and for socket activation"),
      text_key<socket_settings>("path", &socket_settings::path,
                                "absolute path of the socket, at most 107 bytes"),
      directory_mode_key(),
      mode_key(),
      text_key<socket_settings>("owner", &socket_settings::owner,
                                "user that owns the socket's file, by name or number; absent: the "
                                "daemon's own"),
      text_key<socket_settings>("group", &socket_settings::group,
                                "group of the socket's file, by name or number; absent: the "
                                "daemon's own"),
      roles_key(),
  };
  return keys;
}

std::vector<config_key<store_settings>> const& store_keys() {
  using s = store_settings;
  static std::vector const keys{
      text_key<s>("file", &s::file,
                  "absolute path of the store; absent: nothing outlives the process"),
      text_key<s>("key_file", &s::key_file,
                  "file with the keys that the store is sealed with; absent: the systemd "
                  "credential store_key"),
      boolean_key<s>("allow_volatile", &s::allow_volatile,
                     "take legacy grants though the store is gone with the machine's restart"),
      duration_key<s>("removed_retention", &s::removed_retention, 1h, 8760h,
                      "how long the refresh token of a removed instance can be restored"),
  };
  return keys;
}

std::vector<config_key<audit_settings>> const& audit_keys() {
  using observe::audit_overflow;
  using s = audit_settings;
  static std::vector const keys{
      text_key<s>("file", &s::file,
                  "absolute path of the audit log; absent: hand-outs are not recorded"),
      choice_key<s>("overflow", &s::overflow,
                    std::array{choice<audit_overflow>{"drop", audit_overflow::drop},
                               choice<audit_overflow>{"refuse", audit_overflow::refuse}},
                    "what happens to a hand-out for whose record there is no room"),
  };
  return keys;
}

std::vector<config_key<limit_settings>> const& limit_keys() {
  using s = limit_settings;
  static std::vector const keys{
      integer_key<s>("connections", &s::connections, 1, 65'536, "connections at the same time"),
      integer_key<s>("connections_per_uid", &s::connections_per_uid, 1, 65'536,
                     "connections of one user at the same time"),
      integer_key<s>("waiters_per_uid", &s::waiters_per_uid, 1, 65'536,
                     "requests of one user on one socket that wait for a token at the same time"),
      number_key<s>("requests_per_second_per_uid", &s::requests_per_second_per_uid, 0, 1'000'000,
                    "requests of one user on one socket, with a burst of one second; 0: no limit"),
      duration_key<s>("header_timeout", &s::header_timeout, 100ms, 10min,
                      "how long a request's head may take to arrive"),
      duration_key<s>("body_timeout", &s::body_timeout, 100ms, 10min,
                      "how long the rest of a request may take to arrive"),
      duration_key<s>("idle_timeout", &s::idle_timeout, 1s, 24h,
                      "how long a connection may be silent between requests"),
      duration_key<s>("wait_default", &s::wait_default, 0s, 60s,
                      "how long a caller waits for a token when it does not say"),
      duration_key<s>("wait_max", &s::wait_max, 1s, 60s, "the longest wait that a caller may ask"),
      integer_key<s>("max_instances", &s::max_instances, 1, 10'000'000,
                     "instances in memory, of all apps together"),
  };
  return keys;
}

std::vector<config_key<api_settings>> const& api_keys() {
  static std::vector const keys{
      duration_key<api_settings>("dropin_max_expires_in", &api_settings::dropin_max_expires_in, 1s,
                                 24h, "the most that POST /oauth2/token claims as expires_in"),
      number_key<api_settings>("ready_fraction", &api_settings::ready_fraction, 0, 1,
                               "part of the kept-warm instances that must be usable for /readyz"),
  };
  return keys;
}

std::vector<config_key<metrics_settings>> const& metrics_keys() {
  static std::vector<config_key<metrics_settings>> const keys{
      {"listen", "a port of 127.0.0.1, or ADDRESS:PORT with a numeric address, in quotes", "",
       "where anybody may read /metrics, /healthz and /readyz, and nothing else, over TCP",
       [](config_value const& value, metrics_settings& into, key_problems& problems) {
         auto const text = read_text(value, problems);
         if (!text) return;
         into.listen = parse_tcp_address(*text);
         if (into.listen) return;
         problems.add(
             value.where,
             R"(must be a port, such as "9464", which is one of 127.0.0.1, or ADDRESS:PORT )"
             R"(with a numeric address, such as "10.0.0.7:9464" or "[::1]:9464")");
       }}};
  return keys;
}

std::vector<config_key<process_settings>> const& process_keys() {
  static std::vector const keys{
      duration_key<process_settings>("shutdown_grace", &process_settings::shutdown_grace, 0s, 1h,
                                     "how long to serve on after SIGTERM, unless nobody is "
                                     "connected for a second"),
      boolean_key<process_settings>("lock_memory", &process_settings::lock_memory,
                                    "whether memory is kept from being swapped out"),
  };
  return keys;
}

std::vector<key_description> declared_keys() {
  std::vector<key_description> out;
  describe_table("log", log_keys(), out);
  describe_table("app", app_keys(), out);
  describe_table("socket", socket_keys(), out);
  describe_table("access", access_keys(), out);
  describe_table("store", store_keys(), out);
  describe_table("audit", audit_keys(), out);
  describe_table("limits", limit_keys(), out);
  describe_table("api", api_keys(), out);
  describe_table("metrics", metrics_keys(), out);
  describe_table("process", process_keys(), out);
  return out;
}

}  // namespace wixtokend::daemon
