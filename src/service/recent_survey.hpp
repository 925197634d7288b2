#pragma once
// A survey of all instances that several readers share.

#include "async/event.hpp"
#include "async/task.hpp"
#include "base/time.hpp"
#include "core/survey.hpp"

#include <chrono>
#include <list>
#include <vector>

namespace wixtokend::service {

class token_service;

/// Looks at all instances no more often than once a second, however many ask. Belongs to the loop's
/// thread.
class recent_survey {
 public:
  /// How old what is given out may be.
  static constexpr duration age_max = std::chrono::seconds{1};

  explicit recent_survey(token_service const& tokens) noexcept : tokens_{tokens} {}
  recent_survey(recent_survey const&) = delete;
  recent_survey& operator=(recent_survey const&) = delete;

  /// A part for each app. Can be cancelled: another one who waits looks then.
  task<std::vector<core::app_survey>> look();

 private:
  class looking;
  class listening;

  [[nodiscard]] bool fresh() const;

  token_service const& tokens_;
  std::vector<core::app_survey> last_;  ///< empty: there was none yet
  instant last_at_{};
  bool under_way_ = false;
  std::list<event*> listeners_;
};

}  // namespace wixtokend::service
