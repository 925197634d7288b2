#pragma once
// The knobs: how the emulator plays what is unknown about the upstream, and its limits.

#include "emulator/bad_json.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wixtokend::emulator {

/// How Token Info writes `active`, `exp` and `iat` (docs/upstream.md U-33).
enum class info_types : std::uint8_t {
  mixed,    ///< `true`, `"1715096067"`: what the generated types say
  native,   ///< `true`, `1715096067`
  strings,  ///< `"true"`, `"1715096067"`: the documented example
};

/// Each member is a setting of that name in the control API. The defaults are those of section 12
/// of docs/upstream.md.
struct settings {
  std::uint32_t expires_in = 14400;        ///< seconds, 1 to 10 years (U-14, U-90)
  std::uint32_t legacy_expires_in = 300;   ///< seconds; never told in the reply (U-25)
  std::uint32_t token_size = 720;          ///< bytes, 640 to 1,500 (U-37)
  std::uint32_t legacy_token_size = 1200;  ///< bytes, 640 to 8,192 (U-30)
  std::uint32_t latency_ms_min = 0;        ///< each reply waits a time drawn from min to max
  std::uint32_t latency_ms_max = 0;
  std::uint32_t bad_secret_status = 401;        ///< or 400 (U-84)
  std::uint32_t removed_instance_status = 404;  ///< or 400, 401 with `invalid_grant` (U-85)
  std::uint32_t inactive_token_status = 200;    ///< or 400 (U-89)
  std::uint32_t rate_limit_per_minute = 0;      ///< requests of one instance; 0: no limit (U-88)
  std::uint32_t idle_close_seconds = 300;       ///< an idle connection is closed after that
  info_types token_info_types = info_types::mixed;
  bool instances_listed_only = false;   ///< only instances that were installed exist
  bool revoke_on_uninstall = false;     ///< removing an instance kills its tokens (U-86)
  bool rate_limit_retry_after = false;  ///< 429 of the rate limit carries `Retry-After` (U-88)
  bool rotate_refresh_tokens = false;   ///< each refresh brings another, the old one dies (U-116)
  bool send_date = true;                ///< replies carry `Date`, in virtual time

  friend bool operator==(settings const&, settings const&) = default;
};

/// Takes over the members of a JSON object; the others stay as in `before`. An unknown member, a
/// wrong type, a value out of range or min over max refuses the whole.
[[nodiscard]] parsed<settings> changed_settings(settings const& before, std::string_view text);

/// All of them as a JSON object.
[[nodiscard]] std::string to_json(settings const& values);

}  // namespace wixtokend::emulator
