#pragma once
// A TOML file as a plain tree with positions. The TOML library stays in the `.cpp`.

#include "daemon/config_problem.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wixtokend::daemon {

struct config_value;
struct config_entry;

/// Dates, times and whatever else no key of ours takes.
struct config_other {
  std::string_view type_name;
};

using config_list = std::vector<config_value>;
using config_table = std::vector<config_entry>;

/// A value and where it stands.
struct config_value {
  config_position where;
  std::variant<bool, std::int64_t, double, std::string, config_list, config_table, config_other>
      data;
};

/// `key = value`, or a table under its name.
struct config_entry {
  std::string key;
  config_position where;  ///< of the key
  config_value value;
};

/// "a string", "an integer", …: to complete "…, but it is …".
[[nodiscard]] std::string_view type_name(config_value const& value) noexcept;

/// Reads TOML 1.0. @returns the root table, or where and why the text is not TOML.
[[nodiscard]] std::variant<config_table, config_problem> parse_document(std::string_view text);

}  // namespace wixtokend::daemon
