#include "net/peer.hpp"

#include <doctest/doctest.h>
#include <grp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

using namespace wixtokend;
using namespace wixtokend::net;

TEST_SUITE("net.peer") {
  TEST_CASE("the kernel tells who made a connection") {
    std::array<int, 2> pair{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
    auto const found = peer_of(pair[0]);
    REQUIRE(found.has_value());
    CHECK(found->uid == ::geteuid());
    CHECK(found->gid == ::getegid());
    CHECK(found->pid == ::getpid());

    std::vector<gid_t> own(static_cast<std::size_t>(::getgroups(0, nullptr)));
    REQUIRE(::getgroups(static_cast<int>(own.size()), own.data()) >= 0);
    auto groups = found->groups;
    std::sort(own.begin(), own.end());
    std::sort(groups.begin(), groups.end());
    CHECK(groups == own);
    ::close(pair[0]);
    ::close(pair[1]);
  }

  TEST_CASE("more groups than fit the first buffer are read completely") {
    if (::geteuid() != 0) return;  // only root may give itself groups
    std::vector<gid_t> before(static_cast<std::size_t>(::getgroups(0, nullptr)));
    REQUIRE(::getgroups(static_cast<int>(before.size()), before.data()) >= 0);
    std::vector<gid_t> many;
    for (gid_t group = 1000; group < 1300; ++group) many.push_back(group);
    if (::setgroups(many.size(), many.data()) != 0) return;  // forbidden in some containers
    std::array<int, 2> pair{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
    auto const found = peer_of(pair[0]);
    ::setgroups(before.size(), before.data());
    ::close(pair[0]);
    ::close(pair[1]);
    REQUIRE(found.has_value());
    CHECK(found->groups == many);
  }

  TEST_CASE("what is not a Unix socket has no peer") {
    CHECK_FALSE(peer_of(-1).has_value());
    int const tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(tcp >= 0);
    auto const found = peer_of(tcp);
    // The kernel answers for TCP as well, with ids that identify nobody; the groups fail.
    CHECK_FALSE(found.has_value());
    ::close(tcp);
  }

  TEST_CASE("the overflow ids are those of the kernel") {
    auto const ids = read_overflow_ids();
    CHECK(ids.uid != 0);
    CHECK(ids.gid != 0);
    CHECK(ids.uid != static_cast<uid_t>(-1));
  }
}
