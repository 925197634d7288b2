#include "net/resolver.hpp"

#include "async/event.hpp"
#include "async/signals_blocked.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace wixtokend::net {
namespace {

constexpr std::size_t endpoints_max = 16;

error_code translate(int reason) noexcept {
  if (reason == EAI_SYSTEM) return {errno, boost::system::system_category()};
  if (reason == EAI_MEMORY) return {ENOMEM, boost::system::system_category()};
  return errc::name_not_found;
}

}  // namespace

result<endpoints> look_up(std::string const& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (int const reason = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); reason != 0) {
    return translate(reason);
  }
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const owned{list, &::freeaddrinfo};

  endpoints found;
  for (auto const* one = list; one != nullptr && found.size() < endpoints_max; one = one->ai_next) {
    asio::ip::tcp::endpoint endpoint;
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    endpoint.resize(one->ai_addrlen);
    std::copy_n(reinterpret_cast<char const*>(one->ai_addr), one->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    endpoint.port(port);
    found.push_back(endpoint);
  }
  if (found.empty()) return errc::no_address;
  return found;
}

// One question. `waiting` and `answer` belong to the loop's thread, the rest never changes.
struct resolver::job {
  std::string host;
  std::uint16_t port = 0;
  event* waiting = nullptr;  // null once the caller has left
  std::optional<result<endpoints>> answer;
};

struct resolver::state {
  state(executor to, lookup how) : where{to}, function{std::move(how)} {}

  executor const where;
  lookup const function;
  std::mutex mutex;                       // guards what follows
  std::deque<std::shared_ptr<job>> jobs;  // not begun yet, and still wanted
  unsigned threads = 0;
  bool loop_is_gone = false;
};

// A caller that waits. When it leaves, answered or cancelled, nobody rings for it any more.
class resolver::caller {
 public:
  caller(std::shared_ptr<state> shared, std::shared_ptr<job> question, event& answered)
      : shared_{std::move(shared)}, question_{std::move(question)} {
    question_->waiting = &answered;
  }
  caller(caller const&) = delete;
  caller& operator=(caller const&) = delete;
  ~caller() {
    question_->waiting = nullptr;
    std::lock_guard const lock{shared_->mutex};
    std::erase(shared_->jobs, question_);
  }

 private:
  std::shared_ptr<state> shared_;
  std::shared_ptr<job> question_;
};

asio::execution_context::id resolver::id;

resolver::resolver(asio::execution_context& loop, lookup function)
    : service{loop},
      state_{std::make_shared<state>(static_cast<event_loop&>(loop).get_executor(),
                                     std::move(function))} {}

resolver::~resolver() = default;

// Asio calls this before the loop drops its queue: from now on no thread posts to it.
void resolver::shutdown() noexcept {
  std::lock_guard const lock{state_->mutex};
  state_->loop_is_gone = true;
  state_->jobs.clear();
}

task<result<endpoints>> resolver::resolve(std::string host, std::uint16_t port) {
  error_code not_numeric;
  auto const address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) co_return endpoints{asio::ip::tcp::endpoint{address, port}};

  auto const question = std::make_shared<job>();
  question->host = std::move(host);
  question->port = port;
  event answered{state_->where};
  caller const here{state_, question, answered};

  {
    std::lock_guard const lock{state_->mutex};
    state_->jobs.push_back(question);
  }
  if (auto const failed = start_thread()) co_return failed;
  co_await answered.wait();
  co_return std::move(*question->answer);
}

// One more thread, unless there are enough of them.
error_code resolver::start_thread() {
  {
    std::lock_guard const lock{state_->mutex};
    if (state_->threads == lookups_max) return {};
    ++state_->threads;
  }
  try {
    signals_blocked const blocked;
    std::thread{[shared = state_] { work(shared); }}.detach();
    return {};
  } catch (std::system_error const& e) {
    std::lock_guard const lock{state_->mutex};
    --state_->threads;
    if (state_->threads > 0) return {};  // those that run will come to it
    return {e.code().value(), boost::system::system_category()};
  }
}

void resolver::work(std::shared_ptr<state> const& shared) {
  for (;;) {
    std::shared_ptr<job> next;
    {
      std::lock_guard const lock{shared->mutex};
      if (shared->jobs.empty()) {
        --shared->threads;
        return;
      }
      next = std::move(shared->jobs.front());
      shared->jobs.pop_front();
    }
    auto answer = shared->function(next->host, next->port);

    std::lock_guard const lock{shared->mutex};
    if (shared->loop_is_gone) continue;
    asio::post(shared->where, [next, answer = std::move(answer)]() mutable {
      if (next->waiting == nullptr) return;
      next->answer = std::move(answer);
      next->waiting->set();
    });
  }
}

}  // namespace wixtokend::net
