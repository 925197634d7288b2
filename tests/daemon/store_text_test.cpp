#include "daemon/store_text.hpp"

#include "store/key_ring.hpp"
#include "support/config_world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;

store::store_report sound_report() {
  store::store_report out;
  out.schema_version = 1;
  out.instances = 12;
  out.registered = 10;
  out.tokens = 11;
  out.legacy_grants = 1;
  out.pending_codes = 2;
  out.apps = 1;
  return out;
}

}  // namespace

TEST_SUITE("daemon.store_text") {
  TEST_CASE("what is in a sound store stands in four lines") {
    CHECK(to_text("/s", sound_report(), secret{test::store_key}) ==
          "/s: sound, schema version 1, not in use\n"
          "  12 instances (10 registered) of 1 app, 11 access tokens\n"
          "  1 refresh token, 2 codes to be exchanged, 0 refresh tokens of removed instances "
          "retained\n"
          "  sealed with the keys: none: it is empty\n");
  }

  TEST_CASE("the first key of the file is marked among those in use") {
    secret const keys{test::store_key};
    auto const ring = store::parse_keys(keys);
    auto const first = store::to_string(std::get<store::key_ring>(ring).first().id);
    auto report = sound_report();
    report.in_use = true;
    report.key_ids = {"0123456789abcdef", first};
    auto const text = to_text("/s", report, keys);
    CHECK(text.find(", in use by a daemon\n") != std::string::npos);
    CHECK(text.find("sealed with the keys: 0123456789abcdef, " + first +
                    " (the first in the key file)\n") != std::string::npos);
  }

  TEST_CASE("of a store with problems these are told, and no figures") {
    auto report = sound_report();
    report.problems = {"/s: row 1 is damaged: restore a backup", "/s: row 2 is, too"};
    CHECK(to_text("/s", report, secret{test::store_key}) ==
          "problem: /s: row 1 is damaged: restore a backup\nproblem: /s: row 2 is, too\n");
  }
}
