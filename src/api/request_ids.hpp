#pragma once
// Names for requests whose caller gave them none.

#include <cstdint>
#include <string>

namespace wixtokend::api {

/// Makes 16 hexadecimal digits each time, unlike for 2^64 calls. Ids of daemons that were seeded
/// with random numbers do not collide in practice; they are no secret.
class request_ids {
 public:
  explicit request_ids(std::uint64_t seed) noexcept : next_{seed} {}

  [[nodiscard]] std::string next();

 private:
  std::uint64_t next_;
};

}  // namespace wixtokend::api
