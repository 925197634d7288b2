#pragma once
// A new, empty store.

#include "base/error.hpp"
#include "store/key_ring.hpp"

#include <string>

namespace wixtokend::store {

/// Makes an empty store of the current schema, so that it appears under its name only when it is
/// whole and on the disk: an empty or half-made file there is always damage.
/// @param file  Must not exist.
[[nodiscard]] error_code create_store(std::string const& file, key_ring const& keys,
                                      std::string const& vfs);

/// Removes a database file with all that SQLite puts beside it.
void remove_database(std::string const& file) noexcept;

}  // namespace wixtokend::store
