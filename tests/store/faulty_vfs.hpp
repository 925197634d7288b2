#pragma once
// A disk that fails when a test says so.

#include "store/vfs_shim.hpp"

#include <mutex>
#include <string>

namespace wixtokend::test {

/// One kind of failure.
enum class disk_fault : std::uint8_t {
  write_fails,
  short_write,
  sync_fails,
  disk_full,
  read_only,
  busy,
  truncate_fails,
  read_fails,
};

/// Fails from the n-th call of the kind that is concerned on, until told otherwise.
class faulty_vfs final : public vfs_shim {
 public:
  using vfs_shim::vfs_shim;

  /// @param skip   So many calls work before.
  /// @param times  So many fail then.
  void arm(disk_fault kind, int skip, int times);
  void disarm() { arm(disk_fault::write_fails, 0, 0); }
  /// How many calls were made to fail since `arm`.
  [[nodiscard]] int failed() const;

  int before(vfs_call call, std::string const& file) override;

 private:
  mutable std::mutex mutex_;  // the store has its own thread
  disk_fault kind_ = disk_fault::write_fails;
  int skip_ = 0;
  int times_ = 0;
  int failed_ = 0;
};

}  // namespace wixtokend::test
