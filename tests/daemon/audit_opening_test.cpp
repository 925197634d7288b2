#include "daemon/audit_opening.hpp"

#include "daemon/startup_error.hpp"
#include "support/config_world.hpp"
#include "support/recording_logger.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using test::config_world;

}  // namespace

TEST_SUITE("daemon.audit_opening") {
  TEST_CASE("without a file there is no audit log") {
    config_world const w;
    test::recording_logger log;
    CHECK(open_audit(w.settings(""), log) == nullptr);
  }

  TEST_CASE("the file is there from the start, and it refuses if that is wanted") {
    config_world const w;
    test::recording_logger log;
    auto const file = w.folder.path("audit.log");
    auto const audit = open_audit(w.settings("[audit]\nfile = '" + file + "'\n"), log);
    REQUIRE(audit != nullptr);
    CHECK(std::filesystem::exists(file));
    CHECK_FALSE(audit->state().refuses);
    auto const strict =
        open_audit(w.settings("[audit]\nfile = '" + file + "'\noverflow = 'refuse'\n"), log);
    CHECK(strict->state().refuses);
  }

  TEST_CASE("a file that cannot be opened ends the start, with the reason and what to do") {
    config_world const w;
    test::recording_logger log;
    auto const file = w.folder.path("none/audit.log");
    auto const settings = w.settings("[audit]\nfile = '" + file + "'\n");
    try {
      static_cast<void>(open_audit(settings, log));
      FAIL("it was opened");
    } catch (startup_error const& error) {
      CHECK(error.code() == exit_code::cannot_create);
      CHECK(std::string{error.what()} ==
            "audit.file: " + file +
                " cannot be opened: No such file or directory; it must be a regular file, in a "
                "folder that is there and that the daemon's user may write to");
    }
  }
}
