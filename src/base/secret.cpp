#include "base/secret.hpp"

#include <array>
#include <cstring>
#include <ostream>
#include <utility>

namespace wixtokend {
namespace {

#if defined(__x86_64__)
// Functions of their own, so that nothing else of theirs is in a vector register.
[[gnu::noinline, gnu::target("avx512f")]] void clear_32_registers() noexcept {
  asm volatile(
      "vzeroall\n\t"
      "vpxord %%zmm16, %%zmm16, %%zmm16\n\tvpxord %%zmm17, %%zmm17, %%zmm17\n\t"
      "vpxord %%zmm18, %%zmm18, %%zmm18\n\tvpxord %%zmm19, %%zmm19, %%zmm19\n\t"
      "vpxord %%zmm20, %%zmm20, %%zmm20\n\tvpxord %%zmm21, %%zmm21, %%zmm21\n\t"
      "vpxord %%zmm22, %%zmm22, %%zmm22\n\tvpxord %%zmm23, %%zmm23, %%zmm23\n\t"
      "vpxord %%zmm24, %%zmm24, %%zmm24\n\tvpxord %%zmm25, %%zmm25, %%zmm25\n\t"
      "vpxord %%zmm26, %%zmm26, %%zmm26\n\tvpxord %%zmm27, %%zmm27, %%zmm27\n\t"
      "vpxord %%zmm28, %%zmm28, %%zmm28\n\tvpxord %%zmm29, %%zmm29, %%zmm29\n\t"
      "vpxord %%zmm30, %%zmm30, %%zmm30\n\tvpxord %%zmm31, %%zmm31, %%zmm31"
      :
      :
      : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
        "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20",
        "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",
        "xmm31");
}

[[gnu::noinline, gnu::target("avx")]] void clear_16_registers() noexcept {
  asm volatile("vzeroall"
               :
               :
               : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                 "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

void clear_registers() noexcept {
  if (__builtin_cpu_supports("avx512f") != 0) {
    clear_32_registers();
  } else if (__builtin_cpu_supports("avx") != 0) {
    clear_16_registers();
  }
}
#else
void clear_registers() noexcept {}
#endif

}  // namespace

void wipe(void* bytes, std::size_t size) noexcept {
  if (size == 0) return;
  ::explicit_bzero(bytes, size);
  clear_registers();
}

[[gnu::noinline]] void wipe_stack() noexcept {
  std::array<char, std::size_t{16} * 1024> used_before;  // NOLINT(*-init*): that is the point
  wipe(used_before.data(), used_before.size());
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
