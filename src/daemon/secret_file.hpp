#pragma once
// Secrets come from files of their own; their content never gets into a text.

#include "base/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace wixtokend::daemon {

/// No secret file may be larger.
inline constexpr std::size_t secret_file_size_max = 4096;

/// A secret, and what should be better about its file; empty: nothing.
struct read_secret {
  secret value;
  std::string warning;
};

/// Why a file is of no use as a secret; completes "FILE: …".
struct secret_refused {
  std::string text;
};

/// What is expected in a file.
enum class file_content : std::uint8_t {
  secret,      ///< one line; one newline at its end is removed, blanks at either end are refused
  keys,        ///< a text of several lines, taken as it is
  public_key,  ///< likewise, and everybody may read it
};

/// Reads a secret from a regular file (symbolic links are followed: Kubernetes mounts secrets so).
/// Refused: missing, unreadable, empty, larger than `secret_file_size_max`, not UTF-8, control
/// characters (but those that end a line, and tabs, in a text of several lines). A file that
/// everybody may read, if what is in it is secret, or others than its owner may write, gives a
/// warning.
[[nodiscard]] std::variant<read_secret, secret_refused> read_secret_file(
    std::string const& path, file_content what = file_content::secret);

}  // namespace wixtokend::daemon
