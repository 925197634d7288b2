#pragma once
// What must be true of a store's file before SQLite may touch it, and the lock that guards it.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>

namespace wixtokend::store {

/// Where a file is, as far as its safety goes.
enum class file_system : std::uint8_t {
  persistent,  ///< survives a restart of the machine
  in_memory,   ///< tmpfs, ramfs: gone with the next restart
  network,     ///< locks and the shared memory of SQLite's log cannot be trusted there
};

/// Says what a folder's file system is.
using file_system_probe = std::function<file_system(std::string const& folder)>;

/// By statfs(2). What is unknown counts as persistent.
[[nodiscard]] file_system probe_file_system(std::string const& folder);

/// A file that may be used, as long as this object lives: no other process gets it.
class checked_file {
 public:
  checked_file(std::string path, bool exists, file_system where, int lock) noexcept
      : path_{std::move(path)}, exists_{exists}, where_{where}, lock_{lock} {}
  checked_file(checked_file&& other) noexcept
      : path_{std::move(other.path_)},
        exists_{other.exists_},
        where_{other.where_},
        lock_{std::exchange(other.lock_, -1)} {}
  checked_file& operator=(checked_file&&) = delete;
  ~checked_file();

  [[nodiscard]] std::string const& path() const noexcept { return path_; }  ///< without links
  [[nodiscard]] bool exists() const noexcept { return exists_; }
  [[nodiscard]] file_system where() const noexcept { return where_; }

 private:
  std::string path_;
  bool exists_;
  file_system where_;
  int lock_;
};

/// Why a file must not be used, with the way out; names the file.
struct file_refused {
  std::string text;
};

/// Checks the folder, the file (if it is there: regular, not empty, ours, mode 0600 or less), the
/// file system, and that nobody else has it: `FILE.lock` is created and locked with flock(2).
/// A log or journal of SQLite without its file is refused, too: it is what is left of a store.
[[nodiscard]] std::variant<checked_file, file_refused> check_file(std::string const& file,
                                                                  file_system_probe const& probe);

/// True if a process has the lock at this moment.
[[nodiscard]] bool is_locked(std::string const& file);

/// The file's name without symbolic links, as far as its folder exists; else the name itself.
[[nodiscard]] std::string resolved(std::string const& file);

/// Reads a whole file in its order, so that it is in the page cache for whoever is about to read
/// all of it in another order. Nothing happens if it cannot be read. Not while SQLite has the file
/// open in this process: its locks would be gone.
void read_ahead(std::string const& file) noexcept;

/// Renames a file to a name that must not be taken, as one step.
/// @returns 0, or `errno`: `EEXIST` if it is taken.
[[nodiscard]] int move_to_free_name(std::string const& from, std::string const& to);

/// Creates a file that must not exist, with mode 0600 whatever the umask is.
/// @returns 0, or `errno`.
[[nodiscard]] int create_private(std::string const& file);

/// Makes names in a file's folder durable: what was created, renamed or removed.
/// @returns 0, or `errno`.
[[nodiscard]] int sync_folder_of(std::string const& file);

/// Makes a file's content durable. @returns 0, or `errno`.
[[nodiscard]] int sync_file(std::string const& file);

}  // namespace wixtokend::store
