#pragma once
// Does something as another user, in a process of its own. Needs root.

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace wixtokend::test {

/// The ids that a process takes on, and the namespaces that it enters then.
struct other_user {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups{};   ///< supplementary ones, and no others
  bool root_of_its_own = false;  ///< in new user and pid namespaces, where its uid and gid are 0
};

/// Whether this process may become others.
[[nodiscard]] bool may_be_others();

/// Runs `work` in a child process that is that user. @returns what `work` does; "failed: …" if the
/// child could not become that user, or `work` threw.
std::string as_other_user(other_user const& who, std::function<std::string()> const& work);

}  // namespace wixtokend::test
