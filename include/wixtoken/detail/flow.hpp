#pragma once
// What a call does next: decisions only, so that blocking calls and coroutines share them. Not for
// users: it may change with any version.

#include "wixtoken/detail/answer_reader.hpp"
#include "wixtoken/detail/call.hpp"
#include "wixtoken/error.hpp"
#include "wixtoken/options.hpp"
#include "wixtoken/token.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace wixtoken::detail {

using milliseconds = std::chrono::milliseconds;
using time_point = std::chrono::steady_clock::time_point;

/// Where a pause stands for "once more, after it", and none for "that is the outcome".
using once_more = std::optional<milliseconds>;

[[nodiscard]] time_point deadline_after(time_point now, milliseconds length) noexcept;
[[nodiscard]] milliseconds left_until(time_point deadline, time_point now) noexcept;
/// How long the daemon may wait, so that its answer, with the reason, comes before the end.
[[nodiscard]] milliseconds wait_within(milliseconds left) noexcept;

/// The same for a report of a refused token, which is sent once.
[[nodiscard]] milliseconds report_wait(milliseconds timeout) noexcept;

/// One request: connecting while nobody listens, sending again what was lost.
class exchange_flow {
 public:
  /// @param patience  How long it goes on trying, at the most until the deadline.
  exchange_flow(bool repeatable, milliseconds patience, time_point now, time_point deadline);

  /// Connecting failed.
  [[nodiscard]] once_more after_refusal(error const& why, time_point now) noexcept;
  /// The daemon's queue of connections is full; without a pause: the time is over.
  [[nodiscard]] once_more after_busy(time_point now) noexcept;
  /// The request was sent. @param used_before  On a connection that had served others.
  [[nodiscard]] once_more after(result<answer> const& got, bool used_before, time_point now);

  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

 private:
  [[nodiscard]] milliseconds next_pause(time_point now, time_point limit) noexcept;

  bool repeatable_;
  time_point deadline_;
  time_point give_up_;
  milliseconds pause_;
};

/// Asking for a token until there is one or the time is over.
class token_flow {
 public:
  token_flow(options const& settings, std::string instance, needs wanted, time_point now);

  /// @param wait_max  What is known of the daemon's own limit; it is lowered when it is too much.
  [[nodiscard]] result<call> next(time_point now, milliseconds wait_max);
  [[nodiscard]] once_more after(result<access_token> const& got, time_point now,
                                milliseconds& wait_max) const;

  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

 private:
  options const& settings_;
  std::string instance_;
  needs wanted_;
  time_point deadline_;
  milliseconds asked_wait_{0};
};

/// Waiting for another token than one that is known.
class watch_flow {
 public:
  watch_flow(options const& settings, std::string instance, std::uint64_t generation,
             milliseconds timeout, time_point now);

  [[nodiscard]] result<call> next(time_point now);
  /// There is no other one yet. Without a pause, or if the time is over after it: there is none.
  [[nodiscard]] once_more after_none(time_point now) const noexcept;

  [[nodiscard]] time_point deadline() const noexcept { return deadline_; }

 private:
  options const& settings_;
  std::string instance_;
  std::uint64_t generation_;
  time_point deadline_;
  time_point asked_at_;
};

/// What a daemon is taken to allow as `wait` until it says otherwise.
inline constexpr milliseconds usual_wait_max = std::chrono::seconds{60};

/// Connects without waiting, and checks who listens there. @returns a descriptor that does not
/// block; -1 if the daemon's queue of connections is full.
[[nodiscard]] result<int> open_socket(options const& settings);

/// Whether another request can be sent on an idle connection: the daemon has not closed it.
[[nodiscard]] bool is_fresh(int descriptor) noexcept;

// The errors of the client itself; `problems.cpp` has their words.

/// The call's time is over. @param asked  The request had been sent.
[[nodiscard]] error timed_out(std::string const& socket, bool asked);
[[nodiscard]] error connection_lost(std::string const& socket);
/// What came is no HTTP.
[[nodiscard]] error malformed_answer(std::string const& socket);

}  // namespace wixtoken::detail
