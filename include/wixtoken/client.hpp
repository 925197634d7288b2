#pragma once
// The daemon's calls, blocking. `async_client.hpp` has the same for Asio's coroutines.

#include "wixtoken/error.hpp"
#include "wixtoken/instance.hpp"
#include "wixtoken/options.hpp"
#include "wixtoken/status.hpp"
#include "wixtoken/token.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wixtoken {

/// A client of one daemon. Connects when it is first needed, keeps connections, reconnects.
///
/// May be used by many threads at once; each call that runs has a connection of its own. No call
/// takes longer than its time, whatever the daemon does. Only running out of memory throws.
class client {
 public:
  explicit client(options settings = {});
  client(client const&) = delete;
  client& operator=(client const&) = delete;
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

  /// A usable token. Waits for one if there is none, unless told not to.
  [[nodiscard]] result<access_token> token(std::string_view instance, needs wanted = {});

  /// Says that an API answered this token (by its generation) with 401, and gets a newer one.
  /// Report once, retry the API's call once: a refused token is more often a missing permission.
  [[nodiscard]] result<access_token> reject(std::string_view instance, std::uint64_t generation,
                                            needs wanted = {});
  /// The same, if only the token itself was kept.
  [[nodiscard]] result<access_token> reject(std::string_view instance, secret const& refused,
                                            needs wanted = {});

  /// Waits for another token than the one of this generation. Unset: there was none in this time.
  /// Costs nothing upstream.
  [[nodiscard]] result<std::optional<access_token>> watch(
      std::string_view instance, std::uint64_t generation,
      std::chrono::milliseconds timeout = std::chrono::seconds{60});

  /// Drops the token for everybody, for good: it has leaked, or the app's permissions changed.
  [[nodiscard]] result<void> drop_token(std::string_view instance);

  [[nodiscard]] result<instance_view> view(std::string_view instance);
  [[nodiscard]] result<instance_page> list(list_request const& which = {});

  /// Registers an instance: its token is kept warm from now on. May be repeated.
  [[nodiscard]] result<added_instance> add(std::string_view instance, registration how = {});
  /// Registers many: a JSON object a line (docs/api.md). Not repeated by itself; may be repeated.
  [[nodiscard]] result<bulk_summary> add_many(secret lines, bool replace = false);
  /// Forgets everything of an instance.
  [[nodiscard]] result<void> remove(std::string_view instance);
  /// Brings back the refresh token of an instance that was removed.
  [[nodiscard]] result<instance_view> restore(std::string_view instance);
  /// Tries a blocked or failing instance at once.
  [[nodiscard]] result<instance_view> retry(std::string_view instance);

  /// Waits until the socket is there and can be connected to: for services that start beside the
  /// daemon. It is checked like any other connection, and kept.
  [[nodiscard]] result<void> wait_until_there(std::chrono::milliseconds timeout);

  [[nodiscard]] result<readiness> ready();
  [[nodiscard]] result<daemon_status> status();
  /// The daemon's version.
  [[nodiscard]] result<std::string> version();

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace wixtoken
