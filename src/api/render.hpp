#pragma once
// Answers of the local API as JSON and headers. Times are Unix seconds, lengths whole seconds.

#include "base/time.hpp"
#include "core/engine_types.hpp"
#include "http/message.hpp"
#include "service/ports.hpp"
#include "service/registrar.hpp"
#include "service/token_service.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::api {

/// One moment on both clocks; instants are turned into dates with it.
struct moment {
  instant now;
  wall_time wall;

  /// Unix seconds of an instant, rounded down.
  [[nodiscard]] std::int64_t unix_seconds(instant when) const noexcept;
  /// Whole seconds until an instant, rounded down; 0 if it has passed.
  [[nodiscard]] std::int64_t seconds_until(instant when) const noexcept;
};

/// An answer with a JSON body.
[[nodiscard]] http::response json_answer(unsigned status, std::string body);

/// What the caller is told of how its token was found: one that is stale is that, however it came.
[[nodiscard]] service::cache_outcome shown_outcome(core::token_view const& token,
                                                   service::cache_outcome how) noexcept;

/// The headers that every answer with a token has: `Cache-Control`, `ETag`, `X-Cache`.
void add_token_headers(http::response& answer, core::token_view const& token,
                       service::cache_outcome how);

/// The body of a token answer. The string is as large as it ever gets from the start, so that no
/// copy of the token stays behind in freed memory; the caller wipes it after use.
[[nodiscard]] std::string token_json(core::token_view const& token, instance_id instance,
                                     moment const& at);

/// The body of the drop-in's answer to a refresh token, which it repeats; memory as with
/// `token_json`.
[[nodiscard]] std::string dropin_access_json(core::token_view const& token,
                                             secret const& refresh_token);

/// The body of the drop-in's answer, in the upstream's shape; memory as with `token_json`.
/// @param expires_in_max  Caps the life that is told, so that clients come back soon enough.
[[nodiscard]] std::string dropin_token_json(core::token_view const& token, duration expires_in_max,
                                            moment const& at);

/// All that is shown of an instance: what the engine knows, and its authorization codes.
struct shown_instance {
  core::instance_view seen;
  std::vector<service::code_view> codes;
};

/// An instance, as `GET /v1/instances/{id}` shows it.
[[nodiscard]] std::string view_json(shown_instance const& shown, std::string_view app,
                                    moment const& at);

/// A page of instances; `next_cursor` is a string, or null at the end.
[[nodiscard]] std::string page_json(std::vector<shown_instance> const& page,
                                    std::optional<std::uint64_t> next, std::string_view app,
                                    moment const& at);

/// What the upstream says of a token, types normalised.
[[nodiscard]] std::string token_info_json(service::token_info const& info);

/// Reads an instance state as `view_json` prints it.
[[nodiscard]] std::optional<core::instance_state> parse_state(std::string_view text) noexcept;

}  // namespace wixtokend::api
