#pragma once
// The upstream as the emulator plays it: apps, instances, tokens, time, script and counters.

#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "emulator/authorization_codes.hpp"
#include "emulator/counters.hpp"
#include "emulator/faults.hpp"
#include "emulator/instances.hpp"
#include "emulator/settings.hpp"
#include "emulator/token_mint.hpp"
#include "emulator/webhook_keys.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::emulator {

/// An app that the upstream knows.
struct app {
  std::string id;  ///< a GUID in lower case
  secret key;      ///< the app secret
};

/// How an access token is to differ from the usual one; see the members of `fault` of that name.
struct mint_change {
  bool same_token = false;
  bool other_instance = false;
  std::optional<std::size_t> token_size;
};

/// A new access token and its life, as the reply tells it.
struct minted {
  std::string token;
  std::chrono::seconds life{};
};

/// The state that all calls share. The parts are open to the handlers; this class holds what
/// concerns several of them. Not synchronised.
class upstream_state {
 public:
  /// @param apps   At least one, at most 65,536; the first is the default of control calls.
  /// @param seed   Where serial numbers and random latencies start: tokens of one seed and the same
  ///               requests at the same times are the same.
  /// @param start  When counting starts.
  upstream_state(std::vector<app> apps, settings const& knobs, std::uint64_t seed, instant start);

  settings knobs;
  instances installations;
  authorization_codes codes;
  token_mint mint;
  fault_script faults;
  counters counted;
  webhook_keys webhook_signers;  ///< a reset leaves them
  std::string authority_pem;     ///< the certificate that clients are to trust; empty without TLS

  [[nodiscard]] std::vector<app> const& apps() const noexcept { return apps_; }
  /// @param id  A GUID in lower case.
  [[nodiscard]] std::optional<app_number> app_named(std::string_view id) const noexcept;
  [[nodiscard]] app const& at(app_number number) const;
  /// The app proves itself with another secret from now on, also after a reset.
  void replace_secret(app_number number, secret fresh);

  /// Virtual time: real time and what `advance` has added.
  [[nodiscard]] wall_time virtual_time(wall_time real) const noexcept { return real + ahead_; }
  [[nodiscard]] std::chrono::seconds ahead() const noexcept { return ahead_; }
  /// Moves virtual time on. False, without effect, if it would run more than ten years ahead.
  bool advance(std::chrono::seconds length) noexcept;

  /// Mints an access token of that kind (`access`, `visitor` or `legacy_access`) and counts it.
  minted mint_access(token_kind kind, instance_key const& key, wall_time now,
                     mint_change const& change);
  /// Makes a refresh token, or a code that can be redeemed (`too_many_requests` if too many wait).
  std::string make_refresh_token(instance_key const& key, wall_time now);
  result<std::string> make_code(instance_key const& key, wall_time now);

  /// Makes the refresh token of a legacy grant; while they rotate, those before it are dead.
  std::string replace_refresh_token(instance_key const& key, wall_time now);
  /// False if the refresh token of that serial number was replaced by another.
  [[nodiscard]] bool is_current_refresh(instance_key const& key, std::uint64_t serial) const;

  /// True if these claims are those of an access token that the protected API accepts now.
  [[nodiscard]] bool is_live(claims const& token, wall_time now) const;

  /// Installs or uninstalls. False if there are too many instances (`instances::rows_max`).
  bool install(instance_key const& key);
  bool remove(instance_key const& key, wall_time now);

  /// Drawn evenly between the configured bounds.
  [[nodiscard]] duration draw_latency() noexcept;
  /// Opaque, different for each reply (docs/upstream.md U-47, U-91).
  [[nodiscard]] std::string next_request_id();

  /// The next number of the seeded series.
  std::uint64_t draw() noexcept;

  /// Everything as at the start, but for counters of what is open or in flight; serial numbers
  /// go on.
  void reset(instant now);

 private:
  [[nodiscard]] claims new_claims(token_kind kind, instance_key const& key, wall_time now);

  std::vector<app> apps_;
  settings initial_knobs_;
  std::chrono::seconds ahead_{};
  std::uint64_t random_;
  std::uint64_t next_serial_;
};

}  // namespace wixtokend::emulator
