// Any bytes as an HTTP response: never a crash; what is accepted respects the limits.
#include "http/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace wixtokend;

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view input{reinterpret_cast<char const*>(data), size};
  http::response_decoder decoder{{1024, 512}};
  auto const taken = decoder.feed(input);
  if (!taken.has_value()) return 0;
  if (*taken > size) std::abort();
  if (!decoder.complete() && !decoder.finish().has_value()) return 0;
  auto const message = decoder.take();
  if (message.body.size() > 512 || message.status < 200 || message.status > 999) std::abort();
  return 0;
}
