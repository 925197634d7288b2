#pragma once
// From a request to its answer: the checks that all calls share, in their order.

#include "api/context.hpp"
#include "async/task.hpp"
#include "http/message.hpp"

namespace wixtokend::api {

class session;

/// Answers one request.
///
/// In this order: not forwarded (400), target well formed (400), path known (404), method known
/// there (405), not too fast (429), role granted (403), app known (404, to those who are not
/// limited to certain apps) and granted (403), instance id a GUID (400), instance granted (403),
/// parameters known and there once (400); then the handler. So nobody learns about apps and
/// instances that are not granted. Calls that name an instance in their body ask the policy about
/// it themselves.
/// The answer carries `X-Request-Id`.
///
/// The bytes of the answer have to be handed to the stream before anything else is awaited.
task<http::response> respond(context& server, session& connection, http::request& request);

}  // namespace wixtokend::api
