#include "api/readiness.hpp"

namespace wixtokend::api {

std::vector<std::string> reasons_not_ready(context const& server,
                                           service::token_service::readiness const& now) {
  std::vector<std::string> reasons;
  if (server.draining) reasons.emplace_back("the daemon is about to stop");
  for (auto const& app : now.refused) {
    reasons.push_back(app.suspected
                          ? "app " + app.name +
                                " is suspected to be refused by Wix: many of its instances were "
                                "refused in a row"
                          : "Wix refuses the id or secret of app " + app.name);
  }
  if (auto const why = server.registrar.store_failure()) {
    reasons.push_back("the store cannot be written: " + why.message());
  }
  if (auto const* const trail = server.settings.audit) {
    auto const audit = trail->state();
    if (audit.refuses && audit.failure) {
      reasons.push_back("the audit log cannot be written: " + audit.failure.message());
    }
  }
  auto const needed = server.settings.ready_fraction * static_cast<double>(now.kept_warm);
  if (static_cast<double>(now.usable) < needed) {
    reasons.push_back(std::to_string(now.usable) + " of " + std::to_string(now.kept_warm) +
                      " instances that are kept warm have a usable token");
  }
  return reasons;
}

}  // namespace wixtokend::api
