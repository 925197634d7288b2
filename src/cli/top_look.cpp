#include "cli/top_look.hpp"

#include "cli/printable.hpp"
#include "cli/problem_text.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::cli {
namespace {

using namespace std::chrono_literals;

// Listing costs the daemon something: it is done now and then, and not to the end of a long list.
constexpr std::chrono::milliseconds list_every = 10s;
constexpr std::size_t page_size = 500;
constexpr std::size_t pages_max = 4;
constexpr std::size_t shown_max = 5;

}  // namespace

void top_look::list_soonest(std::chrono::milliseconds wall) {
  if (listed_at_ && wall - *listed_at_ < list_every && wall >= *listed_at_) return;
  listed_at_ = wall;
  soonest_.clear();
  note_.clear();
  wixtoken::list_request which;
  which.limit = page_size;
  std::size_t seen = 0;
  for (std::size_t pages = 0;; ++pages) {
    if (pages == pages_max) {
      note_ = "among the first " + grouped(seen);
      break;
    }
    auto const page = daemon_.list(which);
    if (page.has_error()) {
      // Another role is needed for it; all the rest is shown.
      note_ = page.error().kind == wixtoken::error_kind::denied ? "listing needs the role manage"
                                                                : printable(page.error().code);
      break;
    }
    seen += page->instances.size();
    for (auto const& one : page->instances) {
      if (!one.expires_at) continue;
      soonest_.push_back({one.instance_id, one.state, *one.expires_at, one.next_attempt_at});
    }
    if (!page->next_cursor) break;
    which.cursor = *page->next_cursor;
  }
  auto const middle =
      soonest_.begin() + static_cast<std::ptrdiff_t>(std::min(shown_max, soonest_.size()));
  std::partial_sort(soonest_.begin(), middle, soonest_.end(),
                    [](auto const& a, auto const& b) { return a.expires_at < b.expires_at; });
  soonest_.erase(middle, soonest_.end());
}

top_data top_look::look(std::chrono::milliseconds wall) {
  top_data out;
  out.now = std::chrono::floor<std::chrono::seconds>(wall).count();
  auto status = daemon_.status();
  if (status.has_error()) {
    problem_ = status.error();
    out.problem = problem_text(status.error());
    requests_before_.reset();
    listed_at_.reset();
    return out;
  }
  problem_.reset();
  list_soonest(wall);
  out.soonest = soonest_;
  out.soonest_note = note_;
  out.soonest_app = app_.empty() && !status->apps.empty() ? status->apps.front().name : app_;

  auto const spent = std::chrono::duration<double>{wall - looked_at_}.count();
  if (requests_before_ && spent > 0 && status->requests >= *requests_before_) {
    out.request_rate = static_cast<double>(status->requests - *requests_before_) / spent;
  }
  requests_before_ = status->requests;
  looked_at_ = wall;
  out.status = *std::move(status);
  return out;
}

}  // namespace wixtokend::cli
