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
/// there (405), policy (403), parameters known and there once (400), app known (404), instance id a
/// GUID (400); then the handler. So a peer without a role learns nothing about apps and instances.
/// The answer carries `X-Request-Id`.
///
/// The bytes of the answer have to be handed to the stream before anything else is awaited.
task<http::response> respond(context& server, session& connection, http::request& request);

}  // namespace wixtokend::api
