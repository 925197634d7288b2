#include "store/faulty_vfs.hpp"

namespace wixtokend::test {
namespace {

bool concerns(disk_fault kind, vfs_call call) {
  switch (kind) {
    case disk_fault::write_fails:
    case disk_fault::short_write:
    case disk_fault::disk_full: return call == vfs_call::write;
    case disk_fault::read_only: return call == vfs_call::write || call == vfs_call::truncate;
    case disk_fault::sync_fails: return call == vfs_call::sync;
    case disk_fault::truncate_fails: return call == vfs_call::truncate;
    case disk_fault::read_fails: return call == vfs_call::read;
    case disk_fault::busy: return call == vfs_call::lock || call == vfs_call::shared_lock;
  }
  return false;
}

int code_of(disk_fault kind) {
  switch (kind) {
    case disk_fault::write_fails: return SQLITE_IOERR_WRITE;
    case disk_fault::short_write: return vfs_shim::half_written;
    case disk_fault::sync_fails: return SQLITE_IOERR_FSYNC;
    case disk_fault::disk_full: return SQLITE_FULL;
    case disk_fault::read_only: return SQLITE_READONLY;
    case disk_fault::busy: return SQLITE_BUSY;
    case disk_fault::truncate_fails: return SQLITE_IOERR_TRUNCATE;
    case disk_fault::read_fails: return SQLITE_IOERR_READ;
  }
  return SQLITE_IOERR;
}

}  // namespace

void faulty_vfs::arm(disk_fault kind, int skip, int times) {
  std::lock_guard const lock{mutex_};
  kind_ = kind;
  skip_ = skip;
  times_ = times;
  failed_ = 0;
}

int faulty_vfs::failed() const {
  std::lock_guard const lock{mutex_};
  return failed_;
}

int faulty_vfs::before(vfs_call call, std::string const&) {
  std::lock_guard const lock{mutex_};
  if (times_ == 0 || !concerns(kind_, call)) return SQLITE_OK;
  if (skip_ > 0) {
    --skip_;
    return SQLITE_OK;
  }
  --times_;
  ++failed_;
  return code_of(kind_);
}

}  // namespace wixtokend::test
