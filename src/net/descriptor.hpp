#pragma once
// A file descriptor that closes itself; only `net` itself includes this.

#include <unistd.h>

#include <utility>

namespace wixtokend::net {

/// Closed at the end of its scope unless it is released.
class descriptor {
 public:
  explicit descriptor(int value) noexcept : value_{value} {}
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const noexcept { return value_; }
  [[nodiscard]] int release() noexcept { return std::exchange(value_, -1); }

 private:
  int value_;
};

}  // namespace wixtokend::net
