#pragma once
// The daemon's calls as Asio coroutines. What each does is said in `client.hpp`.

#include "wixtoken/error.hpp"
#include "wixtoken/instance.hpp"
#include "wixtoken/options.hpp"
#include "wixtoken/status.hpp"
#include "wixtoken/token.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace wixtoken {

/// A client of one daemon for programs that run on Asio.
///
/// All calls of one object must run on one thread or strand, that of the executor which it is
/// given; any number may run at once. A call may be cancelled as Asio does it. The object must
/// outlive its calls. g++ 12 destroys some temporaries twice that are created in the statement of a
/// `co_await`: name a `registration` or a `list_request` before, then move it in.
class async_client {
 public:
  template <class T>
  using awaitable = boost::asio::awaitable<T>;

  explicit async_client(boost::asio::any_io_executor where, options settings = {});
  async_client(async_client const&) = delete;
  async_client& operator=(async_client const&) = delete;
  ~async_client();

  [[nodiscard]] awaitable<result<access_token>> token(std::string instance, needs wanted = {});
  [[nodiscard]] awaitable<result<access_token>> reject(std::string instance,
                                                       std::uint64_t generation, needs wanted = {});
  [[nodiscard]] awaitable<result<access_token>> reject(std::string instance, secret refused,
                                                       needs wanted = {});
  [[nodiscard]] awaitable<result<std::optional<access_token>>> watch(
      std::string instance, std::uint64_t generation,
      std::chrono::milliseconds timeout = std::chrono::seconds{60});
  [[nodiscard]] awaitable<result<void>> drop_token(std::string instance);

  [[nodiscard]] awaitable<result<instance_view>> view(std::string instance);
  [[nodiscard]] awaitable<result<instance_page>> list(list_request which);
  [[nodiscard]] awaitable<result<added_instance>> add(std::string instance, registration how = {});
  [[nodiscard]] awaitable<result<bulk_summary>> add_many(secret lines, bool replace = false);
  [[nodiscard]] awaitable<result<void>> remove(std::string instance);
  [[nodiscard]] awaitable<result<instance_view>> restore(std::string instance);
  [[nodiscard]] awaitable<result<instance_view>> retry(std::string instance);

  [[nodiscard]] awaitable<result<void>> wait_until_there(std::chrono::milliseconds timeout);
  [[nodiscard]] awaitable<result<readiness>> ready();
  [[nodiscard]] awaitable<result<daemon_status>> status();
  [[nodiscard]] awaitable<result<std::string>> version();

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace wixtoken
