#pragma once
// The connections to Wix that a configuration asks for: one upstream for each app.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "daemon/config.hpp"
#include "net/http_client.hpp"
#include "net/tls.hpp"
#include "observe/log.hpp"
#include "wix/client.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace wixtokend::daemon {

/// Whom the apps trust, by `ca_file`; the empty name is the system's store. Loaded only for apps
/// that use TLS. Throws `startup_error` (`configuration`) for a file that is of no use.
using trust_by_file = std::map<std::string, std::unique_ptr<net::tls_client_context>>;
[[nodiscard]] trust_by_file load_trust(std::vector<app_settings> const& apps);

/// One app's way to its token endpoint. `calls` refers to `connections`, so it goes first.
struct upstream {
  std::unique_ptr<net::http_client> connections;
  std::unique_ptr<wix::client> calls;
};

/// What it refers to must outlive what it returns.
[[nodiscard]] std::vector<upstream> make_upstreams(event_loop& loop, time_source& time,
                                                   std::vector<app_settings> const& apps,
                                                   trust_by_file& trust, observe::logger& log);

}  // namespace wixtokend::daemon
