#include "client/problems.hpp"
#include "wixtoken/detail/flow.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace wixtoken::detail {
namespace {

// A descriptor that is closed unless it is released.
class descriptor {
 public:
  explicit descriptor(int number) noexcept : number_{number} {}
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

bool is_path(std::string const& path) noexcept {
  return !path.empty() && path.size() < sizeof(sockaddr_un::sun_path) &&
         path.find('\0') == path.npos;
}

// 0, or an `errno`.
int connect_to(int number, std::string const& path) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  for (;;) {
    auto const* const any = static_cast<void const*>(&address);
    if (::connect(number, static_cast<sockaddr const*>(any), sizeof address) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

// Whether the one who listens is one of those that the caller expects. The kernel has noted it.
bool is_expected(int number, options const& settings, std::uint32_t& seen) noexcept {
  if (settings.owners.empty()) return true;
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(number, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  seen = peer.uid;
  return std::find(settings.owners.begin(), settings.owners.end(), seen) != settings.owners.end();
}

}  // namespace

result<int> open_socket(options const& settings) {
  auto const& path = settings.socket;
  if (!is_path(path)) return connect_problem(path, ENAMETOOLONG);
  descriptor opened{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (opened.get() < 0) return connect_problem(path, errno);
  auto const failed = connect_to(opened.get(), path);
  if (failed == EAGAIN) return -1;
  if (failed != 0) return connect_problem(path, failed);

  std::uint32_t seen = 0;
  if (!is_expected(opened.get(), settings, seen)) return wrong_owner(settings, seen);
  return opened.release();
}

bool is_fresh(int descriptor) noexcept {
  char byte = 0;
  auto const size = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EINTR);
}

}  // namespace wixtoken::detail
