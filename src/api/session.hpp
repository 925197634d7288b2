#pragma once
// One connection of a local peer: requests in, answers out, in their order.

#include "api/context.hpp"
#include "api/errors.hpp"
#include "api/wiped_buffer.hpp"
#include "async/event.hpp"
#include "async/task.hpp"
#include "core/access.hpp"
#include "http/codec.hpp"
#include "net/byte_stream.hpp"
#include "net/peer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace wixtokend::api {

/// One listening socket as the policy sees it.
struct socket_settings {
  std::string name;
  core::role_set roles = core::all_roles;  ///< the most that can be granted through it
  std::uint16_t number = 0;                ///< its place in the configuration
};

/// Decodes, dispatches, encodes. Pipelined requests are answered with as few writes as possible.
/// After broken framing the peer gets its 4xx and the connection ends. Belongs to the loop's
/// thread.
class session {
 public:
  session(context& server, executor where, std::unique_ptr<net::byte_stream> stream,
          net::peer const& from, socket_settings socket);

  /// Serves the connection to its end; it is closed then.
  task<> run();

  /// Ends the connection at once; `run` returns soon.
  void close() noexcept;
  /// Ends the connection once the request in progress is answered; at once if there is none.
  void finish() noexcept;
  /// Closes the connection if nothing has moved on it for too long.
  void close_if_idle(instant now) noexcept;

  /// Whether the policy in force grants the peer a role through this socket.
  [[nodiscard]] bool allows(core::role needed) const noexcept;

  [[nodiscard]] std::uint32_t uid() const noexcept { return peer_.uid; }
  /// The peer as limits and fairness know it.
  [[nodiscard]] core::peer_id peer() const noexcept { return {peer_.uid, socket_.number}; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] std::string const& socket_name() const noexcept { return socket_.name; }

  /// Awaits what a request has to wait for. The only way in which a handler may wait: answers to
  /// earlier requests are written out first, and when the peer leaves meanwhile the work is
  /// cancelled.
  ///
  /// @returns nothing if the peer has left; whatever is answered then is dropped.
  template <class T>
  task<std::optional<T>> while_connected(task<T> work) {
    using namespace asio::experimental::awaitable_operators;
    bool const written = co_await flush();
    if (!written) co_return std::nullopt;
    auto leaving = until_gone();
    auto outcome = co_await (std::move(work) || std::move(leaving));
    if (outcome.index() == 1) {
      gone_ = true;
      co_return std::nullopt;
    }
    co_return std::get<0>(std::move(outcome));
  }

 private:
  using received = std::variant<std::monostate, http::request, problem>;

  task<received> receive();
  task<bool> receive_more(instant limit);
  task<> answer(http::request& request);
  void refuse(problem const& what);
  task<bool> flush();
  task<> until_gone();
  void append(http::response& message, bool head_only);

  context& server_;
  std::unique_ptr<net::byte_stream> stream_;
  core::peer_identity peer_;
  pid_t pid_;
  socket_settings socket_;
  http::request_decoder decoder_;
  wiped_buffer in_;
  wiped_buffer out_;
  event closed_;
  instant idle_limit_ = never;  ///< when the connection is closed unless something moves
  bool waiting_ = false;        ///< between two requests
  bool last_ = false;           ///< the present answer is the last one
  bool gone_ = false;           ///< the peer has left, or the connection is closed
};

}  // namespace wixtokend::api
