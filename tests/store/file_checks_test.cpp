#include "store/file_checks.hpp"

#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace wixtokend::store {
namespace {

using test::temporary_folder;

file_system local(std::string const&) {
  return file_system::persistent;
}

std::string refusal(std::string const& file, file_system_probe const& probe = local) {
  auto const checked = check_file(file, probe);
  auto const* const refused = std::get_if<file_refused>(&checked);
  return refused == nullptr ? "" : refused->text;
}

bool has(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

TEST_SUITE("store.file_checks") {
  TEST_CASE("a missing file in a folder that is there is fine, and so is one of ours") {
    temporary_folder const folder;
    CHECK(refusal(folder.path("store.db")) == "");
    auto const checked = check_file(folder.write("there", "x"), local);
    REQUIRE(std::holds_alternative<checked_file>(checked));
    CHECK(std::get<checked_file>(checked).exists());
    CHECK(has(refusal(folder.path("missing/store.db")), "create it"));
  }

  TEST_CASE("others must not be able to use the file") {
    temporary_folder const folder;
    for (mode_t const mode : {0640U, 0604U, 0660U, 0700U, 0602U}) {
      auto const file = folder.write("store.db", "x", mode);
      CHECK(has(refusal(file), "`chmod 600 " + file + "`"));
    }
    CHECK(refusal(folder.write("store.db", "x", 0400)) == "");
  }

  TEST_CASE("somebody else's file") {
    if (::geteuid() != 0) return;  // only root can give a file away
    temporary_folder const folder;
    auto const file = folder.write("store.db", "x");
    REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
    CHECK(has(refusal(file), "belongs to user 65534"));
  }

  TEST_CASE("what is no regular file, and what is empty") {
    temporary_folder const folder;
    CHECK(has(refusal(folder.path()), "not a regular file"));
    CHECK(has(refusal(folder.write("store.db", "")), "is empty"));
    REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
    CHECK(has(refusal(folder.path("pipe")), "not a regular file"));
  }

  TEST_CASE("a network file system is refused, one in memory is not") {
    temporary_folder const folder;
    CHECK(has(refusal(folder.path("a"), [](auto const&) { return file_system::network; }),
              "network file system"));
    auto const checked =
        check_file(folder.path("a"), [](auto const&) { return file_system::in_memory; });
    REQUIRE(std::holds_alternative<checked_file>(checked));
    CHECK(std::get<checked_file>(checked).where() == file_system::in_memory);
    CHECK(probe_file_system("/proc") == file_system::persistent);
    CHECK(probe_file_system("/dev/shm") == file_system::in_memory);
  }

  TEST_CASE("the lock is one, whatever name leads to the file, and ends with its owner") {
    temporary_folder const folder;
    auto const file = folder.write("store.db", "x");
    REQUIRE(::symlink(file.c_str(), folder.path("link").c_str()) == 0);
    CHECK_FALSE(is_locked(file));
    {
      auto const first = check_file(file, local);
      REQUIRE(std::holds_alternative<checked_file>(first));
      CHECK(is_locked(file));
      CHECK(is_locked(folder.path("link")));
      CHECK(has(refusal(folder.path("link")), "another process uses the store"));
    }
    CHECK_FALSE(is_locked(file));
    CHECK(refusal(folder.path("link")) == "");
  }

  TEST_CASE("a private file is never one that was there") {
    temporary_folder const folder;
    CHECK(create_private(folder.path("new")) == 0);
    CHECK(create_private(folder.path("new")) == EEXIST);
    struct stat is {};
    REQUIRE(::stat(folder.path("new").c_str(), &is) == 0);
    CHECK((is.st_mode & 0777U) == 0600U);
    CHECK(sync_file(folder.path("new")) == 0);
    CHECK(sync_folder_of(folder.path("new")) == 0);
    CHECK(sync_file(folder.path("missing")) == ENOENT);
  }

  TEST_CASE("reading ahead brings all of a file into the page cache") {
    temporary_folder const folder;
    constexpr std::size_t size = 8U << 20U;
    auto const file = folder.write("big", std::string(size, 'x'));
    REQUIRE(sync_file(file) == 0);
    int const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    auto* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    REQUIRE(mapped != MAP_FAILED);
    read_ahead(file);
    std::vector<unsigned char> pages(size / 4096);
    REQUIRE(::mincore(mapped, size, pages.data()) == 0);
    CHECK(std::ranges::all_of(pages, [](unsigned char page) { return (page & 1U) != 0; }));
    ::munmap(mapped, size);
    ::close(descriptor);
    read_ahead(folder.path("missing"));
  }
}

}  // namespace
}  // namespace wixtokend::store
