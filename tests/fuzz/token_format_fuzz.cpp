// Any token, and any payload in the right envelope: never a crash, only claims within their range.
#include "support/wix_samples.hpp"
#include "wix/token_format.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace wixtokend;

namespace {

void decode(std::string_view token) {
  auto const claims = wix::decode_token(token);
  if (!claims.has_value()) return;
  if (claims->issued_at.value_or(0) < 0 || claims->expires_at.value_or(0) < 0) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes{reinterpret_cast<char const*>(data), size};
  decode(bytes);
  decode(test::token_with_payload(bytes));
  return 0;
}
