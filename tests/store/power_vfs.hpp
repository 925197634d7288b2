#pragma once
// A disk that loses power: of what was not flushed, any part may be lost.

#include "store/vfs_shim.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace wixtokend::test {

/// Keeps beside the real files what a disk would have of them. A flush makes everything before it
/// durable. At the loss of power each sector (512 bytes) of each write since then, and each change
/// of a size, is there or not, by chance and in any order.
class power_vfs final : public vfs_shim {
 public:
  using vfs_shim::vfs_shim;

  /// What the disk has if the power goes now: by file name.
  using image = std::map<std::string, std::string>;

  /// Calls `lost` with the image of the moment just before the `number`-th write, flush or change
  /// of a size from now. It is called on the store's thread, with the disk held.
  void lose_power_at(int number, unsigned seed, std::function<void(image)> lost);
  /// If it has not come to that: now.
  void lose_power_now();

  int before(vfs_call call, std::string const& file) override;
  void opened(std::string const& file) override;
  void wrote(std::string const& file, std::int64_t offset, std::string_view bytes) override;
  void truncated(std::string const& file, std::int64_t size) override;
  void synced(std::string const& file) override;
  void removed(std::string const& file) override;

 private:
  struct change {
    bool is_size = false;
    std::size_t at = 0;  // or the size
    std::string bytes;
  };
  struct disk_file {
    std::string durable;
    std::vector<change> pending;
  };

  static void apply(change const& one, std::string& to);
  image image_now() const;
  void lose();

  std::mutex mutex_;
  std::map<std::string, disk_file> files_;
  int left_ = -1;
  unsigned seed_ = 0;
  std::function<void(image)> lost_;
};

}  // namespace wixtokend::test
