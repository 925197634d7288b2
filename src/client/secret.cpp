#include "wixtoken/secret.hpp"

#include <cstring>
#include <ostream>
#include <utility>

namespace wixtoken {

secret::secret(std::string_view bytes)
    : bytes_{bytes.empty() ? nullptr : std::make_unique<char[]>(bytes.size())},
      size_{bytes.size()} {
  if (size_ != 0) std::memcpy(bytes_.get(), bytes.data(), size_);
}

secret::secret(secret&& other) noexcept
    : bytes_{std::move(other.bytes_)}, size_{std::exchange(other.size_, 0)} {}

secret& secret::operator=(secret&& other) noexcept {
  if (this != &other) {
    if (size_ != 0) ::explicit_bzero(bytes_.get(), size_);
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

secret::~secret() {
  if (size_ != 0) ::explicit_bzero(bytes_.get(), size_);
}

secret secret::take(std::string&& text) {
  secret taken{text};
  wipe(text);
  return taken;
}

std::ostream& operator<<(std::ostream& out, secret const&) {
  return out << "[redacted]";
}

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // the tail beyond size() may hold older bytes; never reallocates
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace wixtoken
