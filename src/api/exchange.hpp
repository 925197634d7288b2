#pragma once
// One request on its way to its answer: all that a handler works with.

#include "api/context.hpp"
#include "api/errors.hpp"
#include "api/render.hpp"
#include "api/routes.hpp"
#include "api/session.hpp"
#include "api/target.hpp"
#include "base/instance_id.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace wixtokend::api {

/// Lives while its request is handled, in the coroutine that dispatches it.
struct exchange {
  context& server;
  session& connection;
  http::request& request;
  std::string request_id;
  route const* call = nullptr;  ///< set before a handler runs
  parameters query{};
  instance_key key{};  ///< with calls that name an instance; else the app only

  /// Asks the policy that is in force now. To be asked again after every wait.
  [[nodiscard]] bool allowed() const noexcept { return connection.allows(call->needed); }

  /// Counts and logs a refusal by the policy. @returns the problem to answer.
  problem denied();

  [[nodiscard]] std::string_view app_name() const noexcept {
    return server.settings.apps[static_cast<std::size_t>(key.app)].name;
  }

  [[nodiscard]] moment now() const noexcept {
    return {server.time().now(), server.time().wall_now()};
  }

  /// The request header of that name; empty if it is absent.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
    return request.headers.find(name).value_or(std::string_view{});
  }
};

}  // namespace wixtokend::api
