#include "daemon/secret_file.hpp"

#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace {

using namespace wixtokend::daemon;
using wixtokend::test::temporary_folder;

std::string refusal_of(std::string const& file) {
  auto const outcome = read_secret_file(file);
  auto const* const refused = std::get_if<secret_refused>(&outcome);
  return refused == nullptr ? "accepted" : refused->text;
}

struct world {
  temporary_folder folder;

  std::string value(std::string const& content) const {
    auto const outcome = read_secret_file(folder.write("secret", content));
    auto const* const read = std::get_if<read_secret>(&outcome);
    return read == nullptr ? "refused: " + std::get<secret_refused>(outcome).text
                           : std::string{read->value.reveal()};
  }
  std::string warning(mode_t mode) const {
    auto const outcome = read_secret_file(folder.write("secret", "s3cret", mode));
    auto const* const read = std::get_if<read_secret>(&outcome);
    return read == nullptr ? "refused" : read->warning;
  }
};

}  // namespace

TEST_SUITE("daemon.secret_file") {
  TEST_CASE("the content is the secret, without one newline at its end") {
    world const w;
    CHECK(w.value("s3cret") == "s3cret");
    CHECK(w.value("s3cret\n") == "s3cret");
    CHECK(w.value("s3cret\r\n") == "s3cret");
    CHECK(w.value("with blank inside") == "with blank inside");
    CHECK(w.value("grün") == "grün");
    CHECK(w.value(std::string(4096, 'x')) == std::string(4096, 'x'));
    CHECK(w.value(std::string(4095, 'x') + "\n") == std::string(4095, 'x'));
  }

  TEST_CASE("what is clearly wrong is refused, and not repeated") {
    world const w;
    CHECK(w.value("") == "refused: is empty");
    CHECK(w.value("\n") == "refused: is empty");
    CHECK(w.value(std::string(4097, 'x')) ==
          "refused: is larger than 4096 bytes, which no secret is");
    std::string const control =
        "refused: holds control characters: it must hold the secret in one line, and nothing else";
    CHECK(w.value("s3cret\n\n") == control);
    CHECK(w.value("two\nlines\n") == control);
    CHECK(w.value("s3cret\r") == control);
    CHECK(w.value(std::string{"s3\0cret", 7}) == control);
    CHECK(w.value(" s3cret") == "refused: begins or ends with a blank");
    CHECK(w.value("s3cret \n") == "refused: begins or ends with a blank");
    CHECK(w.value("s3cret\xff") == "refused: is not UTF-8");
  }

  TEST_CASE("files of keys may have several lines, and are taken as they are") {
    world const w;
    auto const keys = [&](std::string const& content) {
      auto const outcome =
          read_secret_file(w.folder.write("keys", content, 0644), file_content::keys);
      auto const* const refused = std::get_if<secret_refused>(&outcome);
      return refused != nullptr ? "refused: " + refused->text
                                : std::string{std::get<read_secret>(outcome).value.reveal()};
    };
    CHECK(keys("# one\nK1\r\n\tK2 \n\n") == "# one\nK1\r\n\tK2 \n\n");
    CHECK(keys(std::string(4096, 'x')) == std::string(4096, 'x'));
    CHECK(keys("") == "refused: is empty");
    CHECK(keys(std::string{"K\0", 2}) == "refused: is not a text file");
    CHECK(keys("K\xff") == "refused: is not a text file");
    CHECK(keys(std::string(4097, 'x')) ==
          "refused: is larger than 4096 bytes, which no file of keys is");
  }

  TEST_CASE("a public key may be read by everybody, but not be replaced") {
    world const w;
    auto const warning = [&](mode_t mode, file_content what) {
      auto const outcome = read_secret_file(w.folder.write("key", "K\n", mode), what);
      return std::get<read_secret>(outcome).warning;
    };
    CHECK(warning(0644, file_content::public_key) == "");
    CHECK(warning(0646, file_content::public_key) ==
          "has mode 0646, so that others can replace the key: chmod 0644 would prevent that");
    CHECK(warning(0664, file_content::public_key).starts_with("has mode 0664"));
    CHECK(warning(0600, file_content::keys) == "");
    CHECK(warning(0644, file_content::keys).find("read or replace the secret") !=
          std::string::npos);
  }

  TEST_CASE("a file that cannot be a secret file is refused") {
    temporary_folder const folder;
    CHECK(refusal_of(folder.path("absent")) == "cannot be opened: No such file or directory");
    CHECK(refusal_of(folder.path()) == "is not a regular file");
    CHECK(refusal_of("/dev/zero") == "is not a regular file");

    auto const pipe = folder.path("pipe");  // must not wait for a writer
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(refusal_of(pipe) == "is not a regular file");
  }

  TEST_CASE("a symbolic link is followed, as Kubernetes mounts secrets") {
    temporary_folder const folder;
    folder.write("data", "s3cret");
    REQUIRE(::symlink("data", folder.path("secret").c_str()) == 0);
    CHECK(refusal_of(folder.path("secret")) == "accepted");
  }

  TEST_CASE("rights that let others read or replace the secret give a warning") {
    world const w;
    CHECK(w.warning(0600) == "");
    CHECK(w.warning(0400) == "");
    CHECK(w.warning(0440) == "");  // a group of its own, as Kubernetes' fsGroup makes it
    CHECK(w.warning(0644) ==
          "has mode 0644, so that others can read or replace the secret: chmod 0600 would keep it "
          "private");
    CHECK(w.warning(0620).starts_with("has mode 0620"));
    CHECK(w.warning(0602).starts_with("has mode 0602"));
  }
}
