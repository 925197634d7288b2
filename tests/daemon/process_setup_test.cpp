#include "daemon/process_setup.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

using namespace wixtokend::daemon;

}  // namespace

TEST_SUITE("daemon.process_setup") {
  TEST_CASE("the journal is recognised by device and inode") {
    auto* const file = std::tmpfile();
    REQUIRE(file != nullptr);
    int const descriptor = ::fileno(file);
    struct stat facts {};
    REQUIRE(::fstat(descriptor, &facts) == 0);
    auto const device = std::to_string(facts.st_dev);
    auto const inode = std::to_string(facts.st_ino);

    CHECK(is_journal(device + ':' + inode, descriptor));
    CHECK(!is_journal(device + ':' + std::to_string(facts.st_ino + 1), descriptor));
    CHECK(!is_journal(std::to_string(facts.st_dev + 1) + ':' + inode, descriptor));
    for (auto const* const text : {"", ":", "1", "1:", ":1", "a:b", "1:2:3", "-1:-1"}) {
      CHECK(!is_journal(text, descriptor));
    }
    std::fclose(file);
    CHECK(!is_journal(device + ':' + inode, -1));
  }

  TEST_CASE("two seeds differ") {
    CHECK(random_seed() != random_seed());
  }

  TEST_CASE("two fingerprint keys differ") {
    wixtokend::secret const value{"a token"};
    CHECK(random_fingerprint_key().of(value) != random_fingerprint_key().of(value));
  }
}
