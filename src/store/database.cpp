#include "store/database.hpp"

#include "store/store_error.hpp"

#include <sqlite3.h>

#include <utility>

namespace wixtokend::store {
namespace {

constexpr int busy_timeout_ms = 2000;  // a backup, or somebody with the sqlite3 shell

}  // namespace

void statement::finalizer::operator()(sqlite3_stmt* which) const noexcept {
  ::sqlite3_finalize(which);
}

statement& statement::bind(std::int64_t value) {
  if (int const code = ::sqlite3_bind_int64(handle_.get(), ++bound_, value); code != SQLITE_OK) {
    failure_ = code;
  }
  return *this;
}

statement& statement::bind(std::string_view blob) {
  // A null pointer would bind NULL.
  auto const* const bytes = blob.data() == nullptr ? "" : blob.data();
  int const code =
      ::sqlite3_bind_blob64(handle_.get(), ++bound_, bytes, blob.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) failure_ = code;
  return *this;
}

result<bool> statement::step() {
  if (failure_ != 0) return unanswered(sqlite_error(failure_));
  int const code = ::sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return unanswered(sqlite_error(::sqlite3_extended_errcode(::sqlite3_db_handle(handle_.get()))));
}

error_code statement::run() {
  for (;;) {
    auto const more = step();
    if (more.has_value() && *more) continue;
    reset();
    return more.has_value() ? error_code{} : more.error();
  }
}

void statement::reset() noexcept {
  ::sqlite3_reset(handle_.get());
  ::sqlite3_clear_bindings(handle_.get());
  bound_ = 0;
  failure_ = 0;
}

std::int64_t statement::number(int column) const noexcept {
  return ::sqlite3_column_int64(handle_.get(), column);
}

std::string_view statement::blob(int column) const noexcept {
  auto const* const bytes = ::sqlite3_column_blob(handle_.get(), column);
  auto const size = ::sqlite3_column_bytes(handle_.get(), column);
  if (bytes == nullptr || size <= 0) return {};
  return {static_cast<char const*>(bytes), static_cast<std::size_t>(size)};
}

std::string_view statement::text(int column) const noexcept {
  auto const* const bytes = ::sqlite3_column_text(handle_.get(), column);
  auto const size = ::sqlite3_column_bytes(handle_.get(), column);
  if (bytes == nullptr || size <= 0) return {};
  return {reinterpret_cast<char const*>(bytes), static_cast<std::size_t>(size)};
}

int statement::columns() const noexcept {
  return ::sqlite3_column_count(handle_.get());
}

bool statement::is_number(int column) const noexcept {
  return ::sqlite3_column_type(handle_.get(), column) == SQLITE_INTEGER;
}

bool statement::is_blob(int column) const noexcept {
  return ::sqlite3_column_type(handle_.get(), column) == SQLITE_BLOB;
}

void database::closer::operator()(sqlite3* which) const noexcept {
  ::sqlite3_close_v2(which);
}

result<database> database::open(std::string const& file, access how, std::string const& vfs) {
  sqlite3* made = nullptr;
  // Also to look, SQLite must be able to write: the shared memory of the log belongs to it.
  auto const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                     (how == access::create ? SQLITE_OPEN_CREATE : 0);
  int code = ::sqlite3_open_v2(file.c_str(), &made, flags, vfs.empty() ? nullptr : vfs.c_str());
  database opened;
  opened.handle_.reset(made);
  if (code != SQLITE_OK) return sqlite_error(code);

  ::sqlite3_busy_timeout(made, busy_timeout_ms);
  code = ::sqlite3_db_config(made, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (code == SQLITE_OK) {
    code = ::sqlite3_db_config(made, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  }
  if (code != SQLITE_OK) return sqlite_error(code);
  if (how == access::look) {
    opened.checkpoint_on_close(false);
    if (auto const failed = opened.run("PRAGMA query_only = 1")) return failed;
  }
  return opened;
}

void database::checkpoint_on_close(bool on) noexcept {
  ::sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

result<statement> database::prepare(std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  int const code = ::sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  statement prepared;
  prepared.handle_.reset(made);
  if (code != SQLITE_OK) return sqlite_error(code);
  return prepared;
}

error_code database::run(std::string const& sql) {
  return sqlite_error(::sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

result<std::int64_t> database::number(std::string_view sql) {
  auto asked = prepare(sql);
  if (!asked.has_value()) return asked.error();
  auto const row = asked->step();
  if (!row.has_value()) return row.error();
  if (!*row) return errc::bad_record;
  return asked->number(0);
}

error_code database::truncate_log() {
  // Somebody who reads may do so for long: their log stays as it is, and the next commit is not
  // late.
  ::sqlite3_busy_timeout(handle_.get(), 0);
  int const outcome = ::sqlite3_wal_checkpoint_v2(handle_.get(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                                  nullptr, nullptr);
  ::sqlite3_busy_timeout(handle_.get(), busy_timeout_ms);
  return sqlite_error(outcome);
}

bool database::idle() const noexcept {
  return ::sqlite3_get_autocommit(handle_.get()) != 0;
}

result<transaction> transaction::begin(database& in) {
  if (auto const failed = in.run("BEGIN IMMEDIATE")) return failed;
  return transaction{in};
}

transaction::~transaction() {
  // After some errors SQLite has rolled back by itself.
  if (in_ != nullptr && !in_->idle()) static_cast<void>(in_->run("ROLLBACK"));
}

error_code transaction::commit() {
  auto const failed = in_->run("COMMIT");
  if (!failed) in_ = nullptr;
  return failed;
}

}  // namespace wixtokend::store
