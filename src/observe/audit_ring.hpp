#pragma once
// Records on their way to the file.

#include "observe/audit_record.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

namespace wixtokend::observe {

/// First in, first out, in memory that is taken once. Not synchronised.
class audit_ring {
 public:
  explicit audit_ring(std::size_t capacity) : places_(capacity) { assert(capacity > 0); }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool full() const noexcept { return size_ == places_.size(); }

  /// There must be room.
  void push(audit_record const& what) noexcept {
    assert(!full());
    places_[(first_ + size_) % places_.size()] = what;
    ++size_;
  }

  /// Moves the oldest records to the end of `into`, at most so many.
  void take(std::vector<audit_record>& into, std::size_t count_max) {
    auto const count = std::min(size_, count_max);
    for (std::size_t i = 0; i < count; ++i) {
      into.push_back(places_[first_]);
      first_ = (first_ + 1) % places_.size();
    }
    size_ -= count;
  }

 private:
  std::vector<audit_record> places_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace wixtokend::observe
