#include "net/socket_file.hpp"

#include "net/descriptor.hpp"
#include "net/socket_call.hpp"
#include "net/socket_folder.hpp"
#include "net/unix_address.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <utility>

namespace wixtokend::net {
namespace {

// A file that is unlinked at the end of its scope unless it was renamed.
class temporary_file {
 public:
  explicit temporary_file(std::string path) noexcept : path_{std::move(path)} {}
  temporary_file(temporary_file const&) = delete;
  temporary_file& operator=(temporary_file const&) = delete;
  ~temporary_file() {
    if (!renamed_) ::unlink(path_.c_str());
  }

  result<void> rename(std::string const& to) noexcept {
    if (::rename(path_.c_str(), to.c_str()) != 0) return last_system_error();
    renamed_ = true;
    return {};
  }

 private:
  std::string path_;
  bool renamed_ = false;
};

result<std::string> random_suffix() {
  std::array<unsigned char, 4> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return last_system_error();
  }
  std::array<char, 10> text{};
  std::snprintf(text.data(), text.size(), ".%02x%02x%02x%02x", bytes[0], bytes[1], bytes[2],
                bytes[3]);
  return std::string{text.data()};
}

// A name in the socket's folder. Where the path alone nearly fills an address, the folder is named
// through its descriptor, which is short.
result<std::string> temporary_name(std::string const& path, int folder) {
  auto const suffix = random_suffix();
  if (!suffix.has_value()) return suffix.error();
  auto name = path + *suffix;
  if (unix_address::of(name).has_value()) return name;
  return "/proc/self/fd/" + std::to_string(folder) + "/" + *suffix;
}

// Whether the path may be taken: free, or a socket on which nobody listens.
result<void> may_take(std::string const& path) {
  struct stat present {};
  if (::lstat(path.c_str(), &present) != 0) {
    if (errno == ENOENT) return {};
    return last_system_error();
  }
  if (!S_ISSOCK(present.st_mode)) return errc::not_a_socket;

  auto const connected = connect_unix_now(path);
  if (connected.has_value()) {
    ::close(*connected);
    return errc::socket_in_use;
  }
  switch (connected.error().value()) {
    case ECONNREFUSED:
    case ENOENT: return {};
    case EAGAIN:      // its backlog is full
    case EPROTOTYPE:  // a socket of another type is bound there
      return errc::socket_in_use;
    default: return connected.error();
  }
}

// The file is born without any right: Linux takes the mode of the unbound socket.
result<void> bind_without_rights(int socket, std::string const& name) {
  auto const address = unix_address::of(name);
  if (!address.has_value()) return address.error();
  if (::fchmod(socket, 0) != 0) return last_system_error();
  if (::bind(socket, address->get(), unix_address::size()) != 0) return last_system_error();
  return {};
}

// Nobody can connect before listen(2), so the rights are in force before the first connection.
result<void> give_rights_and_listen(int socket, std::string const& name,
                                    unix_socket_options const& options) {
  if (options.owner.has_value() || options.group.has_value()) {
    constexpr auto unchanged = static_cast<uid_t>(-1);
    auto const owner = options.owner.value_or(unchanged);
    auto const group = options.group.value_or(unchanged);
    if (::lchown(name.c_str(), owner, group) != 0) return last_system_error();
  }
  if (::chmod(name.c_str(), options.mode) != 0) return last_system_error();
  if (::listen(socket, options.backlog) != 0) return last_system_error();
  return {};
}

}  // namespace

result<socket_file> socket_file::create(unix_socket_options const& options) {
  if (auto const fits = unix_address::of(options.path); !fits.has_value()) return fits.error();

  // The lock on the folder keeps two daemons that start at once from both finding the path free.
  descriptor const folder{
      ::open(folder_of(options.path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() < 0) return last_system_error();
  if (::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) {
    return errno == EAGAIN ? error_code{errc::socket_in_use} : last_system_error();
  }
  if (auto const free = may_take(options.path); !free.has_value()) return free.error();

  auto const name = temporary_name(options.path, folder.get());
  if (!name.has_value()) return name.error();
  auto const created = create_stream_socket(AF_UNIX);
  if (!created.has_value()) return created.error();
  descriptor socket{*created};
  if (auto const bound = bind_without_rights(socket.get(), *name); !bound.has_value()) {
    return bound.error();
  }
  temporary_file temporary{*name};
  auto const listening = give_rights_and_listen(socket.get(), *name, options);
  if (!listening.has_value()) return listening.error();

  struct stat made {};
  if (::lstat(name->c_str(), &made) != 0) return last_system_error();
  if (auto const renamed = temporary.rename(options.path); !renamed.has_value()) {
    return renamed.error();
  }
  return socket_file{socket.release(), options.path, made.st_dev, made.st_ino};
}

socket_file::socket_file(socket_file&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)},
      path_{std::move(other.path_)},
      device_{other.device_},
      inode_{other.inode_} {}

socket_file::~socket_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int socket_file::release_descriptor() noexcept {
  return std::exchange(descriptor_, -1);
}

void socket_file::remove() noexcept {
  struct stat present {};
  if (::lstat(path_.c_str(), &present) != 0) return;
  if (present.st_dev == device_ && present.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace wixtokend::net
