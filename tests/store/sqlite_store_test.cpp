#include "store/sqlite_store.hpp"

#include "store/store_world.hpp"

#include <sys/stat.h>

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;

core::failure failure_of(std::string const& code) {
  core::failure why;
  why.kind = core::failure_class::instance_blocked;
  why.status = 403;
  why.code = code;
  why.message = "a message";
  why.request_id = "1.2";
  why.retry_after = 7s;
  return why;
}

core::saved_instance full_instance(instant now) {
  auto one = instance_of(key_of(1), "access", now, 77);
  one.how = core::grant::refresh_token;
  one.token.life_assumed = true;
  one.last_used = now - 5s;
  core::saved_trouble trouble;
  trouble.why = failure_of("blocked");
  trouble.at = now - 1s;
  trouble.blocked = 3;
  trouble.negative_until = now + 5s;
  trouble.not_before = now + 6s;
  trouble.background_at = now + 15min;
  one.trouble = trouble;
  core::saved_removal removal;
  removal.announced_at = now - 60s;
  removal.confirmed_at = now - 10s;
  one.removal = removal;
  return one;
}

service::saved_grant full_grant(instant now) {
  service::saved_grant grant;
  grant.refresh_token = secret{"refresh"};
  for (auto const outcome : {service::code_outcome::refused, service::code_outcome::pending}) {
    service::saved_code code;
    code.digest.fill(static_cast<std::uint8_t>(outcome));
    code.outcome = outcome;
    if (outcome == service::code_outcome::pending) code.code = secret{"the code"};
    code.deadline = now + 10min;
    if (outcome == service::code_outcome::refused) code.why = failure_of("invalid_grant");
    grant.codes.push_back(std::move(code));
  }
  return grant;
}

