#include "daemon/secret_file.hpp"

#include "base/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>

namespace wixtokend::daemon {
namespace {

// One more than allowed, so that too large a file shows.
using secret_buffer = std::array<char, secret_file_size_max + 1>;

class wiped_buffer {
 public:
  wiped_buffer() = default;
  wiped_buffer(wiped_buffer const&) = delete;
  wiped_buffer& operator=(wiped_buffer const&) = delete;
  ~wiped_buffer() { wipe(bytes_.data(), bytes_.size()); }

  secret_buffer& bytes() noexcept { return bytes_; }

 private:
  secret_buffer bytes_{};
};

class open_file {
 public:
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  explicit open_file(std::string const& path)
      : descriptor_{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)} {}
  open_file(open_file const&) = delete;
  open_file& operator=(open_file const&) = delete;
  ~open_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

std::string system_text(int reason) {
  return std::generic_category().message(reason);
}

// How many bytes were read into the buffer; -1 and errno for an error.
ssize_t read_whole(int descriptor, secret_buffer& into) {
  std::size_t size = 0;
  while (size < into.size()) {
    auto const count = ::read(descriptor, into.data() + size, into.size() - size);
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    size += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(size);
}

std::string_view without_newline(std::string_view text) {
  if (!text.ends_with('\n')) return text;
  text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);  // written on Windows
  return text;
}

bool has_control(std::string_view text, std::string_view allowed) {
  return std::ranges::any_of(text, [allowed](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return (byte < 0x20 || byte == 0x7f) && allowed.find(c) == std::string_view::npos;
  });
}

// What is wrong with a content; empty: nothing.
std::string objection(std::string_view text, file_content what) {
  if (text.empty()) return "is empty";
  if (what != file_content::secret) {
    return has_control(text, "\r\n\t") || !is_utf8(text) ? "is not a text file" : std::string{};
  }
  if (has_control(text, {})) {
    return "holds control characters: it must hold the secret in one line, and nothing else";
  }
  if (text.front() == ' ' || text.back() == ' ') return "begins or ends with a blank";
  if (!is_utf8(text)) return "is not UTF-8";
  return {};
}

std::string rights_warning(mode_t mode, file_content what) {
  bool const is_public = what == file_content::public_key;
  mode_t const unwanted = S_IWOTH | S_IWGRP | (is_public ? 0U : S_IROTH);
  if ((mode & unwanted) == 0) return {};
  std::array<char, 8> octal{};
  std::snprintf(octal.data(), octal.size(), "%04o", static_cast<unsigned>(mode & 07777U));
  auto const* const danger =
      is_public ? ", so that others can replace the key: chmod 0644 would prevent that"
                : ", so that others can read or replace the secret: chmod 0600 would keep it "
                  "private";
  return "has mode " + std::string{octal.data()} + danger;
}

}  // namespace

std::variant<read_secret, secret_refused> read_secret_file(std::string const& path,
                                                           file_content what) {
  open_file const file{path};
  if (file.descriptor() < 0) return secret_refused{"cannot be opened: " + system_text(errno)};

  struct stat facts {};
  if (::fstat(file.descriptor(), &facts) != 0) {
    return secret_refused{"cannot be examined: " + system_text(errno)};
  }
  if (!S_ISREG(facts.st_mode)) return secret_refused{"is not a regular file"};

  wiped_buffer buffer;
  auto const size = read_whole(file.descriptor(), buffer.bytes());
  if (size < 0) return secret_refused{"cannot be read: " + system_text(errno)};
  if (static_cast<std::size_t>(size) > secret_file_size_max) {
    return secret_refused{what == file_content::secret
                              ? "is larger than 4096 bytes, which no secret is"
                              : "is larger than 4096 bytes, which no file of keys is"};
  }
  std::string_view const content{buffer.bytes().data(), static_cast<std::size_t>(size)};
  auto const text = what == file_content::secret ? without_newline(content) : content;
  if (auto const wrong = objection(text, what); !wrong.empty()) return secret_refused{wrong};
  return read_secret{secret{text}, rights_warning(facts.st_mode, what)};
}

}  // namespace wixtokend::daemon
