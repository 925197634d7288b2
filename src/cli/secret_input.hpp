#pragma once
// Secrets come from a file or standard input, never from the command line: that can be read by all.

#include "cli/console.hpp"
#include "wixtoken/secret.hpp"

#include <optional>
#include <string>

namespace wixtokend::cli {

/// What came of reading a secret.
struct secret_input {
  std::optional<wixtoken::secret> text;
  std::string problem;  ///< without a text: why
};

/// Reads a secret of at most 16 KiB; one line end at its end is removed.
/// @param file  "-": standard input.
[[nodiscard]] secret_input read_secret(console& from, std::string const& file);

}  // namespace wixtokend::cli
