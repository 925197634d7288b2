#pragma once
// What fuzz targets share: how a broken property ends them, and how an input says where it is cut.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace wixtokend::test {

/// Ends the process with the line that a property was broken in.
inline void require(bool holds, char const* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: a property does not hold\n", file, line);
  std::abort();
}

/// The bytes that libFuzzer hands over.
inline std::string_view as_text(std::uint8_t const* data, std::size_t size) noexcept {
  return {reinterpret_cast<char const*>(data), size};
}

/// Sizes of the pieces that a stream comes in, over and over: always the same, or those of an
/// input.
class piece_sizes {
 public:
  explicit piece_sizes(std::size_t always) noexcept : always_{always} {}
  explicit piece_sizes(std::string_view sizes) noexcept : sizes_{sizes} {}

  /// At least 1.
  [[nodiscard]] std::size_t next() noexcept {
    if (sizes_.empty()) return always_;
    auto const size = static_cast<std::uint8_t>(sizes_[at_]);
    at_ = (at_ + 1) % sizes_.size();
    return size == 0 ? 1 : size;
  }

  /// Takes the next piece off the front of `rest`.
  [[nodiscard]] std::string_view take_from(std::string_view& rest) noexcept {
    auto const piece = rest.substr(0, next());
    rest.remove_prefix(piece.size());
    return piece;
  }

 private:
  std::string_view sizes_{};
  std::size_t at_ = 0;
  std::size_t always_ = 1;
};

/// A stream, and in what pieces it comes: behind the last byte 0xff of an input, which neither text
/// nor HTTP needs, each byte is the size of a piece.
struct cut_stream {
  explicit cut_stream(std::string_view input) noexcept : bytes{input} {
    auto const mark = input.rfind('\xff');
    if (mark == std::string_view::npos) return;
    bytes = input.substr(0, mark);
    sizes = input.substr(mark + 1);
  }

  [[nodiscard]] piece_sizes pieces() const noexcept { return piece_sizes{sizes}; }
  [[nodiscard]] piece_sizes whole() const noexcept { return piece_sizes{bytes.size() + 1}; }

  std::string_view bytes;
  std::string_view sizes{};
};

/// Numbers and texts off the front of an input; beyond its end all is zero.
class input_reader {
 public:
  explicit input_reader(std::string_view input) noexcept : rest_{input} {}

  [[nodiscard]] std::uint8_t byte() noexcept { return static_cast<std::uint8_t>(number(1)); }
  /// Little-endian.
  [[nodiscard]] std::uint64_t number(std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size && !rest_.empty(); ++i) {
      value |= std::uint64_t{static_cast<std::uint8_t>(rest_.front())} << (8 * i);
      rest_.remove_prefix(1);
    }
    return value;
  }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace wixtokend::test
