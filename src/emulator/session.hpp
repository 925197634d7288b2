#pragma once
// One client's connection: requests in, plans carried out.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "base/time.hpp"
#include "emulator/dispatch.hpp"
#include "emulator/upstream_state.hpp"
#include "http/codec.hpp"
#include "net/byte_stream.hpp"
#include "observe/log.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace wixtokend::emulator {

/// What all sessions share; it outlives them.
struct surroundings {
  upstream_state& state;
  time_source& time;
  observe::logger& log;
};

/// Serves requests one after the other until the client goes, a fault ends the connection, or the
/// coroutine is cancelled. Belongs to the loop's thread.
class session {
 public:
  /// Limits of a request; an access token is at most 16 KiB.
  static constexpr http::limits request_limits{32 * 1024, 128 * 1024};

  /// @param control_allowed  Whether this connection may use `/__control`.
  session(surroundings const& around, std::unique_ptr<net::byte_stream> stream,
          bool control_allowed);

  /// Runs once; returns when the connection is over.
  task<> run();

  /// Closes the connection if it has been idle, between two requests, since before `limit`.
  void close_if_idle_since(instant limit) noexcept;

 private:
  task<result<http::request>> read_request();
  task<bool> carry_out(plan what, bool head_only);
  task<bool> cut(plan const& what, std::string_view bytes);
  task<> hang();
  task<result<void>> drain();
  task<> refuse(error_code reason);

  surroundings around_;
  std::unique_ptr<net::byte_stream> stream_;
  bool control_allowed_;
  http::request_decoder decoder_{request_limits};
  std::string pending_;  // received, but not yet taken by the decoder
  std::array<char, 16 * 1024> received_{};
  instant idle_since_;
  bool busy_ = false;
};

}  // namespace wixtokend::emulator
