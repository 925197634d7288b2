#include "cli/version.hpp"

namespace wixtokend::cli {

std::string_view version() noexcept {
  return WIXTOKEND_VERSION;  // defined by src/CMakeLists.txt
}

}  // namespace wixtokend::cli
