#pragma once
// A file system below SQLite that a test can watch and disturb: the real one with hooks.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace wixtokend::test {

/// What SQLite asks its file system for.
enum class vfs_call : std::uint8_t { read, write, sync, truncate, lock, shared_lock, remove };

/// Registered with SQLite under its name while it lives; no database may outlive it. The hooks are
/// called on whatever thread uses the database. Waiting (`xSleep`) takes no time.
class vfs_shim {
 public:
  explicit vfs_shim(std::string name);
  vfs_shim(vfs_shim const&) = delete;
  vfs_shim& operator=(vfs_shim const&) = delete;
  virtual ~vfs_shim();

  [[nodiscard]] std::string const& name() const noexcept { return name_; }

  /// Of `before`: half of the bytes are written, and an error is returned.
  static constexpr int half_written = -1;

  /// Is asked before each call. @returns SQLITE_OK to go on, or what the call returns instead.
  virtual int before(vfs_call, std::string const& /*file*/) { return SQLITE_OK; }
  /// Whether flushes reach the real disk.
  [[nodiscard]] virtual bool syncs_really() const { return false; }

  // After calls that worked.
  virtual void opened(std::string const& /*file*/) {}
  virtual void wrote(std::string const& /*file*/, std::int64_t /*offset*/, std::string_view) {}
  virtual void truncated(std::string const& /*file*/, std::int64_t /*size*/) {}
  virtual void synced(std::string const& /*file*/) {}
  virtual void removed(std::string const& /*file*/) {}

 private:
  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

}  // namespace wixtokend::test
