#include "base/instance_id.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <unordered_set>

using namespace wixtokend;

namespace {

constexpr std::string_view text = "01234567-89ab-cdef-0123-456789abcdef";

instance_id id_of(std::string_view from) {
  return instance_id::parse(from).value();
}

}  // namespace

TEST_SUITE("base.instance_id") {
  TEST_CASE("a GUID is read in either case and printed in lower case") {
    CHECK(id_of(text).to_string() == text);
    CHECK(id_of("01234567-89AB-CDEF-0123-456789ABCDEF") == id_of(text));
    CHECK(id_of("01234567-89aB-CdEf-0123-456789AbCdEf").to_string() == text);
  }

  TEST_CASE("the bytes are those of the text, in its order") {
    auto const bytes = id_of(text).bytes();
    CHECK(bytes[0] == 0x01);
    CHECK(bytes[4] == 0x89);
    CHECK(bytes[7] == 0xef);
    CHECK(bytes[15] == 0xef);
  }

  TEST_CASE("the default is the nil GUID") {
    CHECK(instance_id{}.to_string() == "00000000-0000-0000-0000-000000000000");
    CHECK(instance_id{} == id_of("00000000-0000-0000-0000-000000000000"));
  }

  TEST_CASE("anything but 36 characters of the form is refused") {
    for (std::string const bad :
         {"", "01234567-89ab-cdef-0123-456789abcde", "01234567-89ab-cdef-0123-456789abcdef0",
          "{01234567-89ab-cdef-0123-456789abcdef}", "0123456789abcdef0123456789abcdef",
          "01234567-89ab-cdef-0123_456789abcdef", "01234567-89ab-cdef-0123-456789abcdeg",
          "0123456-789ab-cdef-0123-456789abcdef", " 1234567-89ab-cdef-0123-456789abcdef",
          "01234567-89ab-cdef-0123-456789abcde\n", "0x234567-89ab-cdef-0123-456789abcdef"}) {
      CAPTURE(bad);
      CHECK(instance_id::parse(bad).error() == errc::invalid_instance_id);
    }
  }

  TEST_CASE("every single wrong character is noticed, wherever it stands") {
    for (std::size_t i = 0; i < text.size(); ++i) {
      for (char const wrong : {'g', 'G', '/', ':', '@', '`', '\0', '\x7f', '\xff'}) {
        std::string bad{text};
        bad[i] = wrong;
        CHECK_FALSE(instance_id::parse(bad).has_value());
      }
    }
  }

  TEST_CASE("keys differ by app and by instance, and are ordered") {
    instance_key const first{app_number{0}, id_of(text)};
    instance_key const second{app_number{1}, id_of(text)};
    instance_key const third{app_number{1}, instance_id{}};
    CHECK(first != second);
    CHECK(first < second);
    CHECK(third < second);
    CHECK(std::set{first, second, third, first}.size() == 3);
  }

  TEST_CASE("equal keys hash alike; similar ones do not collide, nor share low bits") {
    CHECK(hash_value({app_number{7}, id_of(text)}) == hash_value({app_number{7}, id_of(text)}));
    std::unordered_set<std::size_t> hashes;
    std::unordered_set<std::size_t> buckets;
    for (std::uint16_t app = 0; app < 4; ++app) {
      for (int i = 0; i < 256; ++i) {
        std::string digits = "00";
        digits[0] = "0123456789abcdef"[i / 16];
        digits[1] = "0123456789abcdef"[i % 16];
        for (auto const& id :
             {digits + std::string{text.substr(2)}, std::string{text.substr(0, 34)} + digits}) {
          auto const hash = std::hash<instance_key>{}({app_number{app}, id_of(id)});
          hashes.insert(hash);
          buckets.insert(hash % 65536);
        }
      }
    }
    CHECK(hashes.size() == 4 * 511);  // both loops make `text` itself once
    CHECK(buckets.size() > 1900);     // a perfect hash gives about 2012
  }
}
