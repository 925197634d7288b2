#pragma once
// Memory of a container that is overwritten when it is given back.

#include "base/secret.hpp"

#include <cstddef>
#include <new>

namespace wixtokend::http {

/// The heap, but for the overwriting: heads of requests have credentials in them.
template <class T>
struct wiping_allocator {
  using value_type = T;

  wiping_allocator() noexcept = default;
  template <class Other>
  // NOLINTNEXTLINE(google-explicit-constructor): allocators convert
  wiping_allocator(wiping_allocator<Other> const&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    wipe(memory, count * sizeof(T));
    ::operator delete(memory);
  }

  friend bool operator==(wiping_allocator const&, wiping_allocator const&) noexcept { return true; }
};

}  // namespace wixtokend::http
