#pragma once
// The port to durable state: what a store takes and gives back; `store` implements it.

#include "async/task.hpp"
#include "base/error.hpp"
#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "core/saved_state.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::service {

/// Keyed hash (HMAC-SHA256) of an authorization code: tells whether a code was seen before without
/// keeping it.
using code_digest = std::array<std::uint8_t, 32>;

/// What became of an authorization code.
enum class code_outcome : std::uint8_t {
  pending,     ///< not exchanged yet
  exchanged,   ///< it became a refresh token, which is stored
  refused,     ///< the upstream does not take it
  expired,     ///< its ten minutes ended before the upstream answered
  superseded,  ///< another code of the instance was exchanged first
};

/// One authorization code; kept as a digest for a day after it has come to something.
struct saved_code {
  code_digest digest{};
  code_outcome outcome = code_outcome::pending;
  secret code;         ///< empty once there is an outcome
  instant deadline{};  ///< pending: when its ten minutes end; else when the record may be forgotten
  std::optional<core::failure> why;  ///< with `refused` and `expired`: the last answer
};

/// The secrets of one instance's legacy grant.
struct saved_grant {
  secret refresh_token;           ///< empty: none
  std::vector<saved_code> codes;  ///< oldest first
};

/// The new state of one instance. Replaces what is there, as one: never half of it.
struct instance_change {
  instance_key key;
  bool removed =
      false;  ///< by intention, since the last batch: what is stored and retained goes first
  bool retain = false;  ///< but its refresh token is kept, unused, for the store's retention
  std::optional<core::saved_instance> instance;  ///< nothing: it is not there (any more)
  bool grant_changed = false;                    ///< false: the stored grant stays as it is
  saved_grant grant;
};

/// What is written at once.
struct change_batch {
  time_stamp at;  ///< when it was taken together
  std::vector<instance_change> instances;
  std::vector<core::saved_app> apps;
};

/// One instance as a store gives it back at start. Its instants are of the running process.
struct loaded_instance {
  core::saved_instance instance;
  saved_grant grant;
};

/// Keeps state over restarts. Its calls belong to the loop's thread; the work is done on another.
class state_store {
 public:
  virtual ~state_store() = default;

  /// Writes a batch: all of it or nothing, and on the disk for good when the task ends. One at a
  /// time. Cancelling the task does not stop the write, and leaves open whether it happened.
  /// @returns why it could not be written: the system's or the store's own error. Memory must be
  ///          taken as it is then, and the batch be written again later.
  virtual task<result<>> commit(change_batch batch) = 0;

  /// Takes back the refresh token that was retained at a removal; nothing if there is none.
  virtual task<result<std::optional<secret>>> retained(instance_key key) = 0;

  /// What a code is recorded by; nobody without the store's key can tell which code it is of.
  [[nodiscard]] virtual code_digest digest(secret const& code) const = 0;

  /// True if what was committed survives a restart of the machine: false on tmpfs and the like.
  [[nodiscard]] virtual bool persistent() const noexcept = 0;

  /// No floor for generations above this may be used: whatever was given out up to here is below
  /// the floor of the next start. Rises with commits.
  [[nodiscard]] virtual core::generation_number floor_max() const noexcept = 0;
};

}  // namespace wixtokend::service
