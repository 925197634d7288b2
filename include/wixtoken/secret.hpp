#pragma once
// A byte string that must not be seen: access tokens, refresh tokens, authorization codes.

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace wixtoken {

/// Owns secret bytes. Move-only, overwritten when destroyed or assigned over, printed as
/// `[redacted]`. Not synchronised.
class secret {
 public:
  secret() noexcept = default;
  explicit secret(std::string_view bytes);
  secret(secret&& other) noexcept;
  secret& operator=(secret&& other) noexcept;
  secret(secret const&) = delete;
  secret& operator=(secret const&) = delete;
  ~secret();

  /// Takes the bytes of `text` and overwrites it.
  [[nodiscard]] static secret take(std::string&& text);

  /// Copies are made on purpose only.
  [[nodiscard]] secret copy() const { return secret{reveal()}; }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// The bytes themselves; valid while this object is neither moved from nor destroyed. Give them
  /// to what sends them, and keep no copy.
  [[nodiscard]] std::string_view reveal() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

/// Prints `[redacted]`, whatever the secret holds.
std::ostream& operator<<(std::ostream& out, secret const& value);

/// Overwrites the whole capacity of `text` and empties it.
void wipe(std::string& text) noexcept;

}  // namespace wixtoken
