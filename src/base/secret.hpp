#pragma once
// A byte string that must not be seen: app secrets, access tokens, refresh tokens, codes.

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace wixtokend {

/// Overwrites memory in a way that the compiler may not remove, and the vector registers, through
/// which copies go: the dynamic linker saves them on the stack, and new threads inherit them.
void wipe(void* bytes, std::size_t size) noexcept;

/// Overwrites the whole capacity of `text` and empties it.
void wipe(std::string& text) noexcept;

/// Overwrites the stack below the caller, so far as the library functions that it has called reach
/// down: Boost.JSON puts strings with escapes together there.
void wipe_stack() noexcept;

/// Owns secret bytes. Move-only, wiped when destroyed or assigned over, printed as `[redacted]`.
///
/// It is opened by `reveal()` only, which a test allows only where secrets must leave the process
/// or enter it (`wix`, `store`, `api`, `daemon`, `cli`, `emulator`). Not synchronised.
class secret {
 public:
  secret() noexcept = default;
  explicit secret(std::string_view bytes);
  secret(secret&& other) noexcept;
  secret& operator=(secret&& other) noexcept;
  secret(secret const&) = delete;
  secret& operator=(secret const&) = delete;
  ~secret();

  /// Takes the bytes of `text` and wipes it.
  static secret take(std::string&& text);

  /// Copies are made on purpose only.
  [[nodiscard]] secret copy() const { return secret{reveal()}; }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// The bytes themselves; valid while this object is neither moved from nor destroyed.
  [[nodiscard]] std::string_view reveal() const noexcept { return {bytes_.get(), size_}; }

  /// Compares in a time that depends on the lengths only, not on where the bytes differ.
  friend bool operator==(secret const& left, secret const& right) noexcept;

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// Prints `[redacted]`, whatever the secret holds.
std::ostream& operator<<(std::ostream& out, secret const& value);

}  // namespace wixtokend
