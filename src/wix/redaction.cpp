#include "wix/redaction.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <vector>

namespace wixtokend::wix {
namespace {

constexpr std::string_view mask = "[redacted]";

bool occurs_in(std::string_view secret, std::string_view run) noexcept {
  for (std::size_t at = 0; at + run.size() <= secret.size(); ++at) {
    if (equal_ignoring_case(secret.substr(at, run.size()), run)) return true;
  }
  return false;
}

// Which bytes of `text` belong to a piece of a secret.
std::vector<bool> find_pieces(std::string_view text, std::span<std::string_view const> hidden) {
  std::vector<bool> found(text.size(), false);
  for (auto const secret : hidden) {
    auto const run = std::min(secret.size(), masked_run_min);
    for (std::size_t at = 0; at + run <= text.size(); ++at) {
      if (!occurs_in(secret, text.substr(at, run))) continue;
      for (auto i = at; i < at + run; ++i) found[i] = true;
    }
  }
  return found;
}

// What stands for a byte: one `?` for each character outside of ASCII.
void append_printable(std::string& text, char c) {
  auto const byte = static_cast<unsigned char>(c);
  bool const continues_character = (byte & 0xc0U) == 0x80U;
  if (byte < 0x20 || byte == 0x7f) {
    text.push_back(' ');
  } else if (byte < 0x80) {
    text.push_back(c);
  } else if (!continues_character) {
    text.push_back('?');
  }
}

}  // namespace

std::string presentable(std::string_view text, std::size_t size_max,
                        std::span<std::string_view const> hidden) {
  // A piece may begin before the cut and end behind it: look as far as it takes to see it.
  auto const seen = text.substr(0, size_max + masked_run_min - 1);
  auto const piece = find_pieces(seen, hidden);

  std::string shown;
  shown.reserve(size_max + mask.size());
  for (std::size_t i = 0; i < std::min(seen.size(), size_max); ++i) {
    if (!piece[i]) {
      append_printable(shown, seen[i]);
    } else if (i == 0 || !piece[i - 1]) {
      shown += mask;
    }
  }
  if (shown.size() > size_max) shown.resize(size_max);
  return shown;
}

}  // namespace wixtokend::wix
