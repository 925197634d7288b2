#pragma once
// The installations that the emulator knows: what is installed, and what each was given.

#include "base/instance_id.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace wixtokend::emulator {

/// Whether an app is installed on a site.
enum class installation : std::uint8_t {
  unlisted,   ///< nobody said: installed, unless only listed instances exist
  installed,  ///< said so
  removed,    ///< uninstalled
};

/// One instance: its installation, its counters, its last token and its rate window.
struct instance_row {
  std::uint64_t last_serial = 0;  ///< with the next three: what makes the last token again
  wall_time last_issued{};
  std::uint32_t last_life = 0;  ///< seconds; 0: there was no token yet
  std::uint32_t last_size = 0;
  std::uint32_t mints = 0;           ///< access tokens given, by whatever grant
  std::uint32_t requests = 0;        ///< of any route, as far as they named the instance
  std::uint64_t refresh_serial = 0;  ///< once they rotate: of the one good refresh token; 0: all
  wall_time removed_at{};            ///< tokens issued before are dead where removal revokes
  wall_time window_start{};          ///< of the rate limit
  std::uint32_t window_requests = 0;
  installation state = installation::unlisted;
};

/// The rows, by app and instance. A row comes to be when an instance is first named. Bounded:
/// instances beyond the limit are played, but neither counted nor limited.
class instances {
 public:
  static constexpr std::size_t rows_max = 2'000'000;

  using table = std::unordered_map<instance_key, instance_row>;

  /// The row, made if needed; null if there are `rows_max` rows already. The pointer stays valid
  /// until `clear`.
  instance_row* find_or_add(instance_key const& key);
  [[nodiscard]] instance_row const* find(instance_key const& key) const;

  /// True if tokens may be minted. The nil instance is never installed (docs/upstream.md U-100).
  [[nodiscard]] bool installed(instance_key const& key, bool listed_only) const;

  /// Sets all counters to zero; installations stay.
  void reset_counters();
  void clear() { rows_.clear(); }

  [[nodiscard]] table const& rows() const noexcept { return rows_; }

 private:
  table rows_;
};

/// A window of one minute from the first request on, `per_minute` requests in each.
/// @returns how long to wait if the request exceeds the limit (in whole seconds, at least 1).
[[nodiscard]] std::optional<std::chrono::seconds> over_limit(instance_row& row, wall_time now,
                                                             std::uint32_t per_minute);

}  // namespace wixtokend::emulator
