#include "store/key_ring.hpp"

#include <doctest/doctest.h>

namespace wixtokend::store {
namespace {

constexpr auto one = "wixtokend-key-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
constexpr auto two = "wixtokend-key-1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

std::string problem(std::string const& text) {
  auto const parsed = parse_keys(secret{text});
  auto const* const wrong = std::get_if<key_error>(&parsed);
  return wrong == nullptr ? "" : wrong->text;
}

TEST_SUITE("store.key_ring") {
  TEST_CASE("a generated key can be read, and no two are the same") {
    auto const text = generate_key_text();
    auto const parsed = parse_keys(text);
    REQUIRE(std::holds_alternative<key_ring>(parsed));
    CHECK(std::get<key_ring>(parsed).first().bytes.size() == 32);
    CHECK(text.reveal().ends_with("\n"));
    CHECK_FALSE(text == generate_key_text());
  }

  TEST_CASE("the first key is the one in use; comments, blanks and empty lines are passed over") {
    auto const text = std::string{"# in use\r\n\n  "} + two + "\t\r\n# before\n" + one;
    auto const parsed = parse_keys(secret{text});
    REQUIRE(std::holds_alternative<key_ring>(parsed));
    auto const& ring = std::get<key_ring>(parsed);
    REQUIRE(ring.all().size() == 2);
    CHECK(ring.first().bytes == secret{std::string(32, '\1')});
    CHECK(ring.find(ring.all()[1].id) == &ring.all()[1]);
    CHECK(ring.find(key_id{}) == nullptr);
    CHECK(ring.all()[0].id != ring.all()[1].id);
  }

  TEST_CASE("a key's name is the same everywhere") {
    auto const parsed = parse_keys(secret{one});
    REQUIRE(std::holds_alternative<key_ring>(parsed));
    // HKDF-SHA256, no salt, info "wixtokend key id", of 32 zero bytes.
    CHECK(to_string(std::get<key_ring>(parsed).first().id) == "598637a13f6c9698");
  }

  TEST_CASE("what is wrong is said with its line, and without any of it") {
    CHECK(problem("") == "lists no key; `wixtokend keygen` makes one");
    CHECK(problem("# nothing\n\n") == "lists no key; `wixtokend keygen` makes one");
    CHECK(problem("\nhunter2") == "line 2 is not a key: it must begin with wixtokend-key-1:");
    CHECK(problem("wixtokend-key-1:!!!") ==
          "line 1 is not a key: what follows the colon is not base64url");
    CHECK(problem("wixtokend-key-1:AAAA") == "line 1 is not a key: it has 3 bytes instead of 32");
    CHECK(problem(std::string{one} + "\n" + one).starts_with("line 2 repeats the key "));
    CHECK(problem(std::string{one} + "=").starts_with("line 1 is not a key"));
  }

  TEST_CASE("there may be so many keys and no more") {
    std::string text;
    for (std::size_t i = 0; i < keys_max; ++i) text += generate_key_text().reveal();
    CHECK(problem(text).empty());
    text += generate_key_text().reveal();
    CHECK(problem(text) == "line 17 is one key too many: there may be 16");
  }
}

}  // namespace
}  // namespace wixtokend::store
