#pragma once
// Which instances there are and how they are minted, durably: registrations, removals, webhooks.

#include "async/task.hpp"
#include "service/grant_book.hpp"
#include "service/persistence.hpp"
#include "service/ports.hpp"
#include "service/registration.hpp"
#include "service/token_service.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace wixtokend::service {

/// Everything that a caller wants kept goes through here: it is done in memory at once, and on the
/// disk, if there is a store, when the task ends. Belongs to the loop's thread.
class registrar {
 public:
  /// How long an authorization code lives (docs/upstream.md).
  static constexpr duration code_life = std::chrono::minutes{10};

  /// @param allow_volatile  Legacy grants are taken though the store does not outlive the machine.
  registrar(time_source& time, persistence& state, token_service& tokens, bool allow_volatile);

  [[nodiscard]] token_service& tokens() const noexcept { return tokens_; }

  /// Registers an instance, or changes how it is minted.
  task<registration_outcome> add(instance_key key, registration wanted);
  /// The same in memory only: the outcome so far. For many at once, with `settled` after them.
  registration_outcome add_now(instance_key const& key, registration&& wanted);
  /// Waits until all of that is on the disk. @returns why it is not.
  task<result<>> settled();

  enum class removal_outcome : std::uint8_t { removed, unknown, store_failed };
  /// Removes everything of an instance.
  task<removal_outcome> remove(instance_key key);
  /// Drops the token for everybody and mints anew.
  task<removal_outcome> drop_token(instance_key key);
  /// Brings back the refresh token that was retained when the upstream had removed the instance.
  /// @returns what became of the registration with it; nothing if none is retained.
  task<std::optional<registration_outcome>> restore(instance_key key);

  enum class webhook_outcome : std::uint8_t { taken, store_failed };
  /// What the upstream tells of an installation. A removal is believed only when mints confirm it.
  task<webhook_outcome> take(app_number app, webhook event);

  [[nodiscard]] std::vector<code_view> codes(instance_key const& key) const;

  /// The instances of an app that are minted with this refresh token; see `grant_book`.
  [[nodiscard]] std::vector<instance_key> holders_of(app_number app, secret const& token) const {
    return grants_.holders_of(app, token);
  }

  /// Where changes are written.
  [[nodiscard]] persistence const& state() const noexcept { return state_; }
  /// Whether what is acknowledged outlives a restart of the machine.
  [[nodiscard]] bool durable() const noexcept { return state_.durable(); }
  /// Why the last write of state failed; no error if it did not.
  [[nodiscard]] error_code store_failure() const noexcept { return state_.failure(); }

  /// Takes what a store kept of an instance, at start. @returns false if there is no room.
  bool load(loaded_instance&& known);

 private:
  [[nodiscard]] bool keeps_legacy() const noexcept;
  registration_outcome take_code(instance_key const& key, secret code, bool is_new);

  time_source& time_;
  core::engine& engine_;
  grant_book& grants_;
  persistence& state_;
  token_service& tokens_;
  bool allow_volatile_;
};

}  // namespace wixtokend::service
