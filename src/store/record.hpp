#pragma once
// Plain values as bytes and back: little-endian numbers, and texts with their length before them.

#include "base/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wixtokend::store {

/// Puts a record together. Its buffer is wiped wherever it leaves bytes behind.
class record_writer {
 public:
  record_writer();
  record_writer(record_writer const&) = delete;
  record_writer& operator=(record_writer const&) = delete;
  ~record_writer();

  record_writer& byte(std::uint8_t value);
  record_writer& number(std::uint64_t value);
  record_writer& signed_number(std::int64_t value);
  record_writer& text(std::string_view bytes);  ///< at most 4 GiB (asserted)

  /// The bytes so far.
  [[nodiscard]] secret copy() const { return secret{bytes_}; }

 private:
  void append(void const* bytes, std::size_t size);
  std::string bytes_;
};

/// Takes a record apart. After a read beyond its end, or of a value that is out of its range,
/// everything reads as zero, and `ok()` is false.
class record_reader {
 public:
  /// @param bytes  Must outlive this object, and the texts that it returns.
  explicit record_reader(std::string_view bytes) noexcept : rest_{bytes} {}

  std::uint8_t byte() noexcept;
  std::uint64_t number() noexcept;
  std::uint64_t number_up_to(std::uint64_t max) noexcept;
  std::int64_t signed_number() noexcept;
  bool truth() noexcept;  ///< a byte that is 0 or 1
  std::string_view text() noexcept;
  std::string_view text_of(std::size_t size) noexcept;  ///< a text of that size

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// True if all was read, and nothing beyond.
  [[nodiscard]] bool ended() const noexcept { return ok_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) noexcept;
  std::uint64_t little_endian(std::size_t size) noexcept;
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace wixtokend::store
