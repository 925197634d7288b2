#pragma once
// An access token as the daemon hands it out, and what a caller may demand of it.

#include "wixtoken/secret.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace wixtoken {

/// What is asked of a token.
struct needs {
  /// The token must be usable for so long. At most half of its usual life.
  std::chrono::seconds min_valid{0};

  /// How long the call may take in all; the daemon waits for a token within it. Unset:
  /// `options::timeout`.
  std::optional<std::chrono::milliseconds> timeout{};

  /// False: what is not there at once is an error; it is obtained in the background all the same.
  bool wait = true;
};

/// How a token came to be answered.
enum class cache_status : std::uint8_t {
  hit,        ///< it was there
  miss,       ///< it was obtained because of this call
  coalesced,  ///< it was being obtained already
  stale,      ///< usable, but it was reported as refused, or its refresh is failing
};

[[nodiscard]] char const* to_string(cache_status status) noexcept;

/// A usable token. Ask for it before each call to Wix; that is cheaper than keeping it right.
struct access_token {
  secret text;
  std::string instance_id;
  std::uint64_t generation = 0;  ///< rises with each new token of the instance
  cache_status cache = cache_status::hit;
  std::chrono::seconds expires_in{0};      ///< for how long it may be used, from the answer on
  std::int64_t expires_at = 0;             ///< the same as a date; all dates are Unix seconds
  std::int64_t upstream_expires_at = 0;    ///< when it ends at Wix
  std::optional<std::int64_t> refresh_at;  ///< a newer one can be had from then on

  /// The value of an `Authorization` header: `Bearer …`.
  [[nodiscard]] secret authorization() const;
};

}  // namespace wixtoken
