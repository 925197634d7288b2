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

/// A token that may be written out now. The token itself comes from `hand_out` only, so that none
/// leaves without a record.
class token_offer {
 public:
  token_offer(core::token_view const& token, service::cache_outcome how) noexcept
      : token_{token}, how_{how} {}

  [[nodiscard]] core::generation_number generation() const noexcept { return token_.generation; }

  /// The headers of an answer with the token, or with nothing but its generation.
  void add_headers(http::response& answer) const { add_token_headers(answer, token_, how_); }

 private:
  friend checked<core::token_view> hand_out(exchange& x, token_offer const& offer);

  core::token_view token_;
  service::cache_outcome how_;
};

/// Waits, where it has to, for a token that meets the demand. Counts as use of the instance.
///
/// This is the choke point: after any waiting it asks the policy again, and then the service for
/// what is usable at that moment. The offer refers into the service, so it has to be rendered
/// before the next `co_await`. If the peer leaves meanwhile, what is returned does not matter.
task<checked<token_offer>> obtain_token(exchange& x, token_demand const& demand);

/// Records in the audit log, if there is one, that the caller gets the token. The bytes have to be
/// rendered before the next `co_await`.
/// @returns the token, or `audit_failed` if it may not be handed out unrecorded.
[[nodiscard]] checked<core::token_view> hand_out(exchange& x, token_offer const& offer);

/// Holds the answer to a caller that has the usable token of generation `has.newer_than`, until
/// there is another one, or that one may not be confirmed any more with `has.min_valid` left; for
/// `length` at most. Causes no mint. Counts as use of the instance for as long.
///
/// The policy is asked again afterwards; the token is looked up with `obtain_token`, as ever.
/// @returns whether something may have changed: false if it is no use to wait on.
task<checked<bool>> await_change(exchange& x, core::token_needs has, duration length);

}  // namespace wixtokend::api
