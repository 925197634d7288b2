#include "store/store_error.hpp"

#include <sqlite3.h>

#include <string>

namespace wixtokend::store {
namespace {

char const* extended_text(int code) noexcept {
  switch (code) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ: return "disk I/O error while reading";
    case SQLITE_IOERR_WRITE: return "disk I/O error while writing";
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC: return "disk I/O error while flushing to the disk";
    case SQLITE_IOERR_TRUNCATE: return "disk I/O error while truncating";
    case SQLITE_IOERR_LOCK:
    case SQLITE_IOERR_UNLOCK:
    case SQLITE_IOERR_SHMLOCK: return "disk I/O error while locking the file";
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMMAP: return "disk I/O error in the file's shared memory (-shm)";
    case SQLITE_IOERR_NOMEM: return "memory has run out";
    case SQLITE_READONLY_DBMOVED: return "the file was moved or deleted while it was in use";
    case SQLITE_READONLY_DIRECTORY: return "the folder of the file is read-only";
    default: return nullptr;
  }
}

std::string text(int code) {
  if (auto const* const known = extended_text(code); known != nullptr) return known;
  switch (code & 0xff) {
    case SQLITE_FULL: return "the disk is full";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "the database is locked by another process";
    case SQLITE_NOTADB: return "the file is not a database";
    case SQLITE_CORRUPT: return "the database is damaged";
    case SQLITE_READONLY: return "the database is read-only";
    case SQLITE_IOERR: return "disk I/O error";
    case SQLITE_NOMEM: return "memory has run out";
    case SQLITE_CANTOPEN: return "the file, or the log beside it, cannot be opened";
    case SQLITE_PERM: return "access to the file is not permitted";
    case SQLITE_TOOBIG: return "a value is too large for the database";
    case SQLITE_CONSTRAINT: return "a row contradicts the schema of the database";
    case SQLITE_SCHEMA: return "the schema was changed by another process";
    case SQLITE_PROTOCOL: return "the locks of the database do not work";
    default: return std::string{"SQLite says: "} + ::sqlite3_errstr(code);
  }
}

class sqlite_category_type final : public boost::system::error_category {
 public:
  char const* name() const noexcept override { return "sqlite"; }
  std::string message(int value) const override { return text(value); }
};

class store_category_type final : public boost::system::error_category {
 public:
  char const* name() const noexcept override { return "store"; }
  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::seal_failed: return "a value could not be sealed";
      case errc::seal_broken: return "a sealed value is damaged";
      case errc::unknown_key: return "sealed with a key that is not there";
      case errc::bad_record: return "a record cannot be understood";
    }
    return "unknown error";
  }
};

}  // namespace

boost::system::error_category const& sqlite_category() noexcept {
  static sqlite_category_type const instance;
  return instance;
}

error_code sqlite_error(int extended_code) noexcept {
  auto const kind = extended_code & 0xff;
  if (kind == SQLITE_OK || kind == SQLITE_ROW || kind == SQLITE_DONE) return {};
  return {extended_code, sqlite_category()};
}

boost::system::error_category const& store_category() noexcept {
  static store_category_type const instance;
  return instance;
}

error_code make_error_code(errc value) noexcept {
  return {static_cast<int>(value), store_category()};
}

}  // namespace wixtokend::store
