#pragma once
// From the tree of a TOML file to settings: the declared keys, and nothing else.

#include "daemon/config.hpp"
#include "daemon/config_document.hpp"
#include "daemon/config_problem.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::daemon {

/// Where tables and keys of a file stand, so that later checks can name the place.
class config_places {
 public:
  /// @param index  Which of several tables of that name; 0 for tables that stand once.
  /// @param key    Empty for the table itself.
  void add(std::string_view table, std::size_t index, std::string_view key, config_position where);

  /// The place of the key; of its table if the key is absent; of no line if that is absent too.
  [[nodiscard]] config_position find(std::string_view table, std::size_t index,
                                     std::string_view key) const;

 private:
  std::map<std::string, config_position> places_;
};

/// What could be read, and all that could not.
struct config_reading {
  configuration settings;
  config_places places;
  std::vector<config_problem> problems;
};

/// Reads the declared keys. Unknown tables and keys, wrong types, values out of range and missing
/// required keys are problems; the settings are complete only if there is none.
[[nodiscard]] config_reading read_document(config_table const& root);

}  // namespace wixtokend::daemon
