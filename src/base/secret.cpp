#include "base/secret.hpp"

#include <cstring>
#include <ostream>
#include <utility>

namespace wixtokend {

void wipe(void* bytes, std::size_t size) noexcept {
  if (size != 0) ::explicit_bzero(bytes, size);
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // the tail beyond size() may hold older bytes; never reallocates
  wipe(text.data(), text.size());
  text.clear();
}

secret::secret(std::string_view bytes)
    : bytes_{bytes.empty() ? nullptr : std::make_unique<char[]>(bytes.size())},
      size_{bytes.size()} {
  if (size_ != 0) std::memcpy(bytes_.get(), bytes.data(), size_);
}

secret::secret(secret&& other) noexcept
    : bytes_{std::move(other.bytes_)}, size_{std::exchange(other.size_, 0)} {}

secret& secret::operator=(secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_.get(), size_);
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

secret::~secret() {
  wipe(bytes_.get(), size_);
}

secret secret::take(std::string&& text) {
  secret taken{text};
  wipe(text);
  return taken;
}

bool operator==(secret const& left, secret const& right) noexcept {
  if (left.size_ != right.size_) return false;
  // Word by word: each new token is compared with the one that it replaces.
  std::uint64_t difference = 0;
  std::size_t i = 0;
  for (; i + sizeof difference <= left.size_; i += sizeof difference) {
    std::uint64_t one = 0;
    std::uint64_t other = 0;
    std::memcpy(&one, left.bytes_.get() + i, sizeof one);
    std::memcpy(&other, right.bytes_.get() + i, sizeof other);
    difference |= one ^ other;
  }
  for (; i < left.size_; ++i) {
    difference |= static_cast<std::uint64_t>(left.bytes_[i] != right.bytes_[i]);
  }
  // The volatile read keeps the compiler from ending the loop early once the outcome is known.
  std::uint64_t const volatile verdict = difference;
  return verdict == 0;
}

std::ostream& operator<<(std::ostream& out, secret const&) {
  return out << "[redacted]";
}

}  // namespace wixtokend
