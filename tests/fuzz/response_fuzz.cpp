// Any bytes as an HTTP response: never a crash; what is accepted respects the limits, however it is
// cut into pieces; what was read can be written, at once or in chunks, and is the same then.
// Input: the bytes; behind the last 0xff the sizes of the pieces, and of the chunks.
#include "base/text.hpp"
#include "http/codec.hpp"
#include "support/fuzzing.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

using namespace wixtokend;
using test::require;

namespace {

constexpr http::limits bounds{1024, 512};

// Up to the end of the stream.
std::optional<http::response> decode(std::string_view bytes, test::piece_sizes sizes,
                                     http::limits within) {
  http::response_decoder decoder{within};
  std::string pending;
  while (!bytes.empty() && !decoder.complete()) {
    pending.append(sizes.take_from(bytes));
    auto const taken = decoder.feed(pending);
    if (!taken.has_value()) return std::nullopt;
    require(*taken <= pending.size());
    pending.erase(0, *taken);
    require(decoder.complete() || pending.size() <= within.header_bytes_max);
  }
  if (!decoder.complete() && !decoder.finish().has_value()) return std::nullopt;
  require(decoder.complete());
  return decoder.take();
}

bool is_framing(std::string_view name) {
  return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection") ||
         equal_ignoring_case(name, "Transfer-Encoding");
}

// The fields that are not the codec's own business, one a line.
std::string fields_of(http::response const& message) {
  std::string out;
  for (auto const& [name, value] : message.headers) {
    if (!is_framing(name)) out.append(name).append(": ").append(value).append("\n");
  }
  return out;
}

bool same(http::response const& left, http::response const& right) {
  return left.status == right.status && left.body == right.body &&
         left.keep_alive == right.keep_alive && fields_of(left) == fields_of(right);
}

std::string written_in_chunks(http::response const& message, test::piece_sizes sizes) {
  auto out = http::encode_head(message, http::framing::chunked);
  for (std::string_view rest = message.body; !rest.empty();) {
    auto const chunk = sizes.take_from(rest);
    out.append(http::chunk_line(chunk.size())).append(chunk).append(http::chunk_end);
  }
  return out.append(http::last_chunk);
}

void check_writing(http::response const& read, test::cut_stream const& input) {
  constexpr http::limits wide{4096, 512};
  auto const again = decode(http::encode(read), input.pieces(), wide);
  require(again.has_value() && same(*again, read));
  if (read.status == 204 || read.status == 304) return;
  auto const chunked = decode(written_in_chunks(read, input.pieces()), input.pieces(), wide);
  require(chunked.has_value() && same(*chunked, read));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  test::cut_stream const input{test::as_text(data, size)};
  auto const whole = decode(input.bytes, input.whole(), bounds);
  for (auto const sizes : {test::piece_sizes{1}, test::piece_sizes{5}, input.pieces()}) {
    auto const cut = decode(input.bytes, sizes, bounds);
    require(cut.has_value() == whole.has_value());
    require(!cut.has_value() || same(*cut, *whole));
  }
  if (!whole.has_value()) return 0;
  require(whole->body.size() <= bounds.body_bytes_max);
  require(whole->status >= 200 && whole->status <= 999);
  check_writing(*whole, input);
  return 0;
}
