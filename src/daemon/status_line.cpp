#include "daemon/status_line.hpp"

#include <cstddef>

namespace wixtokend::daemon {
namespace {

std::string reason_of(core::failure const& refusal) {
  return refusal.code.empty() ? "status " + std::to_string(refusal.status) : refusal.code;
}

// Only the worst is told.
std::string trouble_of(core::app_view const& seen, instant now) {
  if (seen.refusal != nullptr) {
    return (seen.suspected ? "seems to be refused: " : "is refused: ") + reason_of(*seen.refusal);
  }
  if (seen.breaker != core::breaker_state::closed) return "gets no tokens: Wix fails";
  if (seen.paused_until && *seen.paused_until > now) return "is throttled by Wix";
  return {};
}

}  // namespace

std::string status_line(std::vector<app_state> const& apps, instant now,
                        std::string const& reload_refused) {
  std::size_t usable = 0;
  std::size_t kept_warm = 0;
  std::string troubles;
  for (auto const& app : apps) {
    usable += app.seen.usable;
    kept_warm += app.seen.kept_warm;
    auto const trouble = trouble_of(app.seen, now);
    if (!trouble.empty()) troubles.append("; app ").append(app.name).append(" ").append(trouble);
  }
  auto out = std::to_string(usable) + " of " + std::to_string(kept_warm) +
             " instances kept warm are usable" + troubles;
  if (!reload_refused.empty()) out += "; the last reload was refused: " + reload_refused;
  return out;
}

}  // namespace wixtokend::daemon
