#include "daemon/version.hpp"

namespace wixtokend::daemon {

std::string_view version() noexcept {
  return WIXTOKEND_VERSION;  // defined by src/CMakeLists.txt
}

}  // namespace wixtokend::daemon
