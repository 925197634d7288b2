#include "service/app_news.hpp"

#include "base/text.hpp"

#include <chrono>

namespace wixtokend::service {

void app_news::look(core::app_view const& before, core::app_view const& after,
                    core::failure const* failed, instant now) {
  tell_load(after);
  tell_breaker(after, failed);
  bool const throttled = failed != nullptr && failed->kind == core::failure_class::throttled;
  if (throttled && after.rate < before.rate) tell_rate(before, after, now);
}

// The end of an overload is told a little below where it began: instances come and go.
void app_news::tell_load(core::app_view const& seen) {
  constexpr double relief = 0.95;
  auto eased = seen;
  if (overloaded_) eased.ceiling *= relief;
  bool const now_overloaded = eased.overloaded();
  if (now_overloaded == overloaded_) return;
  overloaded_ = now_overloaded;
  if (overloaded_) {
    log_->warning("app_overloaded",
                  {{"app", app_},
                   {"demand", figure(seen.demand)},
                   {"ceiling", figure(seen.ceiling)},
                   {"advice", "instances may go cold: raise requests_per_second_max"}});
  } else {
    log_->info("app_relieved",
               {{"app", app_}, {"demand", figure(seen.demand)}, {"ceiling", figure(seen.ceiling)}});
  }
}

// Half open is still open as far as anybody outside is concerned: only a probe goes out.
void app_news::tell_breaker(core::app_view const& seen, core::failure const* failed) {
  bool const now_tripped = seen.breaker != core::breaker_state::closed;
  if (now_tripped == tripped_) return;
  tripped_ = now_tripped;
  if (!tripped_) return log_->info("breaker_closed", {{"app", app_}});
  log_->warning("breaker_opened",
                {{"app", app_},
                 {"status", failed == nullptr ? std::string{} : std::to_string(failed->status)},
                 {"code", failed == nullptr ? std::string{} : failed->code},
                 {"next", "usable tokens are served; only probes go to the upstream"}});
}

void app_news::tell_rate(core::app_view const& before, core::app_view const& after, instant now) {
  auto const pause = after.paused_until && *after.paused_until > now
                         ? std::chrono::ceil<std::chrono::seconds>(*after.paused_until - now)
                         : std::chrono::seconds{0};
  log_->warning("rate_lowered", {{"app", app_},
                                 {"from", figure(before.rate)},
                                 {"to", figure(after.rate)},
                                 {"ceiling", figure(after.ceiling)},
                                 {"pause", std::to_string(pause.count()) + "s"},
                                 {"next", "the rate rises again by itself"}});
}

}  // namespace wixtokend::service
