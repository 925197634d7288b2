#pragma once
// The one way to a token for all calls that hand one out.

#include "api/errors.hpp"
#include "api/exchange.hpp"
#include "async/task.hpp"
#include "base/secret.hpp"
#include "core/engine_types.hpp"
#include "service/token_service.hpp"

#include <optional>

namespace wixtokend::api {

/// What a caller asks for.
struct token_demand {
  core::token_needs needs{};
  duration wait{};
  std::optional<core::generation_number> refused_generation{};  ///< never handed out to it again
  secret refused_token{};                                       ///< nor these bytes; may be empty
};

/// A token that may be written out now.
struct token_offer {
  core::token_view token;
  service::cache_outcome how = service::cache_outcome::hit;
};

/// Waits, where it has to, for a token that meets the demand. Counts as use of the instance.
///
/// This is the choke point: after any waiting it asks the policy again, and then the service for
/// what is usable at that moment. The offer refers into the service, so it has to be rendered
/// before the next `co_await`. If the peer leaves meanwhile, what is returned does not matter.
task<checked<token_offer>> obtain_token(exchange& x, token_demand const& demand);

}  // namespace wixtokend::api
