#include "observe/process_figures.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <vector>

using namespace wixtokend::observe;

TEST_SUITE("observe.process_figures") {
  TEST_CASE("descriptors are counted without the one that counts") {
    auto const before = read_process_figures();
    int const more = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(more >= 0);
    auto const after = read_process_figures();
    ::close(more);
    REQUIRE(before.open_descriptors.has_value());
    CHECK(*after.open_descriptors == *before.open_descriptors + 1);
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(after.descriptors_max == limit.rlim_cur);
  }

  TEST_CASE("memory that is used is resident, and work takes time") {
    auto const before = read_process_figures();
    std::vector<char> const used(64 * 1024 * 1024, 'x');
    REQUIRE(before.resident_bytes.has_value());
    REQUIRE(before.cpu_seconds.has_value());
    auto const after = read_process_figures();
    CHECK(*after.resident_bytes >= *before.resident_bytes + used.size() / 2);
    CHECK(*after.cpu_seconds > *before.cpu_seconds);
  }
}
