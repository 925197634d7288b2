#pragma once
// Bytes on their way in or out of a connection, overwritten as soon as they are done with.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace wixtokend::api {

/// A queue of bytes in one piece. Whatever leaves it, by `consume`, `clear`, growth or destruction,
/// is overwritten, because requests and answers carry tokens. Not synchronised.
class wiped_buffer {
 public:
  wiped_buffer() noexcept = default;
  wiped_buffer(wiped_buffer const&) = delete;
  wiped_buffer& operator=(wiped_buffer const&) = delete;
  ~wiped_buffer();

  /// The bytes in the queue; valid until the next call that is not const.
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get() + begin_, size()}; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  void append(std::string_view more);

  /// Room for `size` bytes behind the last one, to be filled and then taken in with `commit`.
  [[nodiscard]] std::span<char> prepare(std::size_t size);
  void commit(std::size_t size) noexcept;

  /// Takes bytes off the front. Memory beyond `kept_bytes_max` goes back once the queue is empty.
  void consume(std::size_t size) noexcept;
  void clear() noexcept { consume(size()); }

  static constexpr std::size_t kept_bytes_max = 16 * 1024;

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace wixtokend::api
