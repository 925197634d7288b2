#include "store/file_checks.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace wixtokend::store {
namespace {

std::string because(int reason) {
  return std::generic_category().message(reason);
}

struct path_parts {
  std::string folder;
  std::string name;
};

path_parts split(std::string const& path) {
  auto const slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

std::string real_path(std::string const& path) {
  std::unique_ptr<char, decltype(&std::free)> const found{::realpath(path.c_str(), nullptr),
                                                          &std::free};
  return found ? std::string{found.get()} : std::string{};
}

std::string lock_name(std::string const& path) {
  return path + ".lock";
}

// Closed on every way out unless it is handed over.
class descriptor {
 public:
  explicit descriptor(int number) noexcept : number_{number} {}
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::string what_is_wrong(std::string const& file, struct stat const& is) {
  if (!S_ISREG(is.st_mode)) return file + " is not a regular file; name another one";
  if (is.st_uid != ::geteuid()) {
    return file + " belongs to user " + std::to_string(is.st_uid) + ", and this process is user " +
           std::to_string(::geteuid()) + "; `chown " + std::to_string(::geteuid()) + " " + file +
           "`, or run as its owner";
  }
  if ((is.st_mode & 0177U) != 0) {
    return file + " may be used by others than its owner; `chmod 600 " + file + "`";
  }
  if (is.st_size == 0) {
    return file + " is empty, thus not a store; restore it from a backup, or remove it to begin" +
           " with an empty store";
  }
  return {};
}

// SQLite's log or journal that belongs to no file.
std::string orphan_of(std::string const& file) {
  for (auto const* const ending : {"-wal", "-journal"}) {
    struct stat is {};
    auto left = file + ending;
    if (::lstat(left.c_str(), &is) == 0 && is.st_size > 0) return left;
  }
  return {};
}

std::variant<int, file_refused> take_lock(std::string const& file) {
  auto const name = lock_name(file);
  descriptor lock{::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (lock.get() < 0) return file_refused{name + " cannot be created: " + because(errno)};
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock.release();
  if (errno != EWOULDBLOCK) return file_refused{name + " cannot be locked: " + because(errno)};
  return file_refused{"another process uses the store " + file +
                      "; stop it, or give each daemon a store of its own"};
}

}  // namespace

checked_file::~checked_file() {
  if (lock_ >= 0) ::close(lock_);
}

file_system probe_file_system(std::string const& folder) {
  // linux/magic.h lacks those that are not part of the kernel's own tree, or came later.
  static constexpr std::array<std::uint64_t, 16> networks{
      NFS_SUPER_MAGIC,    SMB_SUPER_MAGIC,         0xFF534D42 /* cifs */,  0xFE534D42 /* smb2 */,
      V9FS_MAGIC,         0x00C36400 /* ceph */,   AFS_SUPER_MAGIC,        AFS_FS_MAGIC,
      CODA_SUPER_MAGIC,   0x0BD00BD0 /* lustre */, 0x47504653 /* gpfs */,  0x564C /* ncp */,
      0x013661 /* gfs */, 0x01161970 /* gfs2 */,   0x7461636F /* ocfs2 */, 0x19830326 /* fhgfs */};
  struct statfs is {};
  if (::statfs(folder.c_str(), &is) != 0) return file_system::persistent;
  auto const kind = static_cast<std::uint64_t>(is.f_type) & 0xffffffffU;
  if (kind == TMPFS_MAGIC || kind == RAMFS_MAGIC) return file_system::in_memory;
  for (auto const network : networks) {
    if (kind == network) return file_system::network;
  }
  return file_system::persistent;
}

std::string resolved(std::string const& file) {
  if (auto whole = real_path(file); !whole.empty()) return whole;
  auto const parts = split(file);
  auto const folder = real_path(parts.folder);
  if (folder.empty()) return file;
  return (folder == "/" ? folder : folder + "/") + parts.name;
}

std::variant<checked_file, file_refused> check_file(std::string const& file,
                                                    file_system_probe const& probe) {
  auto const path = resolved(file);
  auto const folder = split(path).folder;
  struct stat is {};
  if (::stat(folder.c_str(), &is) != 0) {
    return file_refused{"the folder of " + file + " cannot be used: " + because(errno) +
                        "; create it, owned by the daemon's user"};
  }
  if (!S_ISDIR(is.st_mode)) return file_refused{folder + " is not a folder"};
  auto const where = probe ? probe(folder) : probe_file_system(folder);
  if (where == file_system::network) {
    return file_refused{path + " is on a network file system, where a store cannot be kept safe;" +
                        " name a file on a local disk"};
  }

  bool const exists = ::lstat(path.c_str(), &is) == 0;
  if (!exists && errno != ENOENT) {
    return file_refused{path + " cannot be used: " + because(errno)};
  }
  if (exists) {
    if (auto wrong = what_is_wrong(path, is); !wrong.empty()) {
      return file_refused{std::move(wrong)};
    }
  } else if (auto const orphan = orphan_of(path); !orphan.empty()) {
    return file_refused{orphan + " is there without " + path +
                        "; restore the store from a backup, or remove what is left of it"};
  }
  auto lock = take_lock(path);
  if (auto* const refused = std::get_if<file_refused>(&lock)) return std::move(*refused);
  return checked_file{path, exists, where, std::get<int>(lock)};
}

bool is_locked(std::string const& file) {
  auto const name = lock_name(resolved(file));
  descriptor const lock{::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
  return lock.get() >= 0 && ::flock(lock.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

// Not POSIX_FADV_WILLNEED: of a large file the kernel takes that for the beginning only.
void read_ahead(std::string const& file) noexcept {
  descriptor const opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, 65'536> part{};
  while (opened.get() >= 0 && ::read(opened.get(), part.data(), part.size()) > 0) {
  }
}

int move_to_free_name(std::string const& from, std::string const& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL) return errno;
  // A file system that cannot: a copy may go to a network's.
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  return ::unlink(from.c_str()) == 0 ? 0 : errno;
}

int create_private(std::string const& file) {
  descriptor const made{
      ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (made.get() < 0) return errno;
  return ::fchmod(made.get(), 0600) == 0 ? 0 : errno;
}

int sync_file(std::string const& file) {
  descriptor const opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (opened.get() < 0) return errno;
  return ::fsync(opened.get()) == 0 ? 0 : errno;
}

int sync_folder_of(std::string const& file) {
  return sync_file(split(file).folder);
}

}  // namespace wixtokend::store
