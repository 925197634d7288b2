#pragma once
// How many requests were answered, by call and status.

#include "api/routes.hpp"

#include <cstdint>
#include <map>
#include <utility>

namespace wixtokend::api {

/// Counts for good. As many entries as there are calls and statuses, whatever callers send.
class request_figures {
 public:
  /// @param call  Nothing: the request was for no call.
  void count(route const* call, unsigned status) { ++counts_[{call, status}]; }

  using entries = std::map<std::pair<route const*, unsigned>, std::uint64_t>;
  [[nodiscard]] entries const& counts() const noexcept { return counts_; }

 private:
  entries counts_;
};

}  // namespace wixtokend::api
