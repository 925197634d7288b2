#pragma once
// What `GET /v1/status` says of an app, as JSON. Rates are requests or mints per second.

#include "base/time.hpp"
#include "core/engine_types.hpp"

#include <string>
#include <string_view>

namespace wixtokend::api {

/// How an app's endpoint does. Every member is described in docs/api.md.
/// @param seen  As of `now`; its `refusal` must still live.
[[nodiscard]] std::string app_status_json(std::string_view name, core::app_view const& seen,
                                          instant now);

}  // namespace wixtokend::api
