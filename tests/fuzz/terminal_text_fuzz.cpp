// Any bytes on their way through `wixtoken`: on a terminal they steer nothing, take the room that
// they were given, and are escaped once only; as a line of an import they stay one line.
#include "base/text.hpp"
#include "cli/import_lines.hpp"
#include "cli/printable.hpp"
#include "support/fuzzing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace wixtokend;
using test::require;

namespace {

void check_printable(std::string_view text) {
  auto const shown = cli::printable(text);
  require(is_utf8(shown));
  for (char const c : shown) {
    auto const byte = static_cast<unsigned char>(c);
    require(byte >= 0x20 && byte != 0x7f);
  }
  require(shown.find("\xc2\x9b") == std::string::npos);  // CSI
  require(shown.find("\u202e") == std::string::npos);    // from right to left
  require(cli::printable(shown) == shown);
  for (std::size_t const columns : {0U, 1U, 2U, 7U, 40U}) {
    auto const part = cli::cut(shown, columns);
    require(is_utf8(part) && cli::columns_of(part) <= columns);
    require(cli::columns_of(cli::padded(part, columns)) == columns);
  }
}

void check_line(std::string_view text) {
  std::string batch;
  auto const kind = cli::append_line(text.substr(0, text.find('\n')), batch);
  require((kind == cli::line_kind::nothing) == batch.empty());
  if (batch.empty()) return;
  require(std::count(batch.begin(), batch.end(), '\n') == 1 && batch.back() == '\n');
  require(batch.front() == '{');
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = test::as_text(data, size);
  check_printable(text);
  check_line(text);
  return 0;
}
