#include "store/sealing.hpp"

#include "store/store_error.hpp"

#include <doctest/doctest.h>

#include <set>

namespace wixtokend::store {
namespace {

key_ring ring_of(std::string const& text) {
  auto parsed = parse_keys(secret{text});
  REQUIRE(std::holds_alternative<key_ring>(parsed));
  return std::move(std::get<key_ring>(parsed));
}

std::string const one = "wixtokend-key-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
std::string const two = "wixtokend-key-1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n";

TEST_SUITE("store.sealing") {
  TEST_CASE("what was sealed opens, with the same associated data only") {
    auto const keys = ring_of(one);
    sealer seals{keys.first()};
    opener opens{keys};
    for (std::string const plain : {"", "x", "a refresh token", "0123456789abcdef"}) {
      auto const sealed = seals.seal(secret{plain}, "row");
      REQUIRE(sealed.has_value());
      CHECK(sealed->size() == plain.size() + seal_overhead);
      auto const opened = opens.open(*sealed, "row");
      REQUIRE(opened.has_value());
      CHECK(*opened == secret{plain});
      CHECK(opens.open(*sealed, "another row").error() == errc::seal_broken);
      CHECK(opens.open(*sealed, "").error() == errc::seal_broken);
    }
  }

  TEST_CASE("no changed bit, cut or addition goes unnoticed") {
    auto const keys = ring_of(one);
    sealer seals{keys.first()};
    opener opens{keys};
    auto const sealed = *seals.seal(secret{"secret text"}, "row");
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      auto changed = sealed;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      CHECK_FALSE(opens.open(changed, "row").has_value());
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
      CHECK(opens.open(sealed.substr(0, size), "row").error() == errc::seal_broken);
    }
    CHECK(opens.open(sealed + '\0', "row").error() == errc::seal_broken);
    CHECK(opens.open(sealed, "row").has_value());
  }

  TEST_CASE("another key does not open, an additional one does") {
    auto const old_keys = ring_of(one);
    sealer seals{old_keys.first()};
    auto const sealed = *seals.seal(secret{"text"}, "row");
    CHECK(key_id_of(sealed) == old_keys.first().id);
    auto const other = ring_of(two);
    CHECK(opener{other}.open(sealed, "row").error() == errc::unknown_key);
    auto const both = ring_of(two + one);
    CHECK(opener{both}.open(sealed, "row").has_value());
  }

  TEST_CASE("a data key seals so often and no more, and no nonce is used twice with it") {
    auto const keys = ring_of(one);
    sealer seals{keys.first(), 3};
    opener opens{keys};
    std::set<std::string> salts;
    std::set<std::string> heads;
    for (int i = 0; i < 10; ++i) {
      auto const sealed = *seals.seal(secret{"the same"}, "row");
      salts.insert(sealed.substr(9, 16));
      heads.insert(sealed.substr(0, 33));
      CHECK(opens.open(sealed, "row").has_value());
    }
    CHECK(salts.size() == 4);
    CHECK(heads.size() == 10);
  }

  TEST_CASE("two processes never share a data key") {
    auto const keys = ring_of(one);
    auto const first = *sealer{keys.first()}.seal(secret{"text"}, "row");
    auto const second = *sealer{keys.first()}.seal(secret{"text"}, "row");
    CHECK(first.substr(9, 16) != second.substr(9, 16));
    CHECK(first.substr(33) != second.substr(33));
  }

  TEST_CASE("more data keys than are kept ready") {
    auto const keys = ring_of(one);
    sealer seals{keys.first(), 1};
    opener opens{keys};
    std::vector<std::string> all;
    for (int i = 0; i < 1100; ++i) all.push_back(*seals.seal(secret{"text"}, "row"));
    for (auto const& sealed : all) REQUIRE(opens.open(sealed, "row").has_value());
    CHECK(opens.open(all.front(), "row").has_value());
  }
}

}  // namespace
}  // namespace wixtokend::store
