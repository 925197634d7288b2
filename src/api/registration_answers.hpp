#pragma once
// What registering, removing and restoring come to, as answers.

#include "api/errors.hpp"
#include "api/render.hpp"
#include "http/message.hpp"
#include "service/registrar.hpp"

#include <optional>

namespace wixtokend::api {

struct exchange;

/// How long a caller waits for the disk; after it the answer is `store_failed`.
inline constexpr auto disk_time_max = std::chrono::seconds{10};

/// What is wrong with a registration; nothing with `added` and `known`.
[[nodiscard]] std::optional<problem> problem_of(service::registration_outcome outcome);

/// What is wrong with a removal, or with what is answered as one; nothing if it is done. No outcome
/// at all, because the disk took too long, is `store_failed`.
[[nodiscard]] std::optional<problem> problem_of(
    result<service::registrar::removal_outcome> const& outcome);

/// All that is shown of an instance.
[[nodiscard]] shown_instance shown(exchange const& x, core::instance_view const& seen);

/// The view of the exchange's instance; 404 if it is not known.
[[nodiscard]] http::response view_answer(exchange const& x, unsigned status);
/// The same, where the answer says that a registration is kept: its first token, which may have
/// come meanwhile and be unwritten yet, does not count against `durable`.
[[nodiscard]] http::response acknowledgement(exchange const& x, unsigned status);

}  // namespace wixtokend::api
