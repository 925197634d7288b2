#include "wixtoken/token.hpp"

#include <string>
#include <utility>

namespace wixtoken {

char const* to_string(cache_status status) noexcept {
  switch (status) {
    using enum cache_status;
    case hit: return "HIT";
    case miss: return "MISS";
    case coalesced: return "COALESCED";
    case stale: return "STALE";
  }
  return "";
}

secret access_token::authorization() const {
  constexpr std::string_view scheme = "Bearer ";
  std::string value;
  value.reserve(scheme.size() + text.size());
  value.append(scheme).append(text.reveal());
  return secret::take(std::move(value));
}

}  // namespace wixtoken
