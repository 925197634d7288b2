#include "store/store_report.hpp"

#include "store/store_world.hpp"

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;

TEST_SUITE("store.store_report") {
  TEST_CASE("counts what is there, in use or not, and changes nothing") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put(1, "token").has_value());
    REQUIRE(w.put_grant(2, "refresh").has_value());
    REQUIRE(w.put_grant(3, "refresh").has_value());
    REQUIRE(w.commit(removal_of(key_of(3), true)).has_value());
    auto change = change_of(instance_of(key_of(4), "", w.at.now));
    change.instance->registered = false;
    change.grant_changed = true;
    change.grant.codes.resize(2);
    change.grant.codes[1].outcome = service::code_outcome::expired;
    REQUIRE(w.commit(std::move(change)).has_value());

    for (bool const in_use : {true, false}) {
      if (!in_use) w.stop();
      auto const before = bytes_of(w.file);
      auto const report = verify(w.file, secret{key_one});
      CHECK(report.problems.empty());
      CHECK(report.in_use == in_use);
      CHECK(report.schema_version == 1);
      CHECK(report.instances == 3);
      CHECK(report.registered == 2);
      CHECK(report.tokens == 2);
      CHECK(report.legacy_grants == 1);
      CHECK(report.pending_codes == 1);
      CHECK(report.retained == 1);
      CHECK(report.key_ids.size() == 1);
      CHECK(bytes_of(w.file) == before);
    }
    CHECK(w.start() == "");
  }

  TEST_CASE("says what is wrong") {
    store_world w;
    REQUIRE(w.start() == "");
    w.stop();
    CHECK(verify(w.folder.path("missing"), secret{key_one}).problems.size() == 1);
    CHECK(verify(w.file, secret{key_two}).problems.size() == 1);
    CHECK(verify(w.file, secret{"nonsense"}).problems.size() == 1);
    auto bytes = bytes_of(w.file);
    bytes.resize(bytes.size() - 4096);
    write_bytes(w.file, bytes);
    CHECK(verify(w.file, secret{key_one}).problems.size() == 1);
    CHECK(bytes_of(w.file) == bytes);
  }
}

}  // namespace
}  // namespace wixtokend::store
