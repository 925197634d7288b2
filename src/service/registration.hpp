#pragma once
// What a caller may ask of an instance's registration, and what comes of it, as values.

#include "base/secret.hpp"
#include "core/upstream.hpp"
#include "service/state_store.hpp"

#include <cstdint>
#include <optional>

namespace wixtokend::service {

/// How a caller wants an instance's tokens to be obtained.
struct registration {
  std::optional<core::grant> how;  ///< nothing: registered if unknown, an existing grant stays
  secret credential;               ///< the refresh token, or the authorization code
  bool replace = false;            ///< a stored refresh token may be replaced
};

/// One authorization code of an instance, as it may be shown.
struct code_view {
  code_outcome outcome = code_outcome::pending;
  instant deadline{};  ///< pending: when its time is over; else when this is forgotten
  std::optional<core::failure> why;
};

/// What a registration came to. All but the first two changed nothing that is kept.
enum class registration_outcome : std::uint8_t {
  added,           ///< it was not registered before
  known,           ///< it was; the request holds now
  grant_conflict,  ///< another refresh token is stored, and `replace` was not asked for
  store_required,  ///< legacy grants need a store on a persistent file system
  too_many_codes,  ///< several codes of the instance wait for their exchange already
  full,            ///< there is no room for another instance
  store_failed,    ///< it could not be written: it may hold until a restart, but not longer
};

}  // namespace wixtokend::service
