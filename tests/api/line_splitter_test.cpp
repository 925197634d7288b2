#include "api/line_splitter.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::api {
namespace {

constexpr std::size_t line_bytes_max = 10;

// All lines of a text that comes in pieces of a size: "[a][b]", and "[!]" for one that is too
// large.
std::string split(std::string_view text, std::size_t piece_size) {
  line_splitter lines{line_bytes_max};
  std::string out;
  auto const show = [&](line_splitter::line const& one) {
    out += '[' + (one.too_large ? std::string{"!"} : std::string{one.text}) + ']';
  };
  while (!text.empty()) {
    // A copy that ends with the piece: nothing may look at it afterwards.
    std::string const piece{text.substr(0, piece_size)};
    text.remove_prefix(piece.size());
    lines.feed(piece);
    while (auto const line = lines.next()) show(*line);
  }
  if (auto const last = lines.rest()) show(*last);
  CHECK(!lines.rest().has_value());
  return out;
}

void check_split(std::string_view text, std::string const& expected) {
  for (std::size_t piece = 1; piece <= text.size() + 1; ++piece) {
    CHECK_MESSAGE(split(text, piece) == expected, piece);
  }
}

}  // namespace

TEST_SUITE("api.line_splitter") {
  TEST_CASE("lines are the same however the text is cut") {
    check_split("", "");
    check_split("a", "[a]");
    check_split("a\n", "[a]");
    check_split("a\nbc\n\ndef", "[a][bc][][def]");
    check_split("\n\n", "[][]");
  }

  TEST_CASE("a carriage return belongs to the line's end, anywhere else to the line") {
    check_split("a\r\nb\r\n\r\n", "[a][b][]");
    check_split("a\rb\r", "[a\rb]");
    check_split("a\r\r\n", "[a\r]");
  }

  TEST_CASE("a line may be as large as the limit, and the end is not counted") {
    check_split("0123456789\n0123456789\r\n0123456789", "[0123456789][0123456789][0123456789]");
    check_split("0123456789\r", "[0123456789]");
  }

  TEST_CASE("a line that is larger is told as such, and the next one is read") {
    check_split("0123456789a\nb\n", "[!][b]");
    check_split("0123456789a\r\n0123456789\n", "[!][0123456789]");
    check_split("0123456789\r\r\n", "[!]");
    check_split(std::string(100, 'x') + "\na", "[!][a]");
    check_split("a\n" + std::string(100, 'x'), "[a][!]");
  }
}

}  // namespace wixtokend::api
