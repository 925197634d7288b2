#include "service/token_service.hpp"
#include "support/stored_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace std::chrono_literals;
using core::grant;
using service::code_outcome;
using service::registration_outcome;
using test::key_of;
using test::scripted_issuer;
using test::stored_world;

namespace {

core::failure down() {
  return scripted_issuer::failure_of(core::failure_class::transient, "down");
}

}  // namespace

TEST_SUITE("service.token_service_flights") {
  TEST_CASE("a code that is not on the disk yet is not sent in place of an older one that is") {
    stored_world w;
    w.issuer.fails = down();
    CHECK(w.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    w.time.advance(1s);
    w.disk.fails = true;
    CHECK(w.put(1, grant::authorization_code, "code-2") == registration_outcome::store_failed);
    w.issuer.exchanges = {{"code-1", "refresh-1"}, {"code-2", "refresh-2"}};
    w.issuer.fails.reset();
    w.time.advance(1min);
    CHECK(w.issuer.exchanges.contains("code-2"));
    CHECK_FALSE(w.issuer.exchanges.contains("code-1"));
    w.disk.fails = false;
    w.time.advance(1min);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-1"});
    CHECK(w.code(1, 0) == code_outcome::exchanged);
    CHECK(w.code(1, 1) == code_outcome::superseded);
  }

  TEST_CASE("the end of a code's time ends that code, not a newer one") {
    stored_world w;
    w.issuer.fails = down();
    CHECK(w.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    w.time.advance(9min);
    w.disk.fails = true;
    CHECK(w.put(1, grant::authorization_code, "code-2") == registration_outcome::store_failed);
    w.time.advance(2min);
    CHECK(w.code(1, 0) == code_outcome::expired);
    CHECK(w.code(1, 1) == code_outcome::pending);
    w.disk.fails = false;
    w.issuer.fails.reset();
    w.issuer.exchanges["code-2"] = "refresh-2";
    w.time.advance(2min);
    CHECK(w.code(1, 1) == code_outcome::exchanged);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-2"});
  }

  TEST_CASE("a code that comes while another one's refresh token is being written has its turn") {
    stored_world w;
    w.issuer.exchanges = {{"code-1", "refresh-1"}, {"code-2", "refresh-2"}};
    w.issuer.latency = 500ms;
    CHECK(w.put(1, grant::authorization_code, "code-1") == registration_outcome::added);
    w.disk.fails = true;
    w.time.advance(2s);
    CHECK_FALSE(w.issuer.exchanges.contains("code-1"));
    CHECK(w.put(1, grant::authorization_code, "code-2") == registration_outcome::store_failed);
    CHECK(w.code(1, 0) == code_outcome::pending);  // as far as anybody is told
    w.disk.fails = false;
    w.time.advance(1min);
    CHECK(w.code(1, 0) == code_outcome::exchanged);
    CHECK(w.code(1, 1) == code_outcome::exchanged);
    CHECK(w.disk.rows.at(key_of(1)).grant.refresh_token == secret{"refresh-2"});
  }

  TEST_CASE("a code is tried at once though what its instance has beside it is refused") {
    stored_world w;
    core::failure gone;
    gone.kind = core::failure_class::instance_blocked;
    gone.status = 404;
    w.issuer.latency = 500ms;
    w.issuer.fails_next.push_back(gone);
    CHECK(w.put(1, std::nullopt) == registration_outcome::added);
    w.issuer.exchanges["code-1"] = "refresh-1";
    CHECK(w.put(1, grant::authorization_code, "code-1") == registration_outcome::known);
    w.time.advance(2s);
    CHECK(w.code(1, 0) == code_outcome::exchanged);
    CHECK(w.service.serve(key_of(1), {}).has_value());
  }
}
