#include "net/socket_folder.hpp"

#include "net/descriptor.hpp"
#include "net/socket_call.hpp"

#include <boost/system/errc.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace wixtokend::net {
namespace {

namespace system_errc = boost::system::errc;

constexpr mode_t all_rights = 07777;

folder_refused system_refuses(error_code reason) {
  auto text = reason.message();
  if (reason == system_errc::not_a_directory) {
    text += ": something else has that name; remove it, or configure another path";
  } else if (reason == system_errc::no_such_file_or_directory) {
    text += ": the folder above it has to exist";
  } else if (reason == system_errc::permission_denied ||
             reason == system_errc::read_only_file_system) {
    text += ": this user has to be able to write to the folder above it";
  }
  return {std::move(text)};
}

// Through the descriptor: what stands at the path may be exchanged at any time.
std::optional<folder_refused> give_rights(int folder, mode_t mode) {
  struct stat facts {};
  if (::fstat(folder, &facts) != 0) return system_refuses(last_system_error());
  if (facts.st_uid != ::geteuid()) {
    return folder_refused{"it belongs to user " + std::to_string(facts.st_uid) +
                          ", who could replace the socket; remove it, or configure another path"};
  }
  if ((facts.st_mode & all_rights) == mode) return std::nullopt;
  if (::fchmod(folder, mode) != 0) return system_refuses(last_system_error());

  // chmod(2) drops the setgid bit in silence, unless the process is in the group.
  if (::fstat(folder, &facts) != 0) return system_refuses(last_system_error());
  if ((facts.st_mode & all_rights) == mode) return std::nullopt;
  return folder_refused{"the kernel drops the setgid bit, since this user is not in the group " +
                        std::to_string(facts.st_gid) + " (in Kubernetes: set it as fsGroup)"};
}

std::optional<folder_refused> open_and_give_rights(std::string const& path, mode_t mode) {
  descriptor const folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (folder.get() < 0) return system_refuses(last_system_error());
  return give_rights(folder.get(), mode);
}

}  // namespace

std::optional<folder_refused> make_socket_folder(std::string const& path, mode_t mode) {
  bool const made = ::mkdir(path.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return system_refuses(last_system_error());
  auto refused = open_and_give_rights(path, mode);
  if (made && refused) ::rmdir(path.c_str());
  return refused;
}

std::string folder_of(std::string const& path) {
  auto const slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace wixtokend::net
