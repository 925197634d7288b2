#pragma once
// The declared keys: all that a configuration may hold.

#include "daemon/config.hpp"
#include "daemon/config_key.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::daemon {

[[nodiscard]] std::vector<config_key<log_settings>> const& log_keys();
[[nodiscard]] std::vector<config_key<app_settings>> const& app_keys();
[[nodiscard]] std::vector<config_key<socket_settings>> const& socket_keys();
[[nodiscard]] std::vector<config_key<access_settings>> const& access_keys();
[[nodiscard]] std::vector<config_key<store_settings>> const& store_keys();
[[nodiscard]] std::vector<config_key<audit_settings>> const& audit_keys();
[[nodiscard]] std::vector<config_key<limit_settings>> const& limit_keys();
[[nodiscard]] std::vector<config_key<api_settings>> const& api_keys();
[[nodiscard]] std::vector<config_key<metrics_settings>> const& metrics_keys();
[[nodiscard]] std::vector<config_key<process_settings>> const& process_keys();

/// A key as documentation shows it.
struct key_description {
  std::string path;  ///< "limits.header_timeout"
  std::string type;
  std::string default_text;  ///< empty: none
  std::string_view meaning;
  bool required = false;
};

/// All keys of all tables, in the order in which they are declared.
[[nodiscard]] std::vector<key_description> declared_keys();

}  // namespace wixtokend::daemon
