#include "wixtoken/error.hpp"

#include <boost/throw_exception.hpp>

#include <utility>

namespace wixtoken {

char const* to_string(error_kind kind) noexcept {
  switch (kind) {
    using enum error_kind;
    case unreachable: return "unreachable";
    case no_permission: return "no_permission";
    case not_trusted: return "not_trusted";
    case timed_out: return "timed_out";
    case connection_lost: return "connection_lost";
    case protocol: return "protocol";
    case invalid: return "invalid";
    case denied: return "denied";
    case unknown: return "unknown";
    case conflict: return "conflict";
    case refused_by_wix: return "refused_by_wix";
    case unavailable: return "unavailable";
  }
  return "";
}

failure::failure(error why)
    : std::runtime_error{why.code + ": " + why.description}, why_{std::move(why)} {}

void throw_exception_from_error(error const& why, boost::source_location const& where) {
  boost::throw_exception(failure{why}, where);
}

}  // namespace wixtoken
