#pragma once
// One connection to the daemon. Only `src/client` includes this.

#include "client/answer_reader.hpp"
#include "wixtoken/error.hpp"
#include "wixtoken/options.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <string_view>

namespace wixtoken::detail {

namespace asio = boost::asio;

using time_point = std::chrono::steady_clock::time_point;

/// A connected socket and the deadline of what is under way on it.
class connection : public std::enable_shared_from_this<connection> {
 public:
  /// Connects, and checks who listens there. Never waits: a queue that is full is `busy`.
  /// @returns null if the daemon's queue of connections is full.
  [[nodiscard]] static result<std::shared_ptr<connection>> open(asio::any_io_executor const& where,
                                                                options const& settings);

  connection(asio::any_io_executor const& where, int descriptor);
  connection(connection const&) = delete;
  connection& operator=(connection const&) = delete;
  ~connection() = default;

  /// Sends a request and reads its answer. After an error the connection is of no use any more.
  /// `socket` is its path, for errors. @param request  Must stay where it is meanwhile.
  [[nodiscard]] asio::awaitable<result<answer>> exchange(std::string_view request,
                                                         std::string_view socket,
                                                         time_point deadline);

  /// Whether another request can be sent: the daemon has not closed it.
  [[nodiscard]] bool is_fresh() noexcept;

 private:
  class armed;
  void arm(time_point deadline);
  [[nodiscard]] asio::awaitable<result<answer>> read_answer(std::string_view socket);

  asio::local::stream_protocol::socket socket_;
  asio::steady_timer timer_;
  bool late_ = false;
  std::array<char, std::size_t{16} * 1024> buffer_{};
};

}  // namespace wixtoken::detail
