#include "daemon/file_watch.hpp"

#include <boost/asio/buffer.hpp>
#include <sys/inotify.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace wixtokend::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t changes = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE |
                                  IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_ONLYDIR;
constexpr std::size_t events_size = 16 * 1024;  // many; what does not fit is read the next time

int open_inotify() {
  int const made = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (made < 0)
    throw boost::system::system_error{errno, boost::system::system_category(), "inotify"};
  return made;
}

std::string folder_of(fs::path const& file) {
  auto const folder = file.parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace

file_watch::file_watch(event_loop& loop) : events_{loop.get_executor(), open_inotify()} {}

void file_watch::add_folder_of(std::string const& file, std::map<std::string, int>& wanted,
                               std::vector<std::string>& failed) {
  auto const folder = folder_of(file);
  if (wanted.contains(folder)) return;
  // Added again, a folder that is watched keeps its descriptor; one that was replaced gets another.
  int const watched = ::inotify_add_watch(events_.native_handle(), folder.c_str(), changes);
  if (watched < 0) {
    failed.push_back(folder + ": " + std::generic_category().message(errno));
    return;
  }
  wanted.emplace(folder, watched);
}

std::vector<std::string> file_watch::watch(std::vector<std::string> const& files) {
  std::map<std::string, int> wanted;
  std::vector<std::string> failed;
  for (auto const& file : files) {
    add_folder_of(file, wanted, failed);
    std::error_code unresolved;
    auto const real = fs::canonical(file, unresolved);
    if (!unresolved) add_folder_of(real.string(), wanted, failed);
  }
  for (auto const& [folder, watched] : folders_) {
    if (!wanted.contains(folder)) ::inotify_rm_watch(events_.native_handle(), watched);
  }
  folders_ = std::move(wanted);
  return failed;
}

task<result<>> file_watch::next() {
  std::array<char, events_size> events{};
  auto const [reason, size] =
      co_await events_.async_read_some(asio::buffer(events), use_task_tuple);
  if (reason) co_return reason;
  co_return result<>{};
}

}  // namespace wixtokend::daemon
