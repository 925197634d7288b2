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

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wixtokend::api {

/// Lives while its request is handled, in the coroutine that dispatches it.
struct exchange {
  exchange(context& shared, session& from, http::request& what, std::string id)
      : server{shared}, connection{from}, request{what}, request_id{std::move(id)} {}
  exchange(exchange const&) = delete;
  exchange& operator=(exchange const&) = delete;
  ~exchange() = default;

  context& server;
  session& connection;
  http::request& request;
  std::string request_id;
  route const* call = nullptr;  ///< set before a handler runs
  parameters query{};
  /// What is asked for. Read-only, because the policy is asked about as much of it as was named.
  instance_key const& key = key_;

  void name_app(app_number app) noexcept;
  /// The app has to be named before.
  void name_instance(instance_id const& instance) noexcept;
  [[nodiscard]] bool names_instance() const noexcept { return named_ == extent::instance; }

  /// Asks the policy that is in force now, about the instance that was named; else about anything
  /// of the app; else about anything at all. To be asked again after every wait, and after naming.
  [[nodiscard]] bool allowed() const { return allowed(call->needed); }
  /// The same for another role than the call's own.
  [[nodiscard]] bool allowed(core::role needed) const;
  /// The same for an instance of the app that is one of many in the request.
  [[nodiscard]] bool allowed(core::role needed, instance_id const& instance) const;
  /// Whether the peer may be told that an app does not exist; it is refused if not.
  [[nodiscard]] bool may_miss_apps() const;

  /// Counts and logs a refusal by the policy. @returns the problem to answer.
  problem denied();
  /// The same for one of many instances in the request.
  problem denied(instance_id const& instance);

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

 private:
  enum class extent : std::uint8_t { daemon, app, instance };

  problem refuse(std::optional<instance_id> const& instance);

  instance_key key_{};
  extent named_ = extent::daemon;
};

}  // namespace wixtokend::api
