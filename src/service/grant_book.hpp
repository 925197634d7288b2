#pragma once
// The secrets of legacy grants: refresh tokens, and codes on their way to become one.

#include "base/fingerprint.hpp"
#include "service/state_store.hpp"

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wixtokend::service {

/// Keeps, in memory, what legacy instances are minted with, and what became of their codes. Pure:
/// says what has changed and leaves the writing to others. Belongs to the loop's thread.
class grant_book {
 public:
  /// So many codes of one instance may wait for their exchange; the newest is tried first.
  static constexpr std::size_t pending_max = 4;
  /// How long it is remembered what became of a code.
  static constexpr duration outcome_kept = std::chrono::hours{24};

  /// @param key  Refresh tokens are found by their fingerprint under it.
  explicit grant_book(fingerprint_key key) : key_{std::move(key)} {}

  /// Takes what a store knew.
  void load(instance_key const& key, saved_grant&& known);

  [[nodiscard]] bool has_refresh_token(instance_key const& key) const noexcept;
  [[nodiscard]] bool is_refresh_token(instance_key const& key, secret const& token) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return grants_.size(); }

  /// Replaces the refresh token; an empty one: there is none any more.
  void set_refresh_token(instance_key const& key, secret token);

  enum class offered : std::uint8_t { taken, repeated, too_many };
  /// Takes a code. One that is known already changes nothing, whatever became of it.
  offered offer(instance_key const& key, secret code, code_digest const& digest, instant deadline,
                instant now);

  /// The code to try next: the newest that is pending; nothing if none is. Lives until a change.
  [[nodiscard]] saved_code const* pending(instance_key const& key) const noexcept;
  /// All codes that are remembered, oldest first; null: none. Lives until a change.
  [[nodiscard]] std::vector<saved_code> const* codes(instance_key const& key) const noexcept;

  /// The pending code that ends then; null: none. Lives until a change.
  [[nodiscard]] saved_code const* pending_until(instance_key const& key,
                                                instant deadline) const noexcept;

  /// Empty: there is none.
  [[nodiscard]] secret refresh_token(instance_key const& key) const;

  /// The instances of an app that have this refresh token, by their keys: one, or none; more if the
  /// same was registered for several. Where the bytes differ has no effect on the time it takes.
  [[nodiscard]] std::vector<instance_key> holders_of(app_number app, secret const& token) const;

  /// A code became a refresh token; the other codes are not needed any more.
  /// @returns false if the code is not pending here: the instance was removed meanwhile.
  bool exchanged(instance_key const& key, code_digest const& digest, secret refresh_token,
                 instant now);
  /// The refresh token came back as another one. @returns false if it is not `sent` that is kept.
  bool rotated(instance_key const& key, secret const& sent, secret fresh);
  /// A pending code came to nothing.
  void ended(instance_key const& key, code_digest const& digest, code_outcome how,
             std::optional<core::failure> why, instant now);

  /// Ends the pending codes whose time is over. @returns how many.
  std::size_t expire(instance_key const& key, std::optional<core::failure> const& why, instant now);

  void erase(instance_key const& key);

  /// The grant to be written, if it differs from what was taken last.
  [[nodiscard]] std::optional<saved_grant> take_change(instance_key const& key);
  /// What was taken could not be written.
  void not_saved(instance_key const& key);
  /// True if nothing is left to be taken.
  [[nodiscard]] bool is_saved(instance_key const& key) const noexcept;

 private:
  struct grant {
    saved_grant kept;
    fingerprint found_by = 0;  ///< with a refresh token: its place in `holders_`
    bool changed = false;
  };
  [[nodiscard]] grant const* find(instance_key const& key) const noexcept;
  [[nodiscard]] saved_code* find_pending(grant& one, code_digest const& digest) noexcept;
  void keep(instance_key const& key, grant& one, secret token);
  void remember_holder(instance_key const& key, grant& one);
  void forget_holder(instance_key const& key, grant const& one);
  static void finish(saved_code& code, code_outcome how, instant now);
  static void forget_old(saved_grant& kept, instant now);

  fingerprint_key key_;
  std::unordered_map<instance_key, grant> grants_;
  std::unordered_multimap<fingerprint, instance_key> holders_;  ///< of refresh tokens
};

}  // namespace wixtokend::service
