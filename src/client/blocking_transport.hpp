#pragma once
// Sends requests over connections that are kept, and made anew when they break; blocking.

#include "wixtoken/detail/flow.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace wixtoken::detail {

/// Requests in, answers out, each before its deadline. For many threads.
class blocking_transport {
 public:
  explicit blocking_transport(options settings) : settings_{std::move(settings)} {}
  blocking_transport(blocking_transport const&) = delete;
  blocking_transport& operator=(blocking_transport const&) = delete;
  ~blocking_transport();

  [[nodiscard]] result<answer> send(call const& what, time_point deadline);

  /// Makes sure that there is a connection; goes on trying until the deadline.
  [[nodiscard]] result<void> connect(time_point deadline);

  [[nodiscard]] options const& settings() const noexcept { return settings_; }

 private:
  struct lease {
    int descriptor = -1;
    bool used_before = false;
  };
  [[nodiscard]] result<lease> obtain(exchange_flow& flow);
  [[nodiscard]] int take_idle();
  void keep(int descriptor);

  options const settings_;
  std::mutex lock_;
  std::vector<int> idle_;
};

/// Pauses this thread.
void pause(milliseconds length);

}  // namespace wixtoken::detail
