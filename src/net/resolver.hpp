#pragma once
// Host names to addresses, without ever blocking the loop.

#include "async/task.hpp"
#include "base/error.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wixtokend::net {

using endpoints = std::vector<asio::ip::tcp::endpoint>;

/// Asks the system's resolver (getaddrinfo) and blocks meanwhile.
/// Errors: `name_not_found`, `no_address`, or the system's error.
[[nodiscard]] result<endpoints> look_up(std::string const& host, std::uint16_t port);

/// Runs look-ups on helper threads, at most `lookups_max` at a time; the others wait their turn.
///
/// getaddrinfo cannot be interrupted. A caller that is cancelled leaves at once all the same; a
/// thread that hangs then is left to itself, and it outlives the loop safely. One resolver belongs
/// to each loop: `asio::use_service<resolver>(loop)` finds or makes it, and `asio::make_service`
/// gives a test's loop one of its own.
class resolver final : public asio::execution_context::service {
 public:
  /// Called on helper threads, several at a time.
  using lookup = std::function<result<endpoints>(std::string const& host, std::uint16_t port)>;

  static constexpr unsigned lookups_max = 8;
  static asio::execution_context::id id;  // NOLINT(readability-identifier-naming): Asio's name

  explicit resolver(asio::execution_context& loop) : resolver{loop, look_up} {}
  resolver(asio::execution_context& loop, lookup function);
  ~resolver() override;

  /// Never empty. A numeric address needs no thread and no waiting. Errors: those of `look_up`.
  task<result<endpoints>> resolve(std::string host, std::uint16_t port);

 private:
  struct job;
  struct state;
  class caller;
  static void work(std::shared_ptr<state> const& shared);

  void shutdown() noexcept override;
  error_code start_thread();

  std::shared_ptr<state> state_;  // shared with the threads
};

}  // namespace wixtokend::net
