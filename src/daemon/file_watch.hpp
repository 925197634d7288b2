#pragma once
// Tells when something has changed in the folders of some files: inotify(7).

#include "async/task.hpp"
#include "base/error.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <map>
#include <string>
#include <vector>

namespace wixtokend::daemon {

/// Watches folders, not files: editors and Kubernetes replace files by renaming. Belongs to the
/// loop's thread.
class file_watch {
 public:
  /// Throws `boost::system::system_error` if the kernel gives no inotify instance.
  explicit file_watch(event_loop& loop);

  /// Watches the folders of these files, and those that their symbolic links lead to, in place of
  /// what was watched before. @returns the folders that cannot be watched, with the reason.
  std::vector<std::string> watch(std::vector<std::string> const& files);

  /// Waits until something has changed in one of the folders: perhaps nothing of interest. What
  /// has changed since the last call counts. Can be cancelled.
  task<result<>> next();

 private:
  void add_folder_of(std::string const& file, std::map<std::string, int>& wanted,
                     std::vector<std::string>& failed);

  asio::posix::basic_stream_descriptor<executor> events_;
  std::map<std::string, int> folders_;  ///< with their watch descriptors
};

}  // namespace wixtokend::daemon
