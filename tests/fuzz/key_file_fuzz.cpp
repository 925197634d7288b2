// Any text as a key file: never a crash; keys are whole, different and not too many, whatever the
// ends of the lines; what is wrong is told in a short line without any of the text.
#include "base/base64url.hpp"
#include "store/key_ring.hpp"
#include "support/fuzzing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace wixtokend;
using test::require;

namespace {

// Stands for a secret in a wrong place: no text of ours has it.
constexpr std::string_view planted = "Zq7";

// The keys as a file; empty for a text without usable ones.
std::string keys_in(std::string_view text) {
  auto const parsed = store::parse_keys(secret{text});
  if (auto const* const wrong = std::get_if<store::key_error>(&parsed)) {
    require(!wrong->text.empty() && wrong->text.size() <= 200);
    require(wrong->text.find(planted) == std::string::npos);
    require(std::ranges::all_of(wrong->text, [](char c) { return c >= ' ' && c <= '~'; }));
    return {};
  }
  auto const& ring = std::get<store::key_ring>(parsed);
  require(!ring.all().empty() && ring.all().size() <= store::keys_max);
  require(&ring.first() == &ring.all().front());
  std::string out;
  for (auto const& key : ring.all()) {
    require(key.bytes.size() == 32 && ring.find(key.id) == &key);  // so no id is there twice
    out.append("wixtokend-key-1:").append(base64url_encode(key.bytes.reveal())).append("\n");
  }
  return out;
}

std::string with_other_line_ends(std::string_view text) {
  std::string out = "# a comment\r\n";
  for (char const c : text) out.append(c == '\n' ? " \t\r\n" : std::string(1, c));
  return out.append("\n\n#\n");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = test::as_text(data, size);
  auto const keys = keys_in(text);
  require(keys_in(with_other_line_ends(text)) == keys);
  if (!keys.empty()) require(keys_in(keys) == keys);
  return 0;
}