TEST_SUITE("store.sqlite_store") {
  TEST_CASE("every field comes back") {
    store_world w;
    REQUIRE(w.start() == "");
    CHECK(w.open.created);
    auto change = change_of(full_instance(w.at.now));
    change.grant_changed = true;
    change.grant = full_grant(w.at.now);
    REQUIRE(w.commit(std::move(change)).has_value());

    REQUIRE(w.start() == "");
    CHECK_FALSE(w.open.created);
    REQUIRE(w.loaded.size() == 1);
    auto const& [one, grant] = w.loaded.at(key_of(1));
    auto const expected = full_instance(w.at.now);
    CHECK(one.registered);
    CHECK(one.how == expected.how);
    CHECK(one.generation == 77);
    CHECK(one.token.token == expected.token.token);
    CHECK(one.token.sent == expected.token.sent);
    CHECK(one.token.expires_at == expected.token.expires_at);
    CHECK(one.token.life_assumed);
    CHECK(one.refresh_at == expected.refresh_at);
    CHECK(one.last_used == expected.last_used);
    CHECK(one.trouble == expected.trouble);
    CHECK(one.removal == expected.removal);
    auto const codes = full_grant(w.at.now);
    CHECK(grant.refresh_token == codes.refresh_token);
    REQUIRE(grant.codes.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(grant.codes[i].digest == codes.codes[i].digest);
      CHECK(grant.codes[i].outcome == codes.codes[i].outcome);
      CHECK(grant.codes[i].code == codes.codes[i].code);
      CHECK(grant.codes[i].deadline == codes.codes[i].deadline);
      CHECK(grant.codes[i].why == codes.codes[i].why);
    }
  }

  TEST_CASE("an app's state comes back") {
    store_world w;
    REQUIRE(w.start() == "");
    core::saved_app app;
    app.app = app_number{1};
    app.rate = 12.25;
    app.paused_until = w.at.now + 30s;
    app.breaker_openings = 4;
    app.breaker_until = w.at.now + 60s;
    app.refusals = 2;
    app.suspected = true;
    app.refusal = failure_of("invalid_client");
    app.probe_at = w.at.now + 90s;
    service::change_batch batch;
    batch.apps.push_back(app);
    REQUIRE(w.commit(std::move(batch)).has_value());
    REQUIRE(w.start() == "");
    REQUIRE(w.open.apps.size() == 1);
    CHECK(w.open.apps[0] == app);
  }

  TEST_CASE("a batch replaces and removes; what it does not name stays") {
    store_world w;
    REQUIRE(w.start() == "");
    for (unsigned i = 1; i <= 3; ++i) REQUIRE(w.put(i, "old").has_value());
    service::change_batch batch;
    batch.instances.push_back(change_of(instance_of(key_of(1), "new", w.at.now)));
    batch.instances.push_back(removal_of(key_of(2)));
    batch.instances.push_back(removal_of(key_of(4)));  // was never there
    REQUIRE(w.commit(std::move(batch)).has_value());
    w.kill();
    REQUIRE(w.start() == "");
    CHECK(w.loaded.size() == 2);
    CHECK(w.token(1) == "new");
    CHECK(w.token(3) == "old");
  }

  TEST_CASE("a grant stays as it is until it is said to change") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put_grant(1, "refresh").has_value());
    REQUIRE(w.put(1, "another token").has_value());
    REQUIRE(w.start() == "");
    CHECK(w.refresh_token(1) == "refresh");
    CHECK(w.token(1) == "another token");
    REQUIRE(w.put_grant(1, "").has_value());
    REQUIRE(w.start() == "");
    CHECK(w.refresh_token(1) == "");
  }

  TEST_CASE("a removed instance's refresh token is retained for seven days if asked for") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put_grant(1, "first").has_value());
    REQUIRE(w.put_grant(2, "second").has_value());
    REQUIRE(w.commit(removal_of(key_of(1), true)).has_value());
    REQUIRE(w.commit(removal_of(key_of(2), false)).has_value());
    REQUIRE(w.start() == "");
    CHECK(w.loaded.empty());
    CHECK(w.retained(1) == std::optional{secret{"first"}});
    CHECK_FALSE(w.retained(2).has_value());

    w.pass(24h * 7 - 1s);
    REQUIRE(w.put(9, "x").has_value());
    CHECK(w.retained(1).has_value());
    w.pass(1h + 2s);
    REQUIRE(w.put(9, "x").has_value());
    CHECK_FALSE(w.retained(1).has_value());
  }

  TEST_CASE("removed and there again in one batch: nothing is left of what it was") {
    store_world w;
    REQUIRE(w.start() == "");
    for (unsigned i = 1; i <= 2; ++i) {
      REQUIRE(w.put_grant(i, "first").has_value());
      auto change = change_of(instance_of(key_of(i), "token", w.at.now));
      change.removed = true;
      change.retain = i == 1;
      REQUIRE(w.commit(std::move(change)).has_value());
    }
    CHECK(w.retained(1) == std::optional{secret{"first"}});
    CHECK_FALSE(w.retained(2).has_value());
    REQUIRE(w.start() == "");
    CHECK(w.loaded.size() == 2);
    for (unsigned i = 1; i <= 2; ++i) CHECK(w.refresh_token(i) == "");
  }

  TEST_CASE("a retained token is gone once there is a new one, or the instance is removed") {
    store_world w;
    REQUIRE(w.start() == "");
    for (unsigned i = 1; i <= 2; ++i) {
      REQUIRE(w.put_grant(i, "first").has_value());
      REQUIRE(w.commit(removal_of(key_of(i), true)).has_value());
    }
    REQUIRE(w.put(1, "without a grant").has_value());
    CHECK(w.retained(1).has_value());
    REQUIRE(w.put_grant(1, "newer").has_value());
    CHECK_FALSE(w.retained(1).has_value());
    REQUIRE(w.commit(removal_of(key_of(2), false)).has_value());
    CHECK_FALSE(w.retained(2).has_value());
  }

  TEST_CASE("rows of apps that are not configured stay as they are") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put_grant(1, "refresh").has_value());
    REQUIRE(w.commit(change_of(instance_of(key_of(1, 1), "of another app", w.at.now))).has_value());
    auto const both = w.apps;
    w.apps = {both[1]};
    REQUIRE(w.start() == "");
    CHECK(w.open.foreign_rows == 1);
    REQUIRE(w.loaded.size() == 1);
    CHECK(w.token(1) == "of another app");  // under its number of now
    w.apps = both;
    REQUIRE(w.start() == "");
    CHECK(w.open.foreign_rows == 0);
    CHECK(w.refresh_token(1) == "refresh");
  }

  TEST_CASE("no secret is in the files, nor anything of what was removed") {
    store_world w;
    REQUIRE(w.start() == "");
    auto change = change_of(instance_of(key_of(1), "canary-access", w.at.now));
    change.grant_changed = true;
    change.grant.refresh_token = secret{"canary-refresh"};
    service::saved_code code;
    code.code = secret{"canary-code"};
    change.grant.codes.push_back(std::move(code));
    REQUIRE(w.commit(std::move(change)).has_value());
    auto const all = [&] { return bytes_of(w.file) + bytes_of(w.file + "-wal"); };
    CHECK(all().find("canary") == std::string::npos);
    auto const id =
        std::string{reinterpret_cast<char const*>(key_of(1).instance.bytes().data()), 16};
    CHECK(all().find(id) != std::string::npos);
    REQUIRE(w.commit(removal_of(key_of(1))).has_value());
    CHECK(all().find(id) == std::string::npos);
    w.stop();
    CHECK(bytes_of(w.file).find("canary") == std::string::npos);
    CHECK(bytes_of(w.file + "-wal").empty());
  }

  TEST_CASE("the files belong to us alone, whatever the umask") {
    store_world w;
    auto const before = ::umask(0);
    REQUIRE(w.start() == "");
    ::umask(before);
    REQUIRE(w.put(1, "x").has_value());
    for (auto const* const ending : {"", "-wal", "-shm", ".lock"}) {
      struct stat is {};
      REQUIRE(::stat((w.file + ending).c_str(), &is) == 0);
      CHECK((is.st_mode & 0777U) == 0600U);
    }
  }

  TEST_CASE("codes are told apart by digests that outlive keys, and differ between stores") {
    store_world w;
    REQUIRE(w.start() == "");
    auto const digest = w.open.store->digest(secret{"code"});
    CHECK(digest != w.open.store->digest(secret{"another"}));
    w.keys = key_two + "\n" + key_one;
    REQUIRE(w.start() == "");
    CHECK(w.open.store->digest(secret{"code"}) == digest);
    store_world other;
    REQUIRE(other.start() == "");
    CHECK(other.open.store->digest(secret{"code"}) != digest);
  }

  TEST_CASE("on tmpfs a store is not persistent") {
    store_world w;
    REQUIRE(w.start() == "");
    CHECK(w.open.store->persistent());
    w.file_system = [](std::string const&) { return file_system::in_memory; };
    REQUIRE(w.start() == "");
    CHECK_FALSE(w.open.store->persistent());
  }
}

}  // namespace
}  // namespace wixtokend::store
