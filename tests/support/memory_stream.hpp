#pragma once
// Two byte streams that are connected in memory: a connection without a kernel.

#include "async/event.hpp"
#include "net/byte_stream.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace wixtokend::test {

/// One end. Writing never waits: there is room for everything. Behaves as a socket does when the
/// other end closes (end of stream, then broken pipe), resets (connection reset), or is destroyed.
class memory_stream final : public net::byte_stream {
 public:
  /// Both ends of a new connection.
  static std::pair<std::unique_ptr<memory_stream>, std::unique_ptr<memory_stream>> make_pair(
      event_loop& loop);
  ~memory_stream() override;

  task<result<std::size_t>> read_some(std::span<char> into) override;
  task<result<void>> write_all(std::string_view bytes) override;
  void shutdown_write() noexcept override;
  [[nodiscard]] bool idle_and_open() noexcept override;
  void close() noexcept override;
  void reset() noexcept override;

  /// Reads give at most so many bytes from now on, however many are there.
  void set_piece_max(std::size_t size) noexcept { piece_max_ = size; }

  /// What the other end has written and this end has not read yet.
  [[nodiscard]] std::string_view pending() const noexcept { return in_->bytes; }

  /// What this end has written and the other end has not read yet.
  [[nodiscard]] std::string_view unread() const noexcept { return out_->bytes; }

  /// True once the other end has closed or ended its direction.
  [[nodiscard]] bool ended() const noexcept { return in_->ended; }

 private:
  // One direction.
  struct channel {
    explicit channel(executor where) noexcept : arrived{where} {}
    std::string bytes;
    bool ended = false;   // no more bytes come
    bool unread = false;  // the reader has gone
    bool is_reset = false;
    event arrived;
  };

  memory_stream(std::shared_ptr<channel> in, std::shared_ptr<channel> out) noexcept
      : in_{std::move(in)}, out_{std::move(out)} {}

  std::shared_ptr<channel> in_;
  std::shared_ptr<channel> out_;
  std::size_t piece_max_ = static_cast<std::size_t>(-1);
  bool closed_ = false;
};

}  // namespace wixtokend::test
