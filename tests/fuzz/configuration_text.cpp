#include "fuzz/configuration_text.hpp"

#include "daemon/duration_text.hpp"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace wixtokend::test {
namespace {

using namespace daemon;

// As a TOML string: everything but letters and digits in its long form.
std::string quoted_text(std::string_view text) {
  std::string out = "\"";
  for (char const c : text) {
    std::array<char, 8> escaped{};
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       static_cast<unsigned char>(c) >= 0x80;
    if (plain) {
      out += c;
    } else {
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escaped.data();
    }
  }
  return out += '"';
}

std::string number(double value) {
  std::array<char, 40> digits{};
  std::snprintf(digits.data(), digits.size(), "%.17g", value);
  std::string text{digits.data()};
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// One table in the making.
class table_writer {
 public:
  table_writer(std::string& into, std::string_view heading) : into_{into} {
    into_.append(heading).append("\n");
  }

  void raw(std::string_view key, std::string_view value) {
    into_.append(key).append(" = ").append(value).append("\n");
  }
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) raw(key, quoted_text(value));
  }
  void flag(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
  void count(std::string_view key, std::size_t value) { raw(key, std::to_string(value)); }
  void length(std::string_view key, duration value) { text(key, format_duration(value)); }

 private:
  std::string& into_;
};

template <class Value, std::size_t N>
std::string_view word_of(Value value,
                         std::array<std::pair<Value, std::string_view>, N> const& words) {
  for (auto const& [known, word] : words) {
    if (known == value) return word;
  }
  return "no such value";  // is refused when it is read
}

void write_policy(table_writer& to, core::app_policy const& policy) {
  using core::keep_warm;
  using core::resilience;
  using warm_word = std::pair<keep_warm, std::string_view>;
  using resilience_word = std::pair<resilience, std::string_view>;
  to.flag("on_demand", policy.on_demand);
  to.text("keep_warm", word_of(policy.warm, std::array{warm_word{keep_warm::all, "all"},
                                                       warm_word{keep_warm::used, "used"},
                                                       warm_word{keep_warm::none, "none"}}));
  to.text("resilience",
          word_of(policy.resilience, std::array{resilience_word{resilience::economy, "economy"},
                                                resilience_word{resilience::balanced, "balanced"},
                                                resilience_word{resilience::max, "max"}}));
  to.text("idle_after", policy.idle_after ? format_duration(*policy.idle_after) : "auto");
  to.raw("requests_per_second_max", number(policy.requests_per_second_max));
  to.raw("requests_per_second",
         policy.requests_per_second ? number(*policy.requests_per_second) : "\"auto\"");
  to.count("in_flight_max", policy.in_flight_max);
}

void write_app(std::string& out, app_settings const& app) {
  table_writer to{out, "[[app]]"};
  to.text("name", app.name);
  to.text("app_id", app.app_id);
  to.text("app_secret_file", app.app_secret_file);
  to.text("base_url", app.base_url);
  to.text("ca_file", app.ca_file);
  to.flag("allow_plain_http", app.allow_plain_http);
  to.text("proxy", app.proxy);
  std::string instances;
  for (auto const& id : app.instances) instances += '"' + id.to_string() + "\", ";
  to.raw("instances", "[" + instances + "]");
  write_policy(to, app.policy);
  to.flag("fallback_to_client_credentials", app.fallback_to_client_credentials);
  to.length("legacy_token_lifetime", app.legacy_token_lifetime);
  to.text("webhook_public_key_file", app.webhook_public_key_file);
  to.flag("webhook_require_exp", app.webhook_require_exp);
  to.length("webhook_exp_leeway", app.webhook_exp_leeway);
}

void write_socket(std::string& out, socket_settings const& socket) {
  table_writer to{out, "[[socket]]"};
  to.text("name", socket.name);
  to.text("path", socket.path);
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(socket.mode) & 07777U);
  to.text("mode", mode.data());
  if (socket.directory_mode) {
    std::snprintf(mode.data(), mode.size(), "%04o", unsigned{*socket.directory_mode} & 07777U);
    to.text("directory_mode", mode.data());
  }
  to.text("owner", socket.owner);
  to.text("group", socket.group);
  std::string roles;
  if (contains(socket.roles, core::role::read)) roles += "\"read\",";
  if (contains(socket.roles, core::role::register_)) roles += "\"register\",";
  if (contains(socket.roles, core::role::manage)) roles += "\"manage\",";
  if (contains(socket.roles, core::role::status)) roles += "\"status\",";
  to.raw("roles", "[" + roles + "]");
}

void write_limits(std::string& out, limit_settings const& limits) {
  table_writer to{out, "[limits]"};
  to.count("connections", limits.connections);
  to.count("connections_per_uid", limits.connections_per_uid);
  to.length("header_timeout", limits.header_timeout);
  to.length("body_timeout", limits.body_timeout);
  to.length("idle_timeout", limits.idle_timeout);
  to.length("wait_default", limits.wait_default);
  to.length("wait_max", limits.wait_max);
  to.count("max_instances", limits.max_instances);
}

void write_store(std::string& out, store_settings const& store) {
  table_writer to{out, "[store]"};
  to.text("file", store.file);
  to.text("key_file", store.key_file);
  to.flag("allow_volatile", store.allow_volatile);
  to.length("removed_retention", store.removed_retention);
}

void write_log(std::string& out, log_settings const& log) {
  using observe::log_format;
  using observe::log_level;
  using level_word = std::pair<log_level, std::string_view>;
  using format_word = std::pair<log_format, std::string_view>;
  table_writer to{out, "[log]"};
  to.text("level", word_of(log.level, std::array{level_word{log_level::trace, "trace"},
                                                 level_word{log_level::debug, "debug"},
                                                 level_word{log_level::info, "info"},
                                                 level_word{log_level::warning, "warning"},
                                                 level_word{log_level::error, "error"}}));
  to.text("format", log.format ? word_of(*log.format,
                                         std::array{format_word{log_format::text, "text"},
                                                    format_word{log_format::json, "json"},
                                                    format_word{log_format::journald, "journald"}})
                               : "auto");
}

void write_audit(std::string& out, audit_settings const& audit) {
  if (audit.file.empty()) return;  // alone, the other key is a mistake
  table_writer to{out, "[audit]"};
  to.text("file", audit.file);
  to.text("overflow", audit.overflow == observe::audit_overflow::drop ? "drop" : "refuse");
}

}  // namespace

std::string configuration_text(configuration const& settings) {
  std::string out;
  for (auto const& app : settings.apps) write_app(out, app);
  for (auto const& socket : settings.sockets) write_socket(out, socket);
  write_store(out, settings.store);
  write_audit(out, settings.audit);
  write_limits(out, settings.limits);
  table_writer api{out, "[api]"};
  api.length("dropin_max_expires_in", settings.api.dropin_max_expires_in);
  api.raw("ready_fraction", number(settings.api.ready_fraction));
  write_log(out, settings.log);
  table_writer process{out, "[process]"};
  process.length("shutdown_grace", settings.process.shutdown_grace);
  return out;
}

}  // namespace wixtokend::test
