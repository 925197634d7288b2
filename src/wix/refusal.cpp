#include "wix/refusal.hpp"

#include "wix/error_reply.hpp"
#include "wix/redaction.hpp"
#include "wix/reply_time.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>

namespace wixtokend::wix {
namespace {

using core::failure_class;

failure_class class_of(unsigned status, error_reply const& said, bool asks_to_wait) noexcept {
  if (status == 429 || (status == 503 && asks_to_wait)) return failure_class::throttled;  // U-52

  bool const names_the_app = said.code == "invalid_client" || said.code == "unauthorized_client";
  if ((status == 400 || status == 401) && names_the_app) return failure_class::app_refused;  // U-55
  if (status == 404) return failure_class::instance_blocked;                                 // U-56

  bool const is_refusal = status == 400 || status == 401 || status == 403;
  if (is_refusal && said.has_shape) return failure_class::instance_blocked;  // U-57
  return failure_class::transient;  // U-53, U-54, U-58, U-59
}

// What to tell people of an answer that has no message for them.
std::string describe(http::response const& answer) {
  std::string text;
  if (answer.status >= 300 && answer.status < 400) {
    text = "a redirect, which is not followed, to ";
    text += answer.headers.find("Location").value_or("nowhere");
  } else {
    text = "no message in the answer: " + std::to_string(answer.body.size()) + " bytes of ";
    text += answer.headers.find("Content-Type").value_or("unknown type");
  }
  return text;
}

core::failure make_failure(failure_class kind, http::response const& answer,
                           std::optional<duration> wait, error_reply const& said,
                           std::span<std::string_view const> hidden) {
  core::failure failed;
  failed.kind = kind;
  failed.status = answer.status;
  failed.code = presentable(said.code, code_size_max, hidden);
  failed.message = said.message.empty() ? presentable(describe(answer), message_size_max, hidden)
                                        : presentable(said.message, message_size_max, hidden);
  failed.request_id = presentable(answer.headers.find("x-wix-request-id").value_or(""),
                                  request_id_size_max, hidden);  // docs/upstream.md U-47
  failed.retry_after = wait;
  return failed;
}

}  // namespace

core::failure refusal(http::response const& answer, wall_time received,
                      boost::json::object const* body, std::span<std::string_view const> hidden) {
  auto const said = body == nullptr ? error_reply{} : read_error(*body);
  auto const wait = retry_after(answer.headers, received);
  auto const kind = class_of(answer.status, said, wait.has_value());
  return make_failure(kind, answer, wait, said, hidden);
}

core::failure unusable_answer(http::response const& answer, wall_time received,
                              std::string_view code, std::string_view reason,
                              std::span<std::string_view const> hidden) {
  error_reply const said{code, reason, true};
  auto const wait = retry_after(answer.headers, received);
  auto failed = make_failure(failure_class::transient, answer, wait, said, hidden);
  failed.code = code;  // ours: a token that happens to occur in it does not make it a secret
  return failed;
}

}  // namespace wixtokend::wix
