#pragma once
// The folder of a Unix socket, where the daemon is to make it itself.

#include <sys/types.h>

#include <optional>
#include <string>

namespace wixtokend::net {

/// Why a folder is not made: what is so, and what to do.
struct folder_refused {
  std::string text;
};

/// Makes the folder with exactly these rights, umask or not; the one that it is in must be there.
/// Its group is the process's own, or, if the one that it is in has the setgid bit, that one's.
///
/// One that is there already must be this user's, since its owner can replace any socket in it, and
/// gets these rights, too. Nothing is left behind when it fails.
[[nodiscard]] std::optional<folder_refused> make_socket_folder(std::string const& path,
                                                               mode_t mode);

/// "/run/wixtokend" of "/run/wixtokend/wixtokend.sock".
[[nodiscard]] std::string folder_of(std::string const& path);

}  // namespace wixtokend::net
