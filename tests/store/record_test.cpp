#include "store/record.hpp"

#include <doctest/doctest.h>

namespace wixtokend::store {
namespace {

TEST_SUITE("store.record") {
  TEST_CASE("what was put together is taken apart the same, also when the buffer grew") {
    record_writer into;
    auto const long_text = std::string(5000, 'x');
    into.byte(7).number(UINT64_MAX).signed_number(INT64_MIN).text("").text(long_text).number(1);
    auto const made = into.copy();
    record_reader from{made.reveal()};
    CHECK(from.byte() == 7);
    CHECK(from.number() == UINT64_MAX);
    CHECK(from.signed_number() == INT64_MIN);
    CHECK(from.text().empty());
    CHECK(from.text() == long_text);
    CHECK_FALSE(from.ended());
    CHECK(from.number() == 1);
    CHECK(from.ended());
  }

  TEST_CASE("a value that is out of its range ends the reading as the end does") {
    record_writer into;
    into.byte(2).number(70'000).text("abc").byte(1);
    auto const made = into.copy();
    record_reader good{made.reveal()};
    CHECK(good.byte() == 2);
    CHECK(good.number_up_to(70'000) == 70'000);
    CHECK(good.text_of(3) == "abc");
    CHECK(good.truth());
    CHECK(good.ended());

    record_reader no_truth{made.reveal()};
    CHECK_FALSE(no_truth.truth());
    CHECK_FALSE(no_truth.ok());
    record_reader too_large{made.reveal().substr(1)};
    CHECK(too_large.number_up_to(69'999) == 0);
    CHECK_FALSE(too_large.ok());
    record_reader other_size{made.reveal().substr(9)};
    CHECK(other_size.text_of(2).empty());
    CHECK_FALSE(other_size.ok());
  }

  TEST_CASE("the bytes are little-endian") {
    record_writer into;
    into.number(0x0102).text("ab");
    CHECK(into.copy() == secret{std::string_view{"\2\1\0\0\0\0\0\0\2\0\0\0ab", 14}});
  }

  TEST_CASE("beyond the end everything is zero, and that shows") {
    record_writer into;
    into.text("abc");
    auto const made = into.copy();
    for (std::size_t size = 0; size < made.size(); ++size) {
      record_reader from{made.reveal().substr(0, size)};
      CHECK(from.text().empty());
      CHECK_FALSE(from.ok());
      CHECK(from.number() == 0);
      CHECK_FALSE(from.ended());
    }
  }
}

}  // namespace
}  // namespace wixtokend::store
