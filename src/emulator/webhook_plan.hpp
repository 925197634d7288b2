#pragma once
// Webhooks as they would arrive: signed, and late, doubled or out of order if a test wants it so.

#include "base/instance_id.hpp"
#include "base/time.hpp"
#include "emulator/bad_json.hpp"
#include "emulator/upstream_state.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::emulator {

/// How long after a failed delivery the next one comes (docs/upstream.md U-70).
inline constexpr std::array<std::chrono::minutes, 12> webhook_retries{
    std::chrono::minutes{1},   std::chrono::minutes{10},  std::chrono::minutes{60},
    std::chrono::minutes{120}, std::chrono::minutes{120}, std::chrono::minutes{120},
    std::chrono::minutes{240}, std::chrono::minutes{240}, std::chrono::minutes{240},
    std::chrono::minutes{480}, std::chrono::minutes{480}, std::chrono::minutes{720}};

/// How many events one call may have, and how many deliveries may come of it.
inline constexpr std::size_t webhook_events_max = 1000;
inline constexpr std::size_t webhook_deliveries_max = 10'000;

/// One delivery, to be posted `due` after the call that made it.
struct webhook_delivery {
  std::chrono::milliseconds due{};
  std::size_t retry = 0;  ///< 0: the first attempt
  std::string event;
  std::string app;  ///< its id
  instance_id instance;
  std::string jwt;
};

/// Makes the deliveries that a control call asks for, in the order of their arrival; see "Webhooks"
/// in docs/emulator.md. With `apply` it installs and removes the instances too.
/// @param now  In virtual time.
[[nodiscard]] parsed<std::vector<webhook_delivery>> plan_webhooks(upstream_state& state,
                                                                  std::string_view text,
                                                                  wall_time now);

/// `{"deliveries": [{"due_ms","retry","event","app","instance","jwt"}]}`
[[nodiscard]] std::string to_json(std::vector<webhook_delivery> const& plan);

}  // namespace wixtokend::emulator
