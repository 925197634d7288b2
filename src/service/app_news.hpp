#pragma once
// What is worth a log line about an app's endpoint, told once.

#include "core/engine_types.hpp"
#include "observe/log.hpp"

#include <string>
#include <string_view>

namespace wixtokend::service {

/// Remembers what was said of one app, and says what has changed: overload, the breaker, and a
/// rate that was lowered because the upstream throttles. Constant time.
class app_news {
 public:
  app_news(std::string app, observe::logger& log) : app_{std::move(app)}, log_{&log} {}

  /// To be called after each result of the app's flights.
  /// @param before, after  The app just before and after the engine took the result.
  /// @param failed         What the result was, if it was a failure.
  void look(core::app_view const& before, core::app_view const& after, core::failure const* failed,
            instant now);

 private:
  void tell_load(core::app_view const& seen);
  void tell_breaker(core::app_view const& seen, core::failure const* failed);
  void tell_rate(core::app_view const& before, core::app_view const& after, instant now);

  std::string app_;
  observe::logger* log_;
  bool overloaded_ = false;
  bool tripped_ = false;
};

}  // namespace wixtokend::service
