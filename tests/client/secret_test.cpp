#include "wixtoken/secret.hpp"

#include "wixtoken/token.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <type_traits>
#include <utility>

namespace wixtoken {
namespace {

TEST_SUITE("client.secret") {
  TEST_CASE("it prints as redacted, and is not copied by accident") {
    secret const kept{"abc"};
    std::ostringstream out;
    out << kept;
    CHECK(out.str() == "[redacted]");
    static_assert(!std::is_copy_constructible_v<secret> && !std::is_copy_assignable_v<secret>);
    CHECK(kept.copy().reveal() == "abc");
  }

  TEST_CASE("taking a text leaves none of it behind") {
    std::string text(100, 'x');
    auto const* const bytes = text.data();
    auto const taken = secret::take(std::move(text));
    CHECK(taken.size() == 100);
    CHECK(text.empty());  // NOLINT(bugprone-use-after-move): it says so
    CHECK(text.data() == bytes);
    for (std::size_t i = 0; i < 100; ++i) CHECK(bytes[i] == '\0');
  }

  TEST_CASE("moving empties the source, also onto itself") {
    secret first{"one"};
    secret second{"other"};
    second = std::move(first);
    CHECK(second.reveal() == "one");
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is the question
    auto& same = second;
    second = std::move(same);
    CHECK(second.reveal() == "one");
  }

  TEST_CASE("a token makes a ready header value") {
    access_token token;
    token.text = secret{"OauthNG.JWS.x"};
    CHECK(token.authorization().reveal() == "Bearer OauthNG.JWS.x");
  }
}

}  // namespace
}  // namespace wixtoken
