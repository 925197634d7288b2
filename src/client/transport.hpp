#pragma once
// Sends requests over connections that are kept, and made anew when they break. Only `src/client`
// includes this.

#include "client/call.hpp"
#include "client/connection.hpp"

#include <memory>
#include <vector>

namespace wixtoken::detail {

/// Requests in, answers out; each before its deadline.
class transport {
 public:
  transport(asio::any_io_executor where, options settings);

  /// Sends a request. While nobody listens it goes on trying for `options::reconnect_for`; if the
  /// connection is lost or the daemon is stopping, it is sent again in that time, if it may be.
  [[nodiscard]] asio::awaitable<result<answer>> send(call what, time_point deadline);

  /// Makes sure that there is a connection; goes on trying until the deadline.
  [[nodiscard]] asio::awaitable<result<void>> connect(time_point deadline);

  /// Pauses, but not beyond `limit`.
  [[nodiscard]] asio::awaitable<void> pause(std::chrono::milliseconds length, time_point limit);

  [[nodiscard]] options const& settings() const noexcept { return settings_; }

 private:
  struct lease {
    std::shared_ptr<connection> through;
    bool used_before = false;
  };
  [[nodiscard]] asio::awaitable<result<lease>> obtain(time_point deadline, time_point give_up);
  [[nodiscard]] std::shared_ptr<connection> take_idle();
  void keep(std::shared_ptr<connection> idle);

  asio::any_io_executor where_;
  options settings_;
  std::vector<std::shared_ptr<connection>> idle_;
};

}  // namespace wixtoken::detail
