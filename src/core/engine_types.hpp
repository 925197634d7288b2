#pragma once
// The questions that are put to the engine and the answers that it gives, as plain values.

#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "core/upstream.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <variant>

namespace wixtokend::core {

/// Rises with each new token of an instance and is never reused; 0 is "no token yet". Below 2^53.
using generation_number = std::uint64_t;

/// A usable token, as it may be handed out now. Refers into the engine: valid until its next event.
struct token_view {
  secret const* token = nullptr;
  generation_number generation = 0;
  instant usable_until{};
  instant expires_at{};
  instant refresh_at{};
  bool stale = false;  ///< rejected by a caller, or its refresh is failing
};

/// Who asks, as far as limits and fairness go: a user on a socket.
struct peer_id {
  std::uint32_t uid = 0;
  std::uint16_t socket = 0;  ///< the socket's place in the configuration, from 0

  friend auto operator<=>(peer_id const&, peer_id const&) = default;
};

/// What a caller asks of a token.
struct token_needs {
  duration min_valid{};              ///< usable life that must be left when it is handed out
  generation_number newer_than = 0;  ///< only a later generation will do (rejection)
};

/// Why a caller gets no token.
enum class refusal_reason {
  unknown_instance,       ///< not registered and not created on demand, or removed meanwhile
  instance_blocked,       ///< the upstream refuses the instance: `upstream` says how
  app_refused,            ///< the upstream refuses the app
  impossible_validity,    ///< `min_valid` exceeds `max_min_valid`
  insufficient_validity,  ///< usable, but too short-lived, and nothing newer came in time
  unavailable,            ///< nothing usable within the wait; `upstream` is the last failure
  wait_ended,             ///< the wait ended while a flight is under way
  hold_off,               ///< rejected too soon after the last replacement
  too_many,               ///< a local limit: on-demand instances, or their rate
  stopping,               ///< the daemon shuts down
};

/// A refusal, with what the caller needs to know to go on.
struct refusal {
  refusal_reason reason = refusal_reason::unavailable;
  std::optional<failure> upstream;
  duration retry_after{};    ///< when trying again makes sense; 0: no idea
  duration max_min_valid{};  ///< with `impossible_validity`
};

/// Names one waiting caller.
enum class waiter_id : std::uint64_t {};

/// The immediate answer to a request: a token, a place in the queue, or a refusal.
using request_answer = std::variant<token_view, waiter_id, refusal>;

/// The end of one wait. Without a refusal there is a token that met the needs when it was stored:
/// whoever writes it out looks it up again at that moment.
struct completion {
  waiter_id waiter{};
  std::optional<refusal> refused;
};

/// The queues of due instances.
enum class lane : std::uint8_t {
  waited_for,  ///< callers wait
  living,      ///< its token is usable yet
  lapsed,      ///< it has none
  blocked,     ///< the slow retry of what the upstream refuses
};
inline constexpr std::size_t lane_count = 4;
[[nodiscard]] char const* to_string(lane which) noexcept;

/// One upstream attempt that shall start now.
struct flight {
  std::uint64_t number = 0;  ///< unique; comes back with the result
  instance_key key;
  core::grant grant = core::grant::client_credentials;
  lane from = lane::lapsed;  ///< the queue in which the instance stood
};

/// What the engine has found out of a grant, for whoever keeps the secrets to draw the consequence.
struct grant_notice {
  enum class kind : std::uint8_t {
    code_expired,       ///< the code's time is over, and no attempt of it is under way
    removal_confirmed,  ///< the upstream has said twice that the instance is gone
  };
  kind what{};
  instance_key key;
};

/// What became of a flight.
using flight_result = std::variant<minted, failure>;

/// What a rejection report came to.
enum class rejection {
  replacing,   ///< the current generation: its replacement is under way (or was already)
  superseded,  ///< an older generation: the current token is another one
  held_off,    ///< too soon after the last replacement: nothing was started
  no_token,    ///< there is no usable token that could have been refused
  unknown_instance,
};
inline constexpr std::size_t rejection_count = 5;
[[nodiscard]] char const* to_string(rejection outcome) noexcept;

enum class instance_state : std::uint8_t { cold, warm, stale, blocked, app_refused, idle };
inline constexpr std::size_t instance_state_count = 6;
[[nodiscard]] char const* to_string(instance_state state) noexcept;

/// Why the next refresh is when it is.
enum class schedule_reason : std::uint8_t {
  none,              ///< nothing is scheduled
  fraction_of_life,  ///< drawn from the window of the token's life
  due,               ///< due now, waiting for budget
  in_flight,         ///< an attempt is under way
  backoff,           ///< after a failure
  retry_after,       ///< the upstream named a time
  blocked,           ///< the slow retry of a blocked instance
  unchanged,         ///< the upstream returned the same token again
  first_token,       ///< nothing was minted yet
};
[[nodiscard]] char const* to_string(schedule_reason reason) noexcept;

/// Whether the endpoint's attempts go out freely.
enum class breaker_state : std::uint8_t { closed, open, half_open };
[[nodiscard]] char const* to_string(breaker_state state) noexcept;

/// How one app's endpoint does.
struct app_view {
  std::size_t instances = 0;
  std::size_t kept_warm = 0;  ///< that should have a usable token although nobody asks; the blocked
                              ///< ones without a usable token are left out
  std::size_t usable = 0;     ///< of these
  double demand = 0;          ///< mints per second that keeping them warm takes
  double ceiling = 0;         ///< requests per second at most
  double rate = 0;            ///< what the upstream lets go out now, at most the ceiling
  double background_rate = 0;  ///< of it, what may go to instances that nobody waits for
  std::size_t in_flight = 0;
  std::array<std::size_t, lane_count> queued{};  ///< due instances that wait, by `lane`
  breaker_state breaker = breaker_state::closed;
  std::optional<instant> paused_until;  ///< the upstream asked for a pause
  failure const* refusal = nullptr;  ///< why the app counts as refused; lives until the next event
  bool suspected = false;            ///< refused on suspicion: many instances were blocked in a row

  /// Instances that are due and wait for their turn.
  [[nodiscard]] std::size_t waiting() const noexcept {
    return std::accumulate(queued.begin(), queued.end(), std::size_t{});
  }
  /// True if keeping warm takes more of the ceiling than leaves room for anything else.
  [[nodiscard]] bool overloaded() const noexcept { return demand > 0.8 * ceiling; }
};

/// All that may be known of an instance; never its token.
struct instance_view {
  instance_key key;
  instance_state state = instance_state::cold;
  core::grant grant = core::grant::client_credentials;
  bool registered = false;           ///< as opposed to created on demand
  generation_number generation = 0;  ///< 0: no token was minted yet
  std::optional<instant> minted_at;  ///< with a token: when its request was sent
  std::optional<instant> usable_until;
  std::optional<instant> expires_at;
  std::optional<instant> last_used;
  std::optional<instant> next_attempt_at;
  schedule_reason scheduled = schedule_reason::none;
  bool life_assumed = false;
  bool rejected = false;
  std::uint32_t failures_in_row = 0;
  std::uint32_t waiters = 0;
  std::optional<failure> last_failure;
  std::optional<instant> last_failure_at;
  std::optional<instant> code_until;         ///< an authorization code waits for its exchange
  std::optional<instant> removal_announced;  ///< it is said to be removed; not confirmed yet
  bool durable = false;  ///< would be there after a restart of the machine; the service tells
  bool unkept = false;   ///< its registration is not in the store as it is now
};

}  // namespace wixtokend::core
