#include "api/wiped_buffer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace wixtokend::api {

TEST_SUITE("api.wiped_buffer") {
  TEST_CASE("bytes leave in the order in which they came") {
    wiped_buffer buffer;
    CHECK(buffer.empty());
    buffer.append("hello ");
    buffer.append("world");
    CHECK(buffer.view() == "hello world");
    buffer.consume(6);
    CHECK(buffer.view() == "world");
    buffer.append("!");
    CHECK(buffer.view() == "world!");
    buffer.clear();
    CHECK(buffer.empty());
    CHECK(buffer.view().empty());
  }

  TEST_CASE("room that is prepared counts only when it is committed") {
    wiped_buffer buffer;
    auto const room = buffer.prepare(100);
    REQUIRE(room.size() == 100);
    std::memcpy(room.data(), "abc", 3);
    CHECK(buffer.empty());
    buffer.commit(3);
    CHECK(buffer.view() == "abc");
    buffer.commit(0);
    CHECK(buffer.view() == "abc");
  }

  TEST_CASE("what was taken is overwritten at once") {
    wiped_buffer buffer;
    buffer.append("secret and rest");
    auto const* const bytes = buffer.view().data();
    buffer.consume(6);
    CHECK(std::all_of(bytes, bytes + 6, [](char c) { return c == 0; }));
    CHECK(buffer.view() == " and rest");
    buffer.clear();
    CHECK(std::all_of(bytes, bytes + 15, [](char c) { return c == 0; }));
  }

  TEST_CASE("it grows over any number of steps and keeps what it holds") {
    wiped_buffer buffer;
    std::string expected;
    for (int i = 0; i < 3000; ++i) {
      auto const piece = std::to_string(i) + ",";
      buffer.append(piece);
      expected += piece;
      if (i % 3 == 0) {
        buffer.consume(2);
        expected.erase(0, 2);
      }
      REQUIRE(buffer.view() == expected);
    }
  }

  TEST_CASE("large memory goes back when the buffer is empty, small memory stays") {
    wiped_buffer buffer;
    buffer.append(std::string(1000, 'x'));
    buffer.clear();
    CHECK(buffer.capacity() != 0);
    buffer.append(std::string(wiped_buffer::kept_bytes_max + 1, 'x'));
    buffer.clear();
    CHECK(buffer.capacity() == 0);
    buffer.append("again");
    CHECK(buffer.view() == "again");
  }

  TEST_CASE("a steady flow does not make it grow") {
    wiped_buffer buffer;
    buffer.append("0123456789");
    for (int i = 0; i < 100'000; ++i) {
      buffer.append("0123456789");
      buffer.consume(10);
    }
    CHECK(buffer.capacity() < 1000);
  }
}

}  // namespace wixtokend::api
