#pragma once
// What the service and the API need of the world, as interfaces; `wix` implements them.

#include "async/task.hpp"
#include "base/instance_id.hpp"
#include "base/secret.hpp"
#include "core/upstream.hpp"
#include "service/token_info.hpp"

#include <variant>

namespace wixtokend::service {

/// The upstream of one app. Each call makes at most one request, ends within the total timeout by
/// itself, and returns failures as values; cancelling it abandons the request.
class token_source {
 public:
  virtual ~token_source() = default;

  /// Obtains a token for an instance with `client_credentials`.
  virtual task<std::variant<core::minted, core::failure>> mint(instance_id instance) = 0;

  /// Asks what the upstream knows of a token.
  virtual task<std::variant<token_info, core::failure>> info(secret token) = 0;
};

}  // namespace wixtokend::service
