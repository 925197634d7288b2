#include "store/soundness.hpp"

#include "store/schema.hpp"
#include "store/store_error.hpp"

#include <sqlite3.h>

namespace wixtokend::store {
namespace {

constexpr auto restore = "restore it from a backup";

// What SQLite itself finds wrong; "ok" if nothing.
result<std::string> integrity(database& in) {
  auto check = in.prepare("PRAGMA integrity_check(1)");
  if (!check.has_value()) return check.error();
  auto const row = check->step();
  if (!row.has_value()) return row.error();
  return *row ? std::string{check->text(0)} : std::string{"no answer"};
}

}  // namespace

unsound unreadable(error_code reason) {
  auto const what = "cannot be read: " + reason.message();
  if (reason.category() != sqlite_category()) return {what, restore};
  switch (reason.value() & 0xff) {
    case SQLITE_NOTADB:
      return {"is not a store: " + reason.message(),
              "name another file, restore the store from a backup, or move the file away"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {what, "end the other process"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY: return {what, "look at the rights of the file and of its folder"};
    case SQLITE_IOERR: return {what, "look at the disk (the kernel's log has more)"};
    case SQLITE_FULL: return {what, "make room on the disk"};
    case SQLITE_NOMEM: return {what, "give the process more memory"};
    default: return {"is damaged: " + reason.message(), restore};
  }
}

std::optional<unsound> verify_structure(database& in, std::int64_t& version) {
  auto const whose = in.number("PRAGMA application_id");
  if (!whose.has_value()) return unreadable(whose.error());
  if (*whose != application_id) {
    return unsound{"is a database, but not a store of wixtokend",
                   "name another file, or restore the store from a backup"};
  }
  auto const found = in.number("PRAGMA user_version");
  if (!found.has_value()) return unreadable(found.error());
  version = *found;
  if (version > schema_version) {
    return unsound{"was written by a newer wixtokend (schema " + std::to_string(version) +
                       "; this one knows up to " + std::to_string(schema_version) + ")",
                   "use that version, or restore a backup from before the upgrade"};
  }
  if (version < 1) return unsound{"is damaged: it has no schema version", restore};

  auto const sound = integrity(in);
  if (!sound.has_value()) return unreadable(sound.error());
  if (*sound != "ok") return unsound{"is damaged: " + *sound, restore};
  auto const expected = expected_schema(version);
  if (!expected.has_value()) return unreadable(expected.error());
  auto const there = schema_of(in);
  if (!there.has_value()) return unreadable(there.error());
  if (*there != *expected) {
    return unsound{"is damaged: its tables are not those of schema " + std::to_string(version),
                   restore};
  }
  return std::nullopt;
}

}  // namespace wixtokend::store
