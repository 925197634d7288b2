#pragma once
// What a webhook says, once its signature is known to be right. Pure.

#include "service/ports.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace wixtokend::wix {

/// The content of a webhook's JWT.
struct webhook_claims {
  service::webhook content;
  std::optional<wall_time> expires_at;  ///< `exp`; there may be none
};

/// Reads the payload of a webhook's JWT: `{"data": …, "iat": s, "exp": s}` with `data` as
/// `{"data": …, "instanceId", "eventType", "identity"}`, and in the inner `data` of an
/// `AppInstalled` or `AppRemoved` the `appId` (docs/upstream.md U-68, U-69, U-114). Each `data` may
/// be an object or a JSON string of one; each string is a document with its own limit of depth.
///
/// Other event types, and none, are `webhook_event::other`, of which only the instance is read.
/// @param payload  Of bounded size.
/// @param app_id   The app's own. GUIDs are compared as such, in either case.
/// @returns `malformed` if it is no such JSON, if an installation's instance is no GUID or the nil
///          one, or if `exp` is there and is no time; `other_app` if `appId` is there and not ours.
[[nodiscard]] std::variant<webhook_claims, service::webhook_refusal> read_webhook_claims(
    std::string_view payload, std::string_view app_id);

}  // namespace wixtokend::wix
