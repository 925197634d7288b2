#include "api/wiped_buffer.hpp"

#include "base/secret.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace wixtokend::api {

wiped_buffer::~wiped_buffer() {
  clear();
}

void wiped_buffer::append(std::string_view more) {
  if (more.empty()) return;
  std::memcpy(prepare(more.size()).data(), more.data(), more.size());
  commit(more.size());
}

std::span<char> wiped_buffer::prepare(std::size_t size) {
  if (capacity_ - end_ < size) {
    auto const held = this->size();
    auto const needed = std::max(held + size, std::min(capacity_ * 2, held + size * 2));
    auto larger = std::make_unique_for_overwrite<char[]>(needed);
    if (held != 0) std::memcpy(larger.get(), bytes_.get() + begin_, held);
    if (held != 0) wipe(bytes_.get() + begin_, held);
    bytes_ = std::move(larger);
    capacity_ = needed;
    begin_ = 0;
    end_ = held;
  }
  return {bytes_.get() + end_, size};
}

void wiped_buffer::commit(std::size_t size) noexcept {
  assert(size <= capacity_ - end_);
  end_ += size;
}

void wiped_buffer::consume(std::size_t size) noexcept {
  assert(size <= this->size());
  if (size != 0) wipe(bytes_.get() + begin_, size);
  begin_ += size;
  if (!empty()) return;
  begin_ = end_ = 0;
  if (capacity_ > kept_bytes_max) {
    bytes_.reset();
    capacity_ = 0;
  }
}

}  // namespace wixtokend::api
