#pragma once
// What the metrics say of each app.

#include "core/engine_types.hpp"
#include "core/survey.hpp"
#include "observe/exposition.hpp"
#include "service/mint_figures.hpp"
#include "service/token_service.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace wixtokend::api {

/// Everything of one app that there is a number for, at one moment.
struct app_figures {
  std::string_view name;
  core::app_view seen;
  core::app_survey surveyed;
  service::mint_figures const* minted;
  service::cache_counts lookups{};
  std::optional<std::chrono::seconds> clock_offset{};
  instant now{};
};

/// Writes all families with the label `app`. docs/metrics.md describes them.
void write_app_metrics(observe::exposition& out, std::vector<app_figures> const& apps);

}  // namespace wixtokend::api
