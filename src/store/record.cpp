#include "store/record.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <utility>

namespace wixtokend::store {
namespace {

constexpr std::size_t usual_size = 512;

template <std::size_t Size>
std::array<char, Size> little_endian_bytes(std::uint64_t value) noexcept {
  std::array<char, Size> bytes{};
  for (auto& byte : bytes) {
    byte = static_cast<char>(value & 0xffU);
    value >>= 8U;
  }
  return bytes;
}

}  // namespace

record_writer::record_writer() {
  bytes_.reserve(usual_size);
}

record_writer::~record_writer() {
  wipe(bytes_);
}

void record_writer::append(void const* bytes, std::size_t size) {
  if (bytes_.size() + size > bytes_.capacity()) {
    std::string larger;
    larger.reserve(std::max(bytes_.capacity() * 2, bytes_.size() + size));
    larger.append(bytes_);
    bytes_.swap(larger);
    wipe(larger);
  }
  bytes_.append(static_cast<char const*>(bytes), size);
}

record_writer& record_writer::byte(std::uint8_t value) {
  append(&value, 1);
  return *this;
}

record_writer& record_writer::number(std::uint64_t value) {
  auto const bytes = little_endian_bytes<8>(value);
  append(bytes.data(), bytes.size());
  return *this;
}

record_writer& record_writer::signed_number(std::int64_t value) {
  return number(static_cast<std::uint64_t>(value));
}

record_writer& record_writer::text(std::string_view bytes) {
  assert(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
  auto const size = little_endian_bytes<4>(bytes.size());
  append(size.data(), size.size());
  append(bytes.data(), bytes.size());
  return *this;
}

std::string_view record_reader::take(std::size_t size) noexcept {
  if (!ok_ || rest_.size() < size) {
    ok_ = false;
    return {};
  }
  auto const taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint64_t record_reader::little_endian(std::size_t size) noexcept {
  auto const bytes = take(size);
  std::uint64_t value = 0;
  for (auto at = bytes.size(); at > 0; --at) {
    value = value << 8U | static_cast<std::uint8_t>(bytes[at - 1]);
  }
  return value;
}

std::uint8_t record_reader::byte() noexcept {
  return static_cast<std::uint8_t>(little_endian(1));
}

std::uint64_t record_reader::number() noexcept {
  return little_endian(8);
}

std::uint64_t record_reader::number_up_to(std::uint64_t max) noexcept {
  auto const value = number();
  ok_ = ok_ && value <= max;
  return ok_ ? value : 0;
}

std::int64_t record_reader::signed_number() noexcept {
  return static_cast<std::int64_t>(number());
}

bool record_reader::truth() noexcept {
  auto const value = byte();
  ok_ = ok_ && value <= 1;
  return ok_ && value == 1;
}

std::string_view record_reader::text() noexcept {
  auto const size = little_endian(4);
  return take(size);
}

std::string_view record_reader::text_of(std::size_t size) noexcept {
  auto const bytes = text();
  ok_ = ok_ && bytes.size() == size;
  return ok_ ? bytes : std::string_view{};
}

}  // namespace wixtokend::store
