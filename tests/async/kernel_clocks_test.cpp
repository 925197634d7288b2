#include "async/kernel_clocks.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

using namespace wixtokend;
using namespace std::chrono_literals;

namespace {

// Held up for an hour between its two clocks, so many times.
class held_up final : public kernel_clocks {
 public:
  explicit held_up(int times) : left_{times} {}

  [[nodiscard]] clock_reading read() const noexcept override {
    clock_reading const reading{at_, at_ + 100h + (left_ > 0 ? 1h : 0h)};
    at_ += left_ > 0 ? duration{1h} : duration{1us};
    --left_;
    return reading;
  }

 private:
  mutable std::chrono::nanoseconds at_ = 1h;
  mutable int left_;
};

}  // namespace

TEST_SUITE("async.kernel_clocks") {
  TEST_CASE("both clocks run, and their offset stays") {
    kernel_clocks const clocks;
    auto const first = clocks.read_closely();
    auto const second = clocks.read_closely();
    CHECK(first.boot > 0s);
    CHECK(second.boot >= first.boot);
    CHECK(first.wall > std::chrono::seconds{1767225600});
    CHECK(std::chrono::abs(second.offset() - first.offset()) < clock_steps::reading_error);
  }

  TEST_CASE("a reading that was held up between the clocks is taken again") {
    CHECK(held_up{0}.read_closely().offset() == 100h);
    CHECK(held_up{1}.read_closely().offset() == 100h);
    CHECK(held_up{7}.read_closely().offset() == 100h);
    CHECK(held_up{100'000}.read_closely().offset() == 101h);  // it does not try for ever
  }

  TEST_CASE("the state of the clock can be asked for") {
    bool const synchronised = kernel_clocks{}.synchronised();
    CHECK((synchronised || !synchronised));  // that is the machine's affair
  }

  TEST_CASE("nothing happens at the watch while nobody sets the clock") {
    int const descriptor = kernel_clocks{}.open_step_watch();
    if (descriptor < 0) return;  // a sandbox without it
    pollfd watched{descriptor, POLLIN, 0};
    CHECK(::poll(&watched, 1, 0) == 0);
    ::close(descriptor);
  }
}
