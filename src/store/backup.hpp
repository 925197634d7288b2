#pragma once
// A copy of a store, taken while a daemon may be using it.

#include "store/sqlite_store.hpp"

#include <optional>
#include <string>

namespace wixtokend::store {

/// Copies a store as it is at one moment, with all that was committed before. The rows stay sealed:
/// no key is needed here, but the key file must be kept for the copy, too.
///
/// @param destination  Must not exist; its folder must. Created with mode 0600, on the disk for
///                     good on success, and not there on failure.
/// @returns why there is no copy; nothing on success.
[[nodiscard]] std::optional<open_error> backup(std::string const& file,
                                               std::string const& destination);

}  // namespace wixtokend::store
