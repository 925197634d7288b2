#pragma once
// Values of the configuration that are lists: roles, and instances. Several tables have them.

#include "base/instance_id.hpp"
#include "core/access.hpp"
#include "daemon/config_key.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::daemon {

inline constexpr char const* not_a_guid = "must be a GUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

/// The words for roles.
inline constexpr std::array<std::string_view, 4> role_words{"read", "register", "manage", "status"};

/// An array of these words, at least one. What is no role is a problem and left out.
std::optional<core::role_set> read_roles(config_value const& value, key_problems& problems);

/// "read, manage"
[[nodiscard]] std::string roles_text(core::role_set roles);

/// An array of GUIDs, which may be empty. What is none, or the nil GUID of examples, is a problem
/// and left out.
std::optional<std::vector<instance_id>> read_instances(config_value const& value,
                                                       key_problems& problems);

}  // namespace wixtokend::daemon
