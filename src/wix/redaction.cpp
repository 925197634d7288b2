#include "wix/redaction.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace wixtokend::wix {
namespace {

constexpr std::string_view mask = "[redacted]";

// Up to eight bytes as a number, letters in lower case, so that runs compare at once.
std::uint64_t folded(std::uint64_t run, char c, std::size_t size) noexcept {
  auto const lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  run = (run << 8U) | static_cast<unsigned char>(lower);
  return size == masked_run_min ? run : run & ((std::uint64_t{1} << (8 * size)) - 1);
}

// Calls `found(run, its first byte)` for each run of `size` bytes.
template <class Found>
void each_run(std::string_view text, std::size_t size, Found found) {
  std::uint64_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    run = folded(run, text[i], size);
    if (i + 1 >= size) found(run, i + 1 - size);
  }
}

// Which bytes of `text` belong to a piece of a secret. The text is short and the secret may be
// long: the runs of the text are looked up, so that no copy of a secret is made.
std::vector<bool> find_pieces(std::string_view text, std::span<std::string_view const> hidden) {
  std::vector<bool> found(text.size(), false);
  for (auto const secret : hidden) {
    auto const size = std::min(secret.size(), masked_run_min);
    if (size == 0) continue;
    std::vector<std::pair<std::uint64_t, std::size_t>> runs;
    each_run(text, size, [&](std::uint64_t run, std::size_t at) { runs.emplace_back(run, at); });
    std::ranges::sort(runs);
    each_run(secret, size, [&](std::uint64_t run, std::size_t) {
      auto const by_run = [](auto const& one) { return one.first; };
      auto const first = std::ranges::lower_bound(runs, run, {}, by_run);
      auto last = first;
      for (; last != runs.end() && last->first == run; ++last) {
        for (auto i = last->second; i < last->second + size; ++i) found[i] = true;
      }
      runs.erase(first, last);  // each is marked once, however often it recurs
    });
  }
  return found;
}

static_assert(masked_run_min == sizeof(std::uint64_t));

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
