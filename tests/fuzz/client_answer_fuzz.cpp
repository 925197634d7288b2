// Any bytes as an answer to the C++ client: never a crash; the same answer however it is cut into
// pieces; whatever is read from it, a token is one that may go into a header line, and an error has
// a code. Input: the bytes; behind the last 0xff the sizes of the pieces.
#include "support/fuzzing.hpp"
#include "wixtoken/detail/answer_reader.hpp"
#include "wixtoken/detail/answers.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

using namespace wixtoken::detail;
using wixtokend::test::require;

namespace {

std::optional<answer> read(std::string_view bytes, wixtokend::test::piece_sizes sizes) {
  answer_reader reader;
  while (!bytes.empty()) {
    if (!reader.feed(sizes.take_from(bytes))) return std::nullopt;
  }
  if (!reader.complete() && !reader.finish()) return std::nullopt;
  return reader.take();
}

template <class T>
void check_error(wixtoken::result<T> const& read) {
  if (read.has_error()) require(!read.error().code.empty());
}

void check_token(answer const& got) {
  auto const token = read_token(got);
  check_error(token);
  if (token.has_error()) return;
  require(got.status >= 200 && got.status < 300 && !token->text.empty());
  for (char const c : token->text.reveal()) require(c > ' ' && c <= '~');
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  wixtokend::test::cut_stream const input{wixtokend::test::as_text(data, size)};
  auto const whole = read(input.bytes, input.whole());
  for (auto const sizes :
       {wixtokend::test::piece_sizes{1}, wixtokend::test::piece_sizes{5}, input.pieces()}) {
    auto const cut = read(input.bytes, sizes);
    require(cut.has_value() == whole.has_value());
    require(!cut || (cut->status == whole->status && cut->body == whole->body &&
                     cut->request_id == whole->request_id && cut->cache == whole->cache &&
                     cut->keep_alive == whole->keep_alive));
  }
  if (!whole) return 0;
  check_token(*whole);
  check_error(read_view(*whole));
  check_error(read_page(*whole));
  check_error(read_summary(*whole));
  check_error(read_done(*whole));
  check_error(read_version(*whole));
  check_error(read_status(*whole));
  check_error(read_readiness(*whole));
  return 0;
}
