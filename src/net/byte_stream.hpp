#pragma once
// A connected byte stream, whatever carries it: Unix socket, TCP, TLS, or a test's memory.

#include "async/task.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace wixtokend::net {

/// Reads and writes suspend only the coroutine that awaits them. At most one read and one write at
/// a time. Belongs to the loop's thread; closing is what ends a pending read or write.
class byte_stream {
 public:
  byte_stream() = default;
  byte_stream(byte_stream const&) = delete;
  byte_stream& operator=(byte_stream const&) = delete;
  virtual ~byte_stream() = default;

  /// Reads at least one byte into `into`. @returns how many; 0 is the orderly end of the stream.
  virtual task<result<std::size_t>> read_some(std::span<char> into) = 0;

  /// Writes all of `bytes`, which must stay valid until the task has ended.
  virtual task<result<void>> write_all(std::string_view bytes) = 0;

  /// Tells the other side that no more bytes come; reading goes on. Best effort.
  virtual void shutdown_write() noexcept = 0;

  /// True if the stream looks alive between two exchanges: not closed by the other side and no
  /// unasked bytes waiting. Does not block.
  [[nodiscard]] virtual bool idle_and_open() noexcept = 0;

  /// Closes at once; pending operations end with an error. Idempotent.
  virtual void close() noexcept = 0;

  /// Closes so that the other side sees a reset (RST) where the transport knows one.
  virtual void reset() noexcept = 0;
};

}  // namespace wixtokend::net
