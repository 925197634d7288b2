#include "store/vfs_shim.hpp"

#include <cstddef>
#include <new>
#include <stdexcept>
#include <utility>

namespace wixtokend::test {
namespace {

sqlite3_vfs* real_vfs() {
  static sqlite3_vfs* const found = ::sqlite3_vfs_find("unix");
  return found;
}

// Ours; the real file's object lies behind it.
struct shim_file {
  sqlite3_file base;
  vfs_shim* shim;
  std::string* name;
};
static_assert(offsetof(shim_file, base) == 0);
constexpr std::size_t shim_size = (sizeof(shim_file) + 15) / 16 * 16;

shim_file* ours(sqlite3_file* file) {
  return reinterpret_cast<shim_file*>(file);
}

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + shim_size);
}

int ask(sqlite3_file* file, vfs_call call) {
  return ours(file)->shim->before(call, *ours(file)->name);
}

int shim_close(sqlite3_file* file) {
  int const code = real(file)->pMethods->xClose(real(file));
  delete std::exchange(ours(file)->name, nullptr);
  return code;
}

int shim_read(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  if (int const code = ask(file, vfs_call::read); code != SQLITE_OK) return code;
  return real(file)->pMethods->xRead(real(file), into, size, offset);
}

int shim_write(sqlite3_file* file, void const* bytes, int size, sqlite3_int64 offset) {
  int code = ask(file, vfs_call::write);
  int const length = code == vfs_shim::half_written ? size / 2 : size;
  if (code != SQLITE_OK && code != vfs_shim::half_written) return code;
  int const written = real(file)->pMethods->xWrite(real(file), bytes, length, offset);
  if (written != SQLITE_OK) return written;
  ours(file)->shim->wrote(*ours(file)->name, offset,
                          {static_cast<char const*>(bytes), static_cast<std::size_t>(length)});
  return code == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int shim_truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (int const code = ask(file, vfs_call::truncate); code != SQLITE_OK) return code;
  int const code = real(file)->pMethods->xTruncate(real(file), size);
  if (code == SQLITE_OK) ours(file)->shim->truncated(*ours(file)->name, size);
  return code;
}

int shim_sync(sqlite3_file* file, int flags) {
  if (int const code = ask(file, vfs_call::sync); code != SQLITE_OK) return code;
  if (ours(file)->shim->syncs_really()) {
    if (int const code = real(file)->pMethods->xSync(real(file), flags)) return code;
  }
  ours(file)->shim->synced(*ours(file)->name);
  return SQLITE_OK;
}

int shim_size_of(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}

int shim_lock(sqlite3_file* file, int level) {
  if (int const code = ask(file, vfs_call::lock); code != SQLITE_OK) return code;
  return real(file)->pMethods->xLock(real(file), level);
}

int shim_unlock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}

int shim_check_lock(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

int shim_control(sqlite3_file* file, int what, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), what, argument);
}

int shim_sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}

// No promises: neither that small writes are whole nor that what is overwritten stays otherwise.
int shim_characteristics(sqlite3_file*) {
  return 0;
}

int shim_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  return real(file)->pMethods->xShmMap(real(file), region, size, extend, out);
}

int shim_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  bool const takes = (flags & SQLITE_SHM_LOCK) != 0;
  if (takes && (flags & SQLITE_SHM_EXCLUSIVE) != 0) {
    if (int const code = ask(file, vfs_call::shared_lock); code != SQLITE_OK) return code;
  }
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

void shim_shm_barrier(sqlite3_file* file) {
  real(file)->pMethods->xShmBarrier(real(file));
}

int shim_shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

sqlite3_io_methods const methods{2,
                                 shim_close,
                                 shim_read,
                                 shim_write,
                                 shim_truncate,
                                 shim_sync,
                                 shim_size_of,
                                 shim_lock,
                                 shim_unlock,
                                 shim_check_lock,
                                 shim_control,
                                 shim_sector_size,
                                 shim_characteristics,
                                 shim_shm_map,
                                 shim_shm_lock,
                                 shim_shm_barrier,
                                 shim_shm_unmap,
                                 nullptr,
                                 nullptr};

int shim_open(sqlite3_vfs* vfs, char const* name, sqlite3_file* file, int flags, int* out) {
  int const code = real_vfs()->xOpen(real_vfs(), name, real(file), flags, out);
  file->pMethods = nullptr;
  if (real(file)->pMethods == nullptr) return code;
  auto* const made = ours(file);
  made->shim = static_cast<vfs_shim*>(vfs->pAppData);
  made->name = new std::string{name == nullptr ? "" : name};
  file->pMethods = &methods;
  if (code == SQLITE_OK) made->shim->opened(*made->name);
  return code;
}

int shim_delete(sqlite3_vfs* vfs, char const* name, int sync) {
  auto* const shim = static_cast<vfs_shim*>(vfs->pAppData);
  if (int const code = shim->before(vfs_call::remove, name); code != SQLITE_OK) return code;
  int const code = real_vfs()->xDelete(real_vfs(), name, sync);
  if (code == SQLITE_OK) shim->removed(name);
  return code;
}

int shim_access(sqlite3_vfs*, char const* name, int flags, int* out) {
  return real_vfs()->xAccess(real_vfs(), name, flags, out);
}

int shim_full_path(sqlite3_vfs*, char const* name, int size, char* out) {
  return real_vfs()->xFullPathname(real_vfs(), name, size, out);
}

int shim_sleep(sqlite3_vfs*, int microseconds) {
  return microseconds;
}

}  // namespace

vfs_shim::vfs_shim(std::string name)
    : name_{std::move(name)}, vfs_{std::make_unique<sqlite3_vfs>(*real_vfs())} {
  vfs_->szOsFile = static_cast<int>(shim_size) + real_vfs()->szOsFile;
  vfs_->pNext = nullptr;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = shim_open;
  vfs_->xDelete = shim_delete;
  vfs_->xAccess = shim_access;
  vfs_->xFullPathname = shim_full_path;
  vfs_->xSleep = shim_sleep;
  if (::sqlite3_vfs_register(vfs_.get(), 0) != SQLITE_OK) throw std::runtime_error{"no VFS"};
}

vfs_shim::~vfs_shim() {
  ::sqlite3_vfs_unregister(vfs_.get());
}

}  // namespace wixtokend::test
