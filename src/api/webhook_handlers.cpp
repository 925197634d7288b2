#include "api/exchange.hpp"
#include "api/handlers.hpp"

#include <utility>

namespace wixtokend::api {
namespace {

// Wix counts a webhook as lost, and sends it again, unless it is answered within 1250 ms.
constexpr auto webhook_time_max = std::chrono::milliseconds{1000};

fault fault_of(service::webhook_refusal refusal) noexcept {
  switch (refusal) {
    using enum service::webhook_refusal;
    case not_configured: return fault::webhooks_not_configured;
    case malformed: return fault::invalid_webhook;
    case bad_signature: return fault::webhook_signature;
    case expired: return fault::webhook_expired;
    case other_app: return fault::webhook_other_app;
  }
  return fault::invalid_webhook;
}

http::response answer_fault(fault what) {
  problem const found{.what = what};
  return to_answer(found);
}

}  // namespace

task<http::response> take_webhook(exchange& x) {
  auto const& app = x.server.settings.apps[static_cast<std::size_t>(x.key.app)];
  if (app.webhooks == nullptr) co_return answer_fault(fault::webhooks_not_configured);

  auto const read = app.webhooks->verify(x.request.body, x.server.time().wall_now());
  if (auto const* const refusal = std::get_if<service::webhook_refusal>(&read)) {
    co_return answer_fault(fault_of(*refusal));
  }
  auto const& event = std::get<service::webhook>(read);
  bool const names_one = event.event != service::webhook_event::other;
  if (names_one) x.name_instance(event.instance);
  if (!x.allowed()) co_return to_answer(x.denied());

  auto taking = x.server.registrar.take(x.key.app, event);
  auto const taken = co_await x.connection.until_written(std::move(taking), webhook_time_max);
  bool const durable = taken.has_value() && *taken == service::registrar::webhook_outcome::taken;
  if (!durable) co_return answer_fault(fault::store_failed);
  co_return json_answer(200, "{}");
}

}  // namespace wixtokend::api
