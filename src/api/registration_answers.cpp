#include "api/registration_answers.hpp"

#include "api/exchange.hpp"

namespace wixtokend::api {
namespace {

http::response answer_of(exchange const& x, unsigned status,
                         std::optional<core::instance_view> const& seen) {
  if (!seen) {
    problem const unknown{.what = fault::unknown_instance};
    return to_answer(unknown);
  }
  return json_answer(status, view_json(shown(x, *seen), x.app_name(), x.now()));
}

}  // namespace

std::optional<problem> problem_of(service::registration_outcome outcome) {
  switch (outcome) {
    using enum service::registration_outcome;
    case added:
    case known: return std::nullopt;
    case grant_conflict: return problem{.what = fault::grant_conflict};
    case store_required: return problem{.what = fault::store_required};
    case too_many_codes:
      return problem{
          .what = fault::limit_reached,
          .description = "Several codes of this instance wait for their exchange already."};
    case full:
      return problem{.what = fault::limit_reached,
                     .description = "The table of instances is full."};
    case store_failed: break;
  }
  return problem{.what = fault::store_failed};
}

std::optional<problem> problem_of(result<service::registrar::removal_outcome> const& outcome) {
  using service::registrar;
  if (!outcome.has_value()) return problem{.what = fault::store_failed};
  switch (*outcome) {
    case registrar::removal_outcome::removed: return std::nullopt;
    case registrar::removal_outcome::unknown: return problem{.what = fault::unknown_instance};
    case registrar::removal_outcome::store_failed: break;
  }
  return problem{.what = fault::store_failed};
}

shown_instance shown(exchange const& x, core::instance_view const& seen) {
  return {seen, x.server.registrar.codes(seen.key)};
}

http::response acknowledgement(exchange const& x, unsigned status) {
  auto seen = x.server.service.view(x.key);
  if (seen) seen->durable = x.server.registrar.durable();
  return answer_of(x, status, seen);
}

http::response view_answer(exchange const& x, unsigned status) {
  return answer_of(x, status, x.server.service.view(x.key));
}

}  // namespace wixtokend::api
