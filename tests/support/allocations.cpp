#include "support/allocations.hpp"

#include <openssl/crypto.h>

#include <cstdlib>
#include <new>

namespace wixtokend::test {
namespace {

thread_local std::uint64_t count = 0;

void* take_if_there(std::size_t size) noexcept {
  ++count;
  return std::malloc(size == 0 ? 1 : size);
}

void* take(std::size_t size) {
  void* const memory = take_if_there(size);
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

void* take_for_openssl(std::size_t size, char const*, int) {
  ++count;
  return std::malloc(size);
}

void* grow_for_openssl(void* memory, std::size_t size, char const*, int) {
  ++count;
  return std::realloc(memory, size);
}

void free_of_openssl(void* memory, char const*, int) {
  std::free(memory);
}

// Before OpenSSL takes its first memory; a program in which that is too late must not go on.
bool const counts_openssl = [] {
  bool const in_time =
      ::CRYPTO_set_mem_functions(take_for_openssl, grow_for_openssl, free_of_openssl) == 1;
  if (!in_time) std::abort();
  return in_time;
}();

}  // namespace

std::uint64_t allocations() noexcept {
  return count;
}

}  // namespace wixtokend::test

// All of them, so that none of another library takes what one of these gives back.
void* operator new(std::size_t size) {
  return wixtokend::test::take(size);
}
void* operator new[](std::size_t size) {
  return wixtokend::test::take(size);
}
void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
  return wixtokend::test::take_if_there(size);
}
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept {
  return wixtokend::test::take_if_there(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::nothrow_t const&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::nothrow_t const&) noexcept {
  std::free(memory);
}
