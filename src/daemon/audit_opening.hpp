#pragma once
// The audit log at the start.

#include "daemon/config.hpp"
#include "observe/audit_log.hpp"
#include "observe/log.hpp"

#include <memory>

namespace wixtokend::daemon {

/// Opens the audit log and starts its thread; nothing, if none is configured. Throws
/// `startup_error` if the file cannot be opened. `log` must outlive what is returned.
[[nodiscard]] std::unique_ptr<observe::audit_log> open_audit(configuration const& settings,
                                                             observe::logger& log);

}  // namespace wixtokend::daemon
