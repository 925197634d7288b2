#pragma once
// The listeners and the sessions of their connections.

#include "async/task.hpp"
#include "async/task_group.hpp"
#include "base/error.hpp"
#include "emulator/session.hpp"
#include "net/tcp_socket.hpp"
#include "net/tls.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace wixtokend::emulator {

/// Accepts connections and runs a session for each. Belongs to the loop's thread. To be stopped
/// with `stop()` before it is destroyed.
class server {
 public:
  /// Connections beyond that are closed as soon as they are accepted.
  static constexpr std::size_t connections_max = 20'000;

  server(event_loop& loop, surroundings const& around);
  server(server const&) = delete;
  server& operator=(server const&) = delete;

  /// Starts to listen. @returns the port, or the error of `tcp_listener::open`.
  /// @param certificate      Unset: plain HTTP. It must outlive the server.
  /// @param control_allowed  Whether clients of this listener may use `/__control`.
  result<std::uint16_t> listen(std::string const& address, std::uint16_t port,
                               net::tls_server_context* certificate, bool control_allowed);

  /// Closes everything and waits until nothing runs any more.
  task<> stop();

 private:
  task<> accept(net::tcp_listener& listener, net::tls_server_context* certificate,
                bool control_allowed);
  task<> serve(std::unique_ptr<net::byte_stream> stream, net::tls_server_context* certificate,
               bool control_allowed);
  task<> close_idle_sessions();

  event_loop& loop_;
  surroundings around_;
  std::vector<std::unique_ptr<net::tcp_listener>> listeners_;
  std::list<session*> sessions_;
  bool sweeping_ = false;
  task_group running_;
};

}  // namespace wixtokend::emulator
