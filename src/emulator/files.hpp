#pragma once
// The files that the emulator reads and writes.

#include "base/error.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace wixtokend::emulator {

/// Reads a file of at most 64 KiB. @returns the system's error, or `file_unreadable` if it is
/// larger.
[[nodiscard]] result<secret> read_file(std::string const& path);

/// The app secret in a file: its content without one trailing newline.
/// @returns as `read_file`; `file_unreadable` if nothing is left.
[[nodiscard]] result<secret> read_secret_file(std::string const& path);

/// Writes a file that everybody may read (0644), all at once: readers see the old content or the
/// new one, never a part. @returns the system's error.
[[nodiscard]] result<void> write_public_file(std::string const& path, std::string_view content);

}  // namespace wixtokend::emulator
