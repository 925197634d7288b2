#pragma once
// The screen of `wixtoken top`: what is known, laid out for so many columns and rows. Pure.

#include "wixtoken/status.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::cli {

/// A token that ends soon.
struct soon_expiry {
  std::string instance_id;
  std::string state;
  std::int64_t expires_at = 0;
  std::optional<std::int64_t> next_attempt_at;
};

/// What one look at the daemon gave.
struct top_data {
  std::optional<wixtoken::daemon_status> status;
  std::string problem;                 ///< without a status: why, for a line; printable
  std::optional<double> request_rate;  ///< requests per second since the look before
  std::vector<soon_expiry> soonest;    ///< soonest first
  std::string soonest_app;             ///< the app that they are of
  std::string soonest_note;            ///< `among the first 2,000`, or why there are none
  std::int64_t now = 0;
};

/// How it is to be laid out.
struct top_layout {
  std::size_t columns = 80;  ///< 0: nothing is cut
  std::size_t rows = 24;     ///< 0: as many as it takes
  bool colour = false;
  std::int64_t interval_tenths = 20;  ///< between looks, for the last line; 0: there is none
  bool paused = false;
};

/// The lines of the screen, none wider than it and no more than fit. Colours are SGR sequences
/// around whole words; without them nothing is lost.
[[nodiscard]] std::vector<std::string> top_lines(top_data const& data, top_layout const& layout);

}  // namespace wixtokend::cli
