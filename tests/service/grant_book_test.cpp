#include "service/grant_book.hpp"

#include "support/engine_world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::key_of;

namespace {

constexpr app_number first_app{0};

service::grant_book new_book() {
  return service::grant_book{fingerprint_key{"of a test"}};
}

std::vector<instance_key> holders(service::grant_book const& book, std::string const& token,
                                  app_number app = first_app) {
  return book.holders_of(app, secret{token});
}

service::saved_grant grant_with(std::string const& token) {
  service::saved_grant grant;
  grant.refresh_token = secret{token};
  return grant;
}

}  // namespace

TEST_SUITE("service.grant_book") {
  TEST_CASE("a refresh token finds its instance, of its app only") {
    auto book = new_book();
    book.set_refresh_token(key_of(1), secret{"one"});
    book.set_refresh_token(key_of(2), secret{"two"});
    book.set_refresh_token(key_of(3, 1), secret{"of another app"});
    CHECK(holders(book, "one") == std::vector{key_of(1)});
    CHECK(holders(book, "two") == std::vector{key_of(2)});
    CHECK(holders(book, "of another app").empty());
    CHECK(holders(book, "of another app", app_number{1}) == std::vector{key_of(3, 1)});
    CHECK(holders(book, "On").empty());
    CHECK(holders(book, "").empty());
  }

  TEST_CASE("what is found follows each change of a refresh token") {
    auto book = new_book();
    instant const now{1h};
    service::code_digest const digest{7};
    auto const only = std::vector{key_of(1)};

    book.load(key_of(1), grant_with("loaded"));
    CHECK(holders(book, "loaded") == only);
    book.load(key_of(1), grant_with("loaded again"));
    CHECK(holders(book, "loaded").empty());
    book.set_refresh_token(key_of(1), secret{"set"});
    CHECK(holders(book, "loaded again").empty());
    CHECK(holders(book, "set") == only);

    CHECK(!book.rotated(key_of(1), secret{"not kept"}, secret{"rotated"}));
    CHECK(holders(book, "rotated").empty());
    CHECK(book.rotated(key_of(1), secret{"set"}, secret{"rotated"}));
    CHECK(holders(book, "set").empty());
    CHECK(holders(book, "rotated") == only);

    book.offer(key_of(1), secret{"code"}, digest, now + 10min, now);
    CHECK(holders(book, "rotated") == only);
    CHECK(book.exchanged(key_of(1), digest, secret{"exchanged"}, now));
    CHECK(holders(book, "rotated").empty());
    CHECK(holders(book, "exchanged") == only);
    CHECK(holders(book, "code").empty());

    book.set_refresh_token(key_of(1), secret{});
    CHECK(holders(book, "exchanged").empty());
    CHECK(holders(book, "").empty());
    book.set_refresh_token(key_of(1), secret{"back"});
    book.erase(key_of(1));
    book.erase(key_of(1));
    CHECK(holders(book, "back").empty());
    CHECK(book.size() == 0);
  }

  TEST_CASE("one that was registered for several instances finds them all, in order") {
    auto book = new_book();
    for (unsigned const n : {3U, 1U, 2U}) book.set_refresh_token(key_of(n), secret{"same"});
    CHECK(holders(book, "same") == std::vector{key_of(1), key_of(2), key_of(3)});
    book.erase(key_of(2));
    CHECK(holders(book, "same") == std::vector{key_of(1), key_of(3)});
    book.set_refresh_token(key_of(1), secret{"same"});
    CHECK(holders(book, "same") == std::vector{key_of(1), key_of(3)});
  }

  TEST_CASE("ten thousand are found, each by its own") {
    auto book = new_book();
    for (unsigned n = 1; n <= 10'000; ++n) {
      book.load(key_of(n), grant_with("token-" + std::to_string(n)));
    }
    for (unsigned n = 1; n <= 10'000; ++n) {
      REQUIRE(holders(book, "token-" + std::to_string(n)) == std::vector{key_of(n)});
    }
  }
}
