#pragma once
// One connection of a local peer: requests in, answers out, in their order.

#include "api/context.hpp"
#include "api/errors.hpp"
#include "api/wiped_buffer.hpp"
#include "async/event.hpp"
#include "async/task.hpp"
#include "async/with_deadline.hpp"
#include "core/access.hpp"
#include "http/codec.hpp"
#include "net/byte_stream.hpp"
#include "net/peer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace wixtokend::api {

/// One listening socket as the policy sees it.
struct socket_settings {
  std::string name;
  core::role_set roles = core::all_roles;  ///< the most that can be granted through it
  std::uint16_t number = 0;                ///< its place in the configuration
  /// Anybody may connect, and gets what `route::open` has: its peers have no identity.
  bool open = false;
};

/// Gives the body of an answer piece by piece; an empty piece is its end.
using answer_pieces = std::function<std::string()>;

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
  /// Ends the connection once the request in progress is answered; at once if there is none. A
  /// connection that has not asked for anything yet is about to: it is left until its first request
  /// is answered, or until this is called again.
  void finish() noexcept;
  /// Closes the connection if nothing has moved on it for too long.
  void close_if_idle(instant now) noexcept;

  /// What the policy in force grants the peer through this socket. To be asked anew after every
  /// wait: another policy may be in force then.
  [[nodiscard]] core::grants const& granted() const;

  [[nodiscard]] std::uint32_t uid() const noexcept { return peer_.uid; }
  [[nodiscard]] std::uint32_t gid() const noexcept { return peer_.gid; }
  /// The peer as limits and fairness know it.
  [[nodiscard]] core::peer_id peer() const noexcept { return {peer_.uid, socket_.number}; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Whether only open calls are answered here.
  [[nodiscard]] bool open() const noexcept { return socket_.open; }
  [[nodiscard]] std::string const& socket_name() const noexcept { return socket_.name; }

  /// Awaits what a request has to wait for. Answers to earlier requests are written out first, and
  /// when the peer leaves meanwhile the work is cancelled. This, `until_written` and `next_piece`
  /// are the only ways in which a handler may wait.
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

  /// Awaits what has to be on disk before it is answered, for `length` at most. It is done whether
  /// the peer leaves or not, and no more is read meanwhile. Answers to earlier requests are written
  /// out first.
  ///
  /// @returns `timed_out` if it took longer: it may yet come to be written.
  template <class T>
  task<result<T>> until_written(task<result<T>> work, duration length) {
    co_await flush();
    auto const limit = server_.time().now() + length;
    co_return co_await with_deadline(server_.time(), limit, std::move(work));
  }
  /// The same for work that does not fail.
  template <class T>
  task<result<T>> until_written(task<T> work, duration length) {
    return until_written(as_result(std::move(work)), length);
  }

  /// Reads on in the body of the present request, whose route streams. The first call invites a
  /// client that waits for `100 Continue`. Nothing is read ahead of what is asked for, so a client
  /// cannot send faster than its data are dealt with.
  ///
  /// @returns data, valid until the next call and the next `while_connected`; none: the body has
  ///          ended. Problems end the connection once they are answered: broken framing, the end of
  ///          the connection, or silence for `body_time_max`.
  task<checked<std::string_view>> next_piece();

  /// The body of the present answer comes from `pieces`, each written out before the next is asked
  /// for. They end early when the peer leaves.
  void answer_in_pieces(answer_pieces pieces) { pieces_ = std::move(pieces); }

 private:
  using received = std::variant<std::monostate, http::request, problem>;

  template <class T>
  static task<result<T>> as_result(task<T> work) {
    co_return co_await std::move(work);
  }

  task<received> receive();
  task<bool> receive_more(instant limit);
  task<bool> invite();
  task<> answer(http::request& request);
  task<> write_pieces(http::response& message, bool chunked);
  void refuse(problem const& what);
  task<bool> flush();
  task<> until_gone();
  void append(http::response& message, bool head_only);

  context& server_;
  executor where_;
  std::unique_ptr<net::byte_stream> stream_;
  core::peer_identity peer_;
  pid_t pid_;
  socket_settings socket_;
  mutable core::grants granted_;  ///< of the policy of its epoch
  http::request_decoder decoder_;
  wiped_buffer in_;
  wiped_buffer out_;
  answer_pieces pieces_;        ///< of the present answer, if it comes in pieces
  std::size_t handed_out_ = 0;  ///< bytes of `in_` that a handler is looking at
  event closed_;
  instant idle_limit_ = never;  ///< when the connection is closed unless something moves
  bool waiting_ = false;        ///< between two requests
  bool asked_ = false;          ///< something has come from the peer
  bool finishing_ = false;      ///< the next answer is the last one
  bool body_begun_ = false;     ///< some of it has come, or the client was told to send it
  bool body_open_ = false;      ///< the present request's body is handed out, and not at its end
  bool unread_ = false;         ///< the connection ends with bytes to come that nobody reads
  bool last_ = false;           ///< the present answer is the last one
  bool gone_ = false;           ///< the peer has left, or the connection is closed
};

}  // namespace wixtokend::api
