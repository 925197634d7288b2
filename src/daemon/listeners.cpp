#include "daemon/listeners.hpp"

#include "daemon/startup_error.hpp"
#include "net/socket_folder.hpp"

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
    text += ": its folder has to exist (directory_mode lets the daemon make it)";
  } else if (reason == system_errc::permission_denied ||
             reason == system_errc::read_only_file_system) {
    text += ": this user has to be able to write to its folder";
  } else if (reason == system_errc::operation_not_permitted) {
    text += ": only root may set owner, and others only groups that they are in";
  }
  throw startup_error{exit_code::cannot_create, text};
}

void make_folder(socket_settings const& socket) {
  if (!socket.directory_mode) return;
  auto const folder = net::folder_of(socket.path);
  auto const refused = net::make_socket_folder(folder, *socket.directory_mode);
  if (!refused) return;
  throw startup_error{exit_code::cannot_create,
                      "socket " + socket.name + ": its folder " + folder +
                          " cannot be made as directory_mode says: " + refused->text};
}

}  // namespace

std::vector<std::unique_ptr<net::unix_listener>> open_listeners(
    event_loop& loop, std::vector<socket_settings> const& sockets) {
  std::vector<std::unique_ptr<net::unix_listener>> out;
  for (auto const& socket : sockets) {
    make_folder(socket);
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

std::unique_ptr<net::tcp_listener> open_metrics_listener(event_loop& loop,
                                                         tcp_address const& where) {
  auto opened = net::tcp_listener::open(loop, where.address, where.port);
  if (opened.has_value()) return *std::move(opened);
  auto const place = "metrics.listen: " + to_text(where) + ' ';
  if (opened.error() == errc::socket_in_use) {
    throw startup_error{exit_code::unavailable,
                        place +
                            "is in use by another process: stop that one or configure another "
                            "port"};
  }
  auto text = place + "cannot be listened on: " + opened.error().message();
  if (opened.error() == system_errc::address_not_available) {
    text += ": this machine has no such address";
  }
  throw startup_error{exit_code::cannot_create, text};
}

}  // namespace wixtokend::daemon
