#pragma once
// Secrets come from files of their own; their content never gets into a text.

#include "base/secret.hpp"

#include <cstddef>
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

/// Reads a secret from a regular file (symbolic links are followed: Kubernetes mounts secrets so).
/// One newline at the end is removed. Refused: missing, unreadable, empty, larger than
/// `secret_file_size_max`, not UTF-8, control characters, blanks at either end. A file that
/// everybody may read, or others than its owner may write, gives a warning.
[[nodiscard]] std::variant<read_secret, secret_refused> read_secret_file(std::string const& path);

}  // namespace wixtokend::daemon
