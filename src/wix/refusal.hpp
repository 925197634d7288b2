#pragma once
// What an answer without a result means, as a failure that may be shown.

#include "base/time.hpp"
#include "core/upstream.hpp"
#include "http/message.hpp"

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace wixtokend::wix {

/// Limits of the texts of a failure, in bytes.
inline constexpr std::size_t code_size_max = 64;
inline constexpr std::size_t message_size_max = 300;
inline constexpr std::size_t request_id_size_max = 128;

/// Classifies an answer that is not 200, for all grants alike: docs/upstream.md U-52 to U-59, in
/// this order.
///
/// | answer | class |
/// |---|---|
/// | 429; 503 with a `Retry-After` that can be used | throttled |
/// | 408, every other 5xx, all below 400, and what is no HTTP status | transient |
/// | 400, 401 with code `invalid_client` or `unauthorized_client` | app refused |
/// | 404 | instance blocked |
/// | 400, 401, 403 with an error shape | instance blocked |
/// | every other 4xx | transient |
///
/// The texts are those of the answer, printable and bounded; where it has none, the message
/// describes the answer. `retry_after` is there whenever the answer asks for it, in any class.
/// @param received  When it came, by the local calendar.
/// @param body      The body, if it is a JSON object; else null.
/// @param hidden    Secrets that are masked in all texts.
[[nodiscard]] core::failure refusal(http::response const& answer, wall_time received,
                                    boost::json::object const* body,
                                    std::span<std::string_view const> hidden);

/// A 200 that does not count: transient (docs/upstream.md U-54).
/// @param code    One of ours, see `classify_mint`; shown as it is.
/// @param reason  For people; if it is empty, the message describes the answer.
[[nodiscard]] core::failure unusable_answer(http::response const& answer, wall_time received,
                                            std::string_view code, std::string_view reason,
                                            std::span<std::string_view const> hidden);

}  // namespace wixtokend::wix
