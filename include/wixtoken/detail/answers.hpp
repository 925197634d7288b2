#pragma once
// Reads what the daemon answers to each call. Not for users: it may change with any version.

#include "wixtoken/detail/answer_reader.hpp"
#include "wixtoken/error.hpp"
#include "wixtoken/instance.hpp"
#include "wixtoken/status.hpp"
#include "wixtoken/token.hpp"

#include <string>

namespace wixtoken::detail {

// Each gives what the daemon said if it refused, and `other_version` if something needed is not
// there. Members that are not known are skipped.

[[nodiscard]] result<access_token> read_token(answer const& got);
[[nodiscard]] result<instance_view> read_view(answer const& got);
[[nodiscard]] result<added_instance> read_added(answer const& got);
[[nodiscard]] result<instance_page> read_page(answer const& got);
[[nodiscard]] result<bulk_summary> read_summary(answer const& got);
/// 204, or whatever else says that it was done.
[[nodiscard]] result<void> read_done(answer const& got);
[[nodiscard]] result<std::string> read_version(answer const& got);
[[nodiscard]] result<daemon_status> read_status(answer const& got);
/// 503 as well: not ready.
[[nodiscard]] result<readiness> read_readiness(answer const& got);

}  // namespace wixtoken::detail
