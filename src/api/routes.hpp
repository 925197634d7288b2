#pragma once
// The calls of the local API: one table, and how a request finds its row.

#include "api/errors.hpp"
#include "async/task.hpp"
#include "core/access.hpp"
#include "http/message.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::api {

struct exchange;

/// One call. `{id}` in a path stands for one segment, the instance id. Paths under `/v1/instances`
/// and `/v1/webhooks` exist for each app as well, as `/v1/apps/{name}/instances…`.
struct route {
  std::string_view method;  ///< `GET` answers `HEAD` too
  std::string_view path;
  core::role needed;
  std::string_view parameters;  ///< of the query, separated by blanks; `*` takes any
  task<http::response> (*answer)(exchange&);
  bool streams = false;  ///< the handler reads the body itself, however long it is
  bool open = false;     ///< also answered where metrics are served to anybody
};

/// The whole API.
[[nodiscard]] std::span<route const> all_routes() noexcept;

/// Whether a call is about one app, and so exists for each.
[[nodiscard]] bool is_of_app(route const& call) noexcept;

/// A request's row, and what its path named; the texts refer to the path.
struct route_match {
  route const* call = nullptr;
  std::optional<std::string_view> app;
  std::optional<std::string_view> instance;
};

/// Finds the call of a method and a decoded path.
/// @returns `unknown_path`, or `method_not_allowed` with the methods that the path has.
[[nodiscard]] checked<route_match> find_route(std::string_view method,
                                              std::vector<std::string> const& path);

/// Whether a request is for a call that streams; no, if there is no such call.
[[nodiscard]] bool takes_stream(std::string_view method, std::string_view target);

}  // namespace wixtokend::api
