#include "http/body_reader.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::http;

namespace {

constexpr std::size_t size_max = 20;
constexpr std::size_t line_bytes_max = 30;

body_reader make(framing how, std::uint64_t size = 0) {
  return body_reader{how, size, size_max, line_bytes_max};
}

// Byte by byte, as the worst of connections does it.
error_code dribble(body_reader& reader, std::string_view bytes) {
  std::string left_over;
  for (char const c : bytes) {
    left_over.push_back(c);
    auto const taken = reader.feed(left_over);
    if (!taken.has_value()) return taken.error();
    left_over.erase(0, *taken);
  }
  return {};
}

error_code error_of_chunks(std::string_view bytes) {
  auto whole = make(framing::chunked);
  auto const taken = whole.feed(bytes);
  auto const verdict = taken.has_value() ? error_code{} : taken.error();
  auto dribbling = make(framing::chunked);
  CHECK(dribble(dribbling, bytes) == verdict);
  return verdict;
}

}  // namespace

TEST_SUITE("http.body_reader") {
  TEST_CASE("no body is complete from the beginning and takes nothing") {
    auto none = make(framing::none);
    CHECK(none.complete());
    CHECK(none.feed("next").value() == 0);
    CHECK(none.take().empty());
    CHECK(body_reader{}.complete());
    CHECK(make(framing::length, 0).complete());
  }

  TEST_CASE("a body with a length takes exactly that") {
    auto reader = make(framing::length, 5);
    CHECK(reader.feed("abc").value() == 3);
    CHECK_FALSE(reader.complete());
    CHECK_FALSE(reader.end_of_stream());
    CHECK(reader.feed("defgh").value() == 2);
    CHECK(reader.complete());
    CHECK(reader.take() == "abcde");
  }

  TEST_CASE("a length over the limit is refused before the first byte") {
    CHECK(make(framing::length, size_max + 1).feed("").error() == errc::body_too_large);
    auto most = make(framing::length, size_max);
    CHECK(most.feed(std::string(size_max, 'x')).value() == size_max);
    CHECK(most.complete());
  }

  TEST_CASE("a body up to the end of the stream ends there, within the limit") {
    auto reader = make(framing::until_close);
    CHECK(reader.feed("ab").value() == 2);
    CHECK_FALSE(reader.complete());
    CHECK(reader.end_of_stream());
    CHECK(reader.take() == "ab");
    auto large = make(framing::until_close);
    CHECK(large.feed(std::string(size_max, 'x')).value() == size_max);
    CHECK(large.feed("x").error() == errc::body_too_large);
  }

  TEST_CASE("chunks are put together, extensions and trailer dropped") {
    std::string_view const text =
        "3\r\nabc\r\n00A ; a=\"b\"\t;c\r\n0123456789\r\n0;x\r\nA: b\r\n\r\n";
    auto whole = make(framing::chunked);
    CHECK(whole.feed(std::string{text} + "next").value() == text.size());
    CHECK(whole.complete());
    CHECK(whole.take() == "abc0123456789");
    auto dribbled = make(framing::chunked);
    CHECK_FALSE(dribble(dribbled, text));
    CHECK(dribbled.complete());
    CHECK(dribbled.take() == "abc0123456789");
  }

  TEST_CASE("an empty chunked body may arrive in any pieces") {
    auto reader = make(framing::chunked);
    CHECK_FALSE(dribble(reader, "0\r\n\r\n"));
    CHECK(reader.complete());
    CHECK(reader.take().empty());
  }

  TEST_CASE("a chunk line that is not a hexadecimal number is malformed") {
    for (auto const* const text :
         {"\r\n", "x\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1 1\r\n", "1\n",
          "1;a\x01\r\n", "1;a\rb\r\n", "11111111111111111\r\n"}) {
      CAPTURE(std::string{text});
      CHECK(error_of_chunks(text) == errc::malformed_message);
    }
  }

  TEST_CASE("a chunk that is longer or shorter than announced is malformed") {
    CHECK(error_of_chunks("1\r\nab\r\n") == errc::malformed_message);
    CHECK(error_of_chunks("3\r\nab\r\n0\r\n\r\n") == errc::malformed_message);
    CHECK(error_of_chunks("1\r\na\n") == errc::malformed_message);
  }

  TEST_CASE("the limit holds for all chunks together") {
    CHECK_FALSE(error_of_chunks("A\r\n0123456789\r\nA\r\n0123456789\r\n"));
    CHECK(error_of_chunks("A\r\n0123456789\r\nB\r\n") == errc::body_too_large);
    CHECK(error_of_chunks("FFFFFFFFFFFFFFFF\r\n") == errc::body_too_large);
  }

  TEST_CASE("a chunk line and a trailer without end are too large") {
    CHECK(error_of_chunks("1;" + std::string(line_bytes_max, 'x')) == errc::header_too_large);
    CHECK(error_of_chunks("0\r\nA: " + std::string(line_bytes_max, 'x')) == errc::header_too_large);
    std::string many = "0\r\n";
    for (int i = 0; i < 6; ++i) many += "A: b\r\n";
    CHECK(error_of_chunks(many) == errc::header_too_large);
    CHECK(error_of_chunks("0\r\nA: b\n") == errc::malformed_message);
  }

  TEST_CASE("a line that cannot end within its limit any more is refused before another byte") {
    auto const with = [](std::size_t size) { return "1;" + std::string(size - 2, 'x'); };
    CHECK_FALSE(error_of_chunks(with(line_bytes_max - 2) + "\r\n"));
    CHECK_FALSE(error_of_chunks(with(line_bytes_max - 1)));
    CHECK(error_of_chunks(with(line_bytes_max)) == errc::header_too_large);
  }

  TEST_CASE("a body that is handed out is the same in any pieces, has no limit, and is not kept") {
    std::string const data(size_max * 3, 'x');
    std::string const text = "A;x\r\n0123456789\r\n3C\r\n" + data + "\r\n0\r\nA: b\r\n\r\n";
    for (std::size_t size = 1; size <= text.size(); ++size) {
      body_reader reader{framing::chunked, 0, body_reader::unlimited, line_bytes_max};
      std::string left_over;
      std::string seen;
      for (std::size_t at = 0; at < text.size(); at += size) {
        left_over += text.substr(at, size);
        for (;;) {
          auto const piece = reader.next(left_over);
          REQUIRE(piece.has_value());
          seen += piece->data;
          bool const last = piece->data.empty();
          left_over.erase(0, piece->taken);
          if (last) break;
        }
      }
      CHECK(reader.complete());
      CHECK(left_over.empty());
      CHECK(seen == "0123456789" + data);
      CHECK(reader.take().empty());
    }
  }

  TEST_CASE("what is handed out stands at the end of what was taken") {
    body_reader reader{framing::chunked, 0, body_reader::unlimited, line_bytes_max};
    std::string_view const text = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nnext";
    auto const first = reader.next(text).value();
    CHECK(first.data == "abc");
    CHECK(first.taken == 6);
    auto const second = reader.next(text.substr(6)).value();
    CHECK(second.data == "de");
    CHECK(second.taken == 7);
    auto const end = reader.next(text.substr(13)).value();
    CHECK(end.data.empty());
    CHECK(end.taken == 7);
    CHECK(reader.complete());
    CHECK(reader.next("next").value().taken == 0);
    body_reader sized{framing::length, 4, body_reader::unlimited, line_bytes_max};
    CHECK(sized.next("abcdef").value().data == "abcd");
    CHECK(sized.complete());
  }

  TEST_CASE("an unfinished chunked body is not completed by the end of the stream") {
    std::string_view const text = "1\r\na\r\n0\r\n\r\n";
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
      auto reader = make(framing::chunked);
      CHECK(reader.feed(text.substr(0, cut)).has_value());
      CHECK_FALSE(reader.end_of_stream());
    }
  }
}
