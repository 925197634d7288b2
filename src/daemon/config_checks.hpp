#pragma once
// What a single key cannot tell: whether the settings fit together. Pure.

#include "daemon/config_reader.hpp"

namespace wixtokend::daemon {

/// Adds a problem for whatever does not fit: names, paths or app ids that stand twice, addresses
/// that are none or not allowed, a default above its maximum, more instances than there may be,
/// access rules for nobody or for two, and ones that name apps that there are not.
/// Fills `app_settings::server`.
void check_consistency(config_reading& reading);

}  // namespace wixtokend::daemon
