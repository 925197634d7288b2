#pragma once
// What an instant that an earlier process wrote means for this one.

#include "base/time.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace wixtokend::store {

/// The last that is known of a process which wrote to the store.
struct run_stamp {
  std::string boot_id;  ///< of the kernel; empty: unknown, thus like no other
  time_stamp last;      ///< at its last commit
};

/// Translates instants of one earlier run.
class instant_mapping {
 public:
  /// Of a run of which nothing is known: whatever was to be waited for is over.
  explicit instant_mapping(instant now) noexcept : now_{now} {}
  /// @param elapsed       Between the run's last stamp and now; not negative.
  /// @param keeps_tokens  Whether that is certain enough to go on using a token.
  instant_mapping(instant now, instant stamp, duration elapsed, bool keeps_tokens) noexcept
      : now_{now}, stamp_{stamp}, elapsed_{elapsed}, known_{true}, keeps_tokens_{keeps_tokens} {}

  /// `never` and `instant::min()` stay what they are; else saturating.
  [[nodiscard]] instant operator()(instant written) const noexcept;
  [[nodiscard]] bool keeps_tokens() const noexcept { return keeps_tokens_; }

 private:
  instant now_;
  instant stamp_{};
  duration elapsed_{};
  bool known_ = false;
  bool keeps_tokens_ = false;
};

/// The mappings of all runs.
///
/// Within one boot the boot clock says how long ago a run's stamp is; where the wall clock was
/// right then and is now, and shows more than `clock_difference_max` more, the machine was paused
/// in between, and the wall clock is taken. On another boot there is only the wall clock: if it is
/// earlier than any stamp in the store, it cannot be trusted with a token.
class run_clocks {
 public:
  static constexpr duration clock_difference_max = std::chrono::seconds{2};
  /// Nothing that is waited for lasts longer; keeps the arithmetic away from overflow.
  static constexpr duration elapsed_max = std::chrono::hours{24 * 3650};

  run_clocks(std::map<std::int64_t, run_stamp> const& runs, time_stamp const& now,
             std::string const& boot_id);

  [[nodiscard]] instant_mapping const& of(std::int64_t run) const noexcept;

 private:
  std::map<std::int64_t, instant_mapping> mappings_;
  instant_mapping unknown_;
};

}  // namespace wixtokend::store
