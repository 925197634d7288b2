#pragma once
// Names of users and groups become numbers here, and nowhere else.

#include "base/error.hpp"

#include <sys/types.h>

#include <string>

namespace wixtokend::daemon {

/// The id of a user, by name or decimal number (a number needs no such user to exist).
/// @returns `unknown_name`, or the system's error if the user database cannot be asked. The ids
///          2^32-1 and above name nobody: `unknown_name`.
[[nodiscard]] result<uid_t> find_user(std::string const& name);

/// The id of a group; as `find_user`.
[[nodiscard]] result<gid_t> find_group(std::string const& name);

}  // namespace wixtokend::daemon
