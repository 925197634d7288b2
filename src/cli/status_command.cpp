// status: once; the live view is top_command.cpp.
#include "cli/commands.hpp"
#include "cli/status_text.hpp"

#include <vector>

namespace wixtokend::cli {

exit_code act(place& at, status_command const&) {
  auto const status = at.daemon.status();
  if (status.has_error()) return at.fail(status.error());
  auto const outcome = status->ready ? exit_code::good : exit_code::not_ready;
  if (at.json) {
    at.to.out << status->json << '\n';
    return outcome;
  }
  std::vector<std::string> reasons;
  if (!status->ready) {
    auto const why = at.daemon.ready();
    if (why.has_value()) reasons = why->reasons;
  }
  at.to.out << status_text(*status, reasons, at.to.now(), at.to.columns);
  return outcome;
}

}  // namespace wixtokend::cli
