#pragma once
// What `GET /v1/status` says of an app, as JSON. Rates are requests or mints per second.

#include "base/time.hpp"
#include "core/engine_types.hpp"
#include "core/survey.hpp"
#include "service/mint_figures.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace wixtokend::api {

/// How an app does.
struct app_status {
  std::string_view name;
  core::app_view seen;  ///< its `refusal` must still live
  core::app_survey const& surveyed;
  std::deque<service::failed_attempt> const& last_failures;
};

/// Every member is described in docs/api.md.
/// @param now  When `seen` was seen.
[[nodiscard]] std::string app_status_json(app_status const& app, instant now);

}  // namespace wixtokend::api
