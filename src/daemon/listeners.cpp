#include "daemon/listeners.hpp"

#include "base/text.hpp"
#include "daemon/startup_error.hpp"
#include "net/socket_folder.hpp"

#include <boost/system/errc.hpp>

#include <algorithm>
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

open_socket create(event_loop& loop, socket_settings const& socket) {
  make_folder(socket);
  net::unix_socket_options options;
  options.path = socket.path;
  options.mode = socket.mode;
  options.owner = socket.owner_id;
  options.group = socket.group_id;
  auto opened = net::unix_listener::open(loop, options);
  if (!opened.has_value()) refuse(socket, opened.error());
  return {*std::move(opened), socket.path};
}

[[noreturn]] void refuse(std::string const& text) {
  throw startup_error{exit_code::configuration, text};
}

template <class Named>
std::string names_of(std::vector<Named> const& all) {
  std::string out;
  for (auto const& one : all) out += (out.empty() ? "" : ", ") + one.name;
  return out;
}

// Whoever has made a socket's file has decided about these; here they would have no effect.
void refuse_file_keys(socket_settings const& socket, std::string const& path) {
  auto const place = "socket " + socket.name + ": ";
  auto const inherited = [&](std::string const& key, std::string const& instead) {
    refuse(place + key +
           " is set, but the socket is inherited, and its file is as it was made: set " + instead +
           " in its .socket unit, and leave out " + key);
  };
  if (socket.mode_given) inherited("mode", "SocketMode=");
  if (socket.directory_mode) inherited("directory_mode", "DirectoryMode=");
  if (!socket.owner.empty()) inherited("owner", "SocketUser=");
  if (!socket.group.empty()) inherited("group", "SocketGroup=");
  if (socket.path_given && socket.path != path) {
    refuse(place + "path is " + socket.path + ", but the inherited socket is bound to " +
           quoted(path) + ": leave out path, or let ListenStream= of its .socket unit be the same");
  }
}

open_socket adopt(event_loop& loop, socket_settings const& socket,
                  std::vector<inherited_socket> const& inherited) {
  auto const found = std::ranges::find(inherited, socket.name, &inherited_socket::name);
  if (found == inherited.end()) {
    refuse("socket " + socket.name + " is not among the inherited sockets (" + names_of(inherited) +
           "): with socket activation every [[socket]] needs a .socket unit that is active, with "
           "FileDescriptorName=" +
           socket.name);
  }
  auto const path = net::bound_path(found->descriptor);
  auto adopted = net::unix_listener::adopt(loop, found->descriptor);
  if (!adopted.has_value()) {
    refuse("socket " + socket.name + ": the inherited descriptor " +
           std::to_string(found->descriptor) + " cannot be used: " + adopted.error().message() +
           " (ListenStream= in its .socket unit must be a path, and Accept= no)");
  }
  refuse_file_keys(socket, path);
  return {*std::move(adopted), path};
}

void refuse_unknown(std::vector<socket_settings> const& sockets,
                    std::vector<inherited_socket> const& inherited) {
  for (auto const& one : inherited) {
    bool const known =
        std::ranges::find(sockets, one.name, &socket_settings::name) != sockets.end();
    if (known) continue;
    refuse("the inherited socket " + quoted(one.name) +
           " is not configured: there is no [[socket]] of that name, but " + names_of(sockets) +
           ": set FileDescriptorName= in its .socket unit, or add the [[socket]]");
  }
}

}  // namespace

std::vector<open_socket> open_listeners(event_loop& loop,
                                        std::vector<socket_settings> const& sockets,
                                        std::vector<inherited_socket> const& inherited) {
  refuse_unknown(sockets, inherited);
  std::vector<open_socket> out;
  for (auto const& socket : sockets) {
    out.push_back(inherited.empty() ? create(loop, socket) : adopt(loop, socket, inherited));
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
