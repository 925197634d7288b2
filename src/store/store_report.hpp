#pragma once
// What is in a store, and whether it is sound: `wixtokend check --store`.

#include "base/secret.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wixtokend::store {

/// Figures of one store. They are whole only if there are no problems.
struct store_report {
  std::int64_t schema_version = 0;
  std::uint64_t instances = 0;
  std::uint64_t registered = 0;     ///< of them
  std::uint64_t tokens = 0;         ///< access tokens, usable or not
  std::uint64_t legacy_grants = 0;  ///< instances with a refresh token
  std::uint64_t pending_codes = 0;
  std::uint64_t retained = 0;         ///< refresh tokens of removed instances
  std::uint64_t apps = 0;             ///< that have rows
  std::vector<std::string> key_ids;   ///< of the keys that rows are sealed with
  bool in_use = false;                ///< by a daemon, at this moment
  std::vector<std::string> problems;  ///< each a sentence with the way out; empty: sound
};

/// Reads all of a store without changing it; a daemon may be using it.
/// @param keys  The text of the key file.
[[nodiscard]] store_report verify(std::string const& file, secret const& keys);

}  // namespace wixtokend::store
