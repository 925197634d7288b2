#pragma once
// What `wixtoken top` asks the daemon for one screen.

#include "cli/top_screen.hpp"
#include "wixtoken/client.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace wixtokend::cli {

/// Asks, and remembers from one look to the next.
class top_look {
 public:
  /// @param app  The app whose instances are listed; empty: the daemon's default app.
  top_look(wixtoken::client& daemon, std::string app) : daemon_{daemon}, app_{std::move(app)} {}

  /// Asks the daemon; never longer than its few calls may take.
  [[nodiscard]] top_data look(std::chrono::milliseconds wall);

  /// What went wrong with the last look, if it did.
  [[nodiscard]] std::optional<wixtoken::error> const& problem() const noexcept { return problem_; }

 private:
  void list_soonest(std::chrono::milliseconds wall);

  wixtoken::client& daemon_;
  std::string app_;
  std::optional<wixtoken::error> problem_;
  std::optional<std::uint64_t> requests_before_;
  std::chrono::milliseconds looked_at_{0};
  std::optional<std::chrono::milliseconds> listed_at_;
  std::vector<soon_expiry> soonest_;
  std::string note_;
};

}  // namespace wixtokend::cli
