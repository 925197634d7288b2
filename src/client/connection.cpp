#include "client/connection.hpp"

#include "client/problems.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace wixtoken::detail {
namespace {

constexpr asio::as_tuple_t<asio::use_awaitable_t<>> use_tuple{};

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
  peer.uid = static_cast<uid_t>(-1);
  if (::getsockopt(number, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  seen = peer.uid;
  return std::find(settings.owners.begin(), settings.owners.end(), seen) != settings.owners.end();
}

}  // namespace

result<std::shared_ptr<connection>> connection::open(asio::any_io_executor const& where,
                                                     options const& settings) {
  auto const& path = settings.socket;
  if (!is_path(path)) return connect_problem(path, ENAMETOOLONG);
  descriptor opened{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (opened.get() < 0) return connect_problem(path, errno);
  auto const failed = connect_to(opened.get(), path);
  if (failed == EAGAIN) return std::shared_ptr<connection>{};
  if (failed != 0) return connect_problem(path, failed);

  std::uint32_t seen = 0;
  if (!is_expected(opened.get(), settings, seen)) return wrong_owner(settings, seen);
  return std::make_shared<connection>(where, opened.release());
}

connection::connection(asio::any_io_executor const& where, int descriptor)
    : socket_{where, asio::local::stream_protocol{}, descriptor}, timer_{where} {}

bool connection::is_fresh() noexcept {
  char byte = 0;
  auto const size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size < 0 && (errno == EAGAIN || errno == EINTR);
}

// When the time is over, whatever is under way on the socket ends with an error.
void connection::arm(time_point deadline) {
  late_ = false;
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
    // It may have been set anew after this was queued.
    if (ec || self->timer_.expiry() > std::chrono::steady_clock::now()) return;
    self->late_ = true;
    boost::system::error_code ignored;
    self->socket_.cancel(ignored);
  });
}

// Whatever ends an exchange, a cancellation too: the timer must not hold the connection any longer.
class connection::armed {
 public:
  armed(connection& of, time_point deadline) : of_{of} { of_.arm(deadline); }
  armed(armed const&) = delete;
  armed& operator=(armed const&) = delete;
  ~armed() {
    of_.timer_.cancel();
    ::explicit_bzero(of_.buffer_.data(), of_.buffer_.size());
  }

 private:
  connection& of_;
};

asio::awaitable<result<answer>> connection::exchange(std::string_view request,
                                                     std::string_view socket, time_point deadline) {
  armed const until{*this, deadline};
  // An error of writing is not the end: the daemon may have refused the request before it was
  // whole.
  auto const bytes = asio::buffer(request.data(), request.size());
  co_await asio::async_write(socket_, bytes, use_tuple);
  co_return co_await read_answer(socket);
}

asio::awaitable<result<answer>> connection::read_answer(std::string_view socket) {
  answer_reader reader;
  while (!reader.complete()) {
    if (late_) co_return timed_out(std::string{socket}, true);
    auto const [ec, size] = co_await socket_.async_read_some(asio::buffer(buffer_), use_tuple);
    if (late_ && ec) co_return timed_out(std::string{socket}, true);
    if (ec == asio::error::operation_aborted) throw boost::system::system_error{ec};  // cancelled
    if (ec == asio::error::eof && reader.finish()) break;
    if (ec) co_return connection_lost(std::string{socket});
    if (!reader.feed({buffer_.data(), size})) co_return malformed_answer(std::string{socket});
  }
  co_return reader.take();
}

}  // namespace wixtoken::detail
