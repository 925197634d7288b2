#include "daemon/audit_opening.hpp"

#include "daemon/startup_error.hpp"

#include <boost/system/system_error.hpp>

#include <string>
#include <utility>

namespace wixtokend::daemon {

std::unique_ptr<observe::audit_log> open_audit(configuration const& settings,
                                               observe::logger& log) {
  if (settings.audit.file.empty()) return nullptr;
  observe::audit_names names;
  for (auto const& app : settings.apps) names.apps.push_back(app.name);
  for (auto const& socket : settings.sockets) names.sockets.push_back(socket.name);
  observe::audit_settings how;
  how.file = settings.audit.file;
  how.overflow = settings.audit.overflow;
  try {
    return std::make_unique<observe::audit_log>(std::move(how), std::move(names), log);
  } catch (boost::system::system_error const& error) {
    throw startup_error{exit_code::cannot_create,
                        "audit.file: " + settings.audit.file +
                            " cannot be opened: " + error.code().message() +
                            "; it must be a regular file, in a folder that is there and that the "
                            "daemon's user may write to"};
  }
}

}  // namespace wixtokend::daemon
