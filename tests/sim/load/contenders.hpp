#pragma once
// Who is compared, by name.

#include "core/policy.hpp"
#include "sim/load/refresher.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::sim::load {

/// The engine in its three settings.
inline constexpr char const* ours = "wixtokend";
inline constexpr char const* ours_economy = "wixtokend economy";
inline constexpr char const* ours_max = "wixtokend max";

/// All names: ours first.
[[nodiscard]] std::vector<std::string> const& contender_names();

/// The conditions of a run: the same for all.
struct conditions {
  std::size_t instances = 0;
  budget allowed;  ///< the engine's ceiling; the others know no other rate
  /// What the engine may send for instances that nobody waits for; nothing: it finds it by itself.
  std::optional<double> background_per_second;
  core::engine_policy policy;  ///< the engine's constants
  std::uint64_t seed = 1;
};

/// Makes a contender. Throws if there is none of that name.
[[nodiscard]] std::unique_ptr<refresher> make_contender(std::string_view name,
                                                        conditions const& given);

/// Sets a constant of the engine by its name in `core::engine_policy` (those that are numbers, and
/// those that concern rates and instants only). Throws if there is none of that name.
void set_constant(core::engine_policy& policy, std::string_view name, double value);

}  // namespace wixtokend::sim::load
