#include "daemon/listeners.hpp"

#include "daemon/startup_error.hpp"

#include <boost/system/errc.hpp>

#include <string>
#include <utility>

namespace wixtokend::daemon {
namespace {

namespace system_errc = boost::system::errc;

[[noreturn]] void refuse(socket_settings const& socket, error_code reason) {
  auto const place = "socket " + socket.name + ": " + socket.path + ' ';
  if (reason == errc::socket_in_use) {
    throw startup_error{exit_code::unavailable,
                        place +
                            "is in use by a live process: stop that one (is wixtokend running "
                            "already?) or configure another path"};
  }
  auto text = place + "cannot be created: " + reason.message();
  if (reason == errc::not_a_socket) {
    text += ": remove it, or configure another path";
  } else if (reason == system_errc::no_such_file_or_directory) {
    text += ": its folder has to exist";
  } else if (reason == system_errc::permission_denied ||
             reason == system_errc::read_only_file_system) {
    text += ": this user has to be able to write to its folder";
  } else if (reason == system_errc::operation_not_permitted) {
    text += ": only root may set owner, and others only groups that they are in";
  }
  throw startup_error{exit_code::cannot_create, text};
}

}  // namespace

std::vector<std::unique_ptr<net::unix_listener>> open_listeners(
    event_loop& loop, std::vector<socket_settings> const& sockets) {
  std::vector<std::unique_ptr<net::unix_listener>> out;
  for (auto const& socket : sockets) {
    net::unix_socket_options options;
    options.path = socket.path;
    options.mode = socket.mode;
    options.owner = socket.owner_id;
    options.group = socket.group_id;
    auto opened = net::unix_listener::open(loop, options);
    if (!opened.has_value()) refuse(socket, opened.error());
    out.push_back(*std::move(opened));
  }
  return out;
}

}  // namespace wixtokend::daemon
