#include "wixtoken/client.hpp"

#include "wixtoken/async_client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace wixtoken {
namespace {

namespace asio = boost::asio;

constexpr std::size_t idle_lanes_max = 16;

// A loop and what runs on it; a call has one for itself.
struct lane {
  explicit lane(options settings) : calls{loop.get_executor(), std::move(settings)} {}

  asio::io_context loop{1};
  async_client calls;
};

// Runs a coroutine to its end.
template <class T>
T run(lane& on, asio::awaitable<T> work) {
  std::optional<T> outcome;
  std::exception_ptr thrown;
  asio::co_spawn(on.loop, std::move(work), [&](std::exception_ptr failed, T value) {
    thrown = std::move(failed);
    outcome.emplace(std::move(value));
  });
  on.loop.restart();
  on.loop.run();
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(outcome);
}

}  // namespace

class client::state {
 public:
  explicit state(options settings) : settings_{std::move(settings)} {}

  // `start` gets the calls of a lane, and gives the coroutine.
  template <class Start>
  auto call(Start start) {
    auto on = take();
    auto outcome = run(*on, start(on->calls));
    give_back(std::move(on));
    return outcome;
  }

 private:
  std::unique_ptr<lane> take() {
    {
      std::lock_guard const hold{lock_};
      if (!idle_.empty()) {
        auto last = std::move(idle_.back());
        idle_.pop_back();
        return last;
      }
    }
    return std::make_unique<lane>(settings_);
  }

  void give_back(std::unique_ptr<lane> done) {
    std::lock_guard const hold{lock_};
    if (idle_.size() < idle_lanes_max) idle_.push_back(std::move(done));
  }

  options const settings_;
  std::mutex lock_;
  std::vector<std::unique_ptr<lane>> idle_;
};

client::client(options settings) : state_{std::make_unique<state>(std::move(settings))} {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

result<access_token> client::token(std::string_view instance, needs wanted) {
  return state_->call([&](async_client& c) { return c.token(std::string{instance}, wanted); });
}

result<access_token> client::reject(std::string_view instance, std::uint64_t generation,
                                    needs wanted) {
  return state_->call(
      [&](async_client& c) { return c.reject(std::string{instance}, generation, wanted); });
}

result<access_token> client::reject(std::string_view instance, secret const& refused,
                                    needs wanted) {
  return state_->call(
      [&](async_client& c) { return c.reject(std::string{instance}, refused.copy(), wanted); });
}

result<std::optional<access_token>> client::watch(std::string_view instance,
                                                  std::uint64_t generation,
                                                  std::chrono::milliseconds timeout) {
  return state_->call(
      [&](async_client& c) { return c.watch(std::string{instance}, generation, timeout); });
}

result<void> client::drop_token(std::string_view instance) {
  return state_->call([&](async_client& c) { return c.drop_token(std::string{instance}); });
}

result<instance_view> client::view(std::string_view instance) {
  return state_->call([&](async_client& c) { return c.view(std::string{instance}); });
}

result<instance_page> client::list(list_request const& which) {
  return state_->call([&](async_client& c) { return c.list(which); });
}

result<added_instance> client::add(std::string_view instance, registration how) {
  return state_->call(
      [&](async_client& c) { return c.add(std::string{instance}, std::move(how)); });
}

result<bulk_summary> client::add_many(secret lines, bool replace) {
  return state_->call([&](async_client& c) { return c.add_many(std::move(lines), replace); });
}

result<void> client::remove(std::string_view instance) {
  return state_->call([&](async_client& c) { return c.remove(std::string{instance}); });
}

result<instance_view> client::restore(std::string_view instance) {
  return state_->call([&](async_client& c) { return c.restore(std::string{instance}); });
}

result<instance_view> client::retry(std::string_view instance) {
  return state_->call([&](async_client& c) { return c.retry(std::string{instance}); });
}

result<void> client::wait_until_there(std::chrono::milliseconds timeout) {
  return state_->call([&](async_client& c) { return c.wait_until_there(timeout); });
}

result<readiness> client::ready() {
  return state_->call([](async_client& c) { return c.ready(); });
}

result<daemon_status> client::status() {
  return state_->call([](async_client& c) { return c.status(); });
}

result<std::string> client::version() {
  return state_->call([](async_client& c) { return c.version(); });
}

}  // namespace wixtoken
