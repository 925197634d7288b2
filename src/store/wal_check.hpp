#pragma once
// Damage in SQLite's log (WAL) that SQLite itself takes for the end of the log.

#include <string>
#include <string_view>

namespace wixtokend::store {

/// SQLite reads its log up to the first frame whose checksum is wrong, and silently drops the rest:
/// that is how it tells a torn write from a whole one. But what was synced cannot be torn. Each
/// transaction is synced before the next one is begun, so a bad frame is damage, and not the end,
/// if a commit and another frame follow it. The checksums are chained, so what follows is
/// recognised by the checksum that the frame before has stored.
///
/// Not recognised: damage in the last transaction of all, which cannot be told from a torn one.
///
/// @param log  The whole log; its format is at https://sqlite.org/fileformat2.html#walformat.
/// @returns true if transactions would be lost.
[[nodiscard]] bool log_is_damaged(std::string_view log) noexcept;

/// The same of the file `FILE-wal` of a database. False if there is none.
[[nodiscard]] bool log_of_is_damaged(std::string const& file);

}  // namespace wixtokend::store
