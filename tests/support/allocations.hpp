#pragma once
// How often this thread takes memory, in programs that link allocations.cpp.

#include <cstdint>

namespace wixtokend::test {

/// Calls of `operator new`, and of OpenSSL's allocator, by this thread so far.
[[nodiscard]] std::uint64_t allocations() noexcept;

}  // namespace wixtokend::test
