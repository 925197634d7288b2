#pragma once
// The local HTTP server: listening sockets, their connections, and the limits on these.

#include "api/context.hpp"
#include "api/session.hpp"
#include "async/task.hpp"
#include "async/task_group.hpp"
#include "net/byte_stream.hpp"
#include "net/peer.hpp"
#include "net/tcp_socket.hpp"
#include "net/unix_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

namespace wixtokend::api {

/// Serves the API on any number of sockets. Belongs to the loop's thread; `stop` must have ended
/// before it is destroyed.
class server {
 public:
  server(event_loop& loop, service::registrar& registrar, core::access_policy const& policy,
         observe::logger& log, api_settings settings);
  server(server const&) = delete;
  server& operator=(server const&) = delete;
  ~server();

  /// Accepts connections from now on. When descriptors run out it pauses, and says so once.
  void listen(std::unique_ptr<net::unix_listener> listener, socket_settings socket);
  /// The same for anybody who reaches a TCP socket: only what `route::open` has is answered.
  void listen(std::unique_ptr<net::tcp_listener> listener, std::string name);

  /// Serves one connection, within the limits: over them it is answered with 503 (in all) or 429
  /// (of one user) and closed.
  void admit(std::unique_ptr<net::byte_stream> stream, net::peer const& from,
             socket_settings const& socket);

  /// Puts other settings in force: limits, `dropin_expires_in_max`, `ready_fraction`; the others
  /// stay. Open connections go by them from their next request on.
  void configure(api_settings const& settings);
  /// How a reload ended, for `/v1/status`.
  void note_reload(reload_outcome outcome);

  /// From now on `/readyz` says that the daemon is about to stop; everything is still served.
  void announce_stop() noexcept { shared_.draining = true; }

  /// Stops accepting, ends idle connections, lets requests in progress be answered for `grace` at
  /// most, then closes what is left. Who has just connected may still send a request: for a quarter
  /// of a second at most. To be called once.
  task<> stop(duration grace);

  [[nodiscard]] std::size_t connections() const noexcept { return sessions_.size(); }
  /// So many connections have been served since the start, those of now included.
  [[nodiscard]] std::uint64_t connections_served() const noexcept { return served_; }
  [[nodiscard]] api_counters const& counted() const noexcept { return shared_.counted; }

 private:
  struct listening {
    std::unique_ptr<net::unix_listener> listener;  ///< or, open to anybody:
    std::unique_ptr<net::tcp_listener> open_listener;
    socket_settings socket;

    task<result<net::accepted_unix_connection>> accept();
    void close() noexcept;
  };
  using place = std::list<std::unique_ptr<session>>::iterator;

  task<> accept_all(listening& from);
  void log_refused(fault why, net::peer const& from, socket_settings const& socket);
  task<> serve(place which);
  task<> turn_away(std::unique_ptr<net::byte_stream> stream, fault why);
  task<> sweep();
  task<result<void>> until_empty();
  void ended(place which) noexcept;
  [[nodiscard]] std::optional<fault> over_limit(std::uint32_t uid,
                                                socket_settings const& socket) const;

  executor executor_;
  context shared_;
  std::list<listening> listeners_;
  std::list<std::unique_ptr<session>> sessions_;
  std::unordered_map<std::uint32_t, std::size_t> connections_of_;  ///< by uid
  std::uint64_t served_ = 0;
  std::size_t turning_away_ = 0;
  instant next_refusal_line_{};
  event emptied_;
  bool sweeping_ = false;
  bool stopping_ = false;
  task_group loops_;        ///< accepting and sweeping; cancelled at the end
  task_group connections_;  ///< never cancelled: a closed stream ends them
};

}  // namespace wixtokend::api
