#pragma once
// Reads the view of an instance, and the failures in it. Only `src/client` includes this.

#include "wixtoken/instance.hpp"

#include <boost/json/object.hpp>

#include <optional>

namespace wixtoken::detail {

/// Unset: what every view has is not there. `json` is left as one line of its own.
[[nodiscard]] std::optional<instance_view> view_in(boost::json::object const& from);

[[nodiscard]] instance_failure failure_in(boost::json::object const& from);

}  // namespace wixtoken::detail
