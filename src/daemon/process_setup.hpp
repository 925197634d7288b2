#pragma once
// What the process asks of the kernel before it does anything else.

#include "base/fingerprint.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace wixtokend::daemon {

/// Keeps secrets out of core dumps and debuggers (PR_SET_DUMPABLE and RLIMIT_CORE are 0), makes
/// new files private (umask 0077), ignores SIGPIPE, so that a peer that leaves is an error of one
/// write, and makes sure that the descriptors 0 to 2 are open, so that no socket becomes standard
/// error. Throws `startup_error` if the kernel refuses.
void prepare_process();

/// Keeps all memory, now and later, from being swapped out. Throws `startup_error` with advice if
/// the process may not. With a limit that suffices now only, a later allocation fails.
void lock_memory();

/// Raises the limit of open descriptors as far as the process may.
/// @returns the limit that holds now.
[[nodiscard]] std::size_t raise_descriptor_limit() noexcept;

/// 64 bits from the kernel's random source. Throws `startup_error` if there are none.
[[nodiscard]] std::uint64_t random_seed();

/// A key of 256 bits from there. Throws `startup_error` likewise.
[[nodiscard]] fingerprint_key random_fingerprint_key();

/// True if `descriptor` is connected to the journal: `JOURNAL_STREAM` of systemd.exec(5) names its
/// device and inode.
/// @param journal_stream  The variable's value; empty if it is not set.
[[nodiscard]] bool is_journal(std::string const& journal_stream, int descriptor) noexcept;

}  // namespace wixtokend::daemon
