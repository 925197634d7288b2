#include "cli/exit_code.hpp"

namespace wixtokend::cli {

exit_code exit_code_of(wixtoken::error_kind kind) noexcept {
  switch (kind) {
    using enum wixtoken::error_kind;
    case unreachable:
    case no_permission:
    case not_trusted: return exit_code::unreachable;
    case timed_out:
    case connection_lost:
    case unavailable: return exit_code::try_again;
    case protocol: return exit_code::protocol;
    case invalid: return exit_code::bad_data;
    case denied: return exit_code::denied;
    case unknown: return exit_code::unknown;
    case conflict: return exit_code::conflict;
    case refused_by_wix: return exit_code::refused_by_wix;
  }
  return exit_code::internal;
}

}  // namespace wixtokend::cli
