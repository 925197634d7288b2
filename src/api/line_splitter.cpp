#include "api/line_splitter.hpp"

#include <cassert>
#include <utility>

namespace wixtokend::api {

void line_splitter::feed(std::string_view piece) {
  assert(piece_.empty());
  piece_ = piece;
}

std::optional<line_splitter::line> line_splitter::next() {
  if (std::exchange(given_, false)) kept_.clear();
  auto const feed = piece_.find('\n');
  auto const part = piece_.substr(0, feed);
  bool const whole = feed != piece_.npos;
  piece_.remove_prefix(whole ? feed + 1 : piece_.size());

  if (whole && kept_.empty() && !skipping_) return finished(part, false);  // nothing is copied
  keep(part);
  if (!whole) return std::nullopt;
  given_ = true;
  return finished(kept_.view(), std::exchange(skipping_, false));
}

std::optional<line_splitter::line> line_splitter::rest() {
  assert(piece_.empty());
  if (std::exchange(given_, true)) return std::nullopt;
  if (kept_.empty() && !skipping_) return std::nullopt;
  return finished(kept_.view(), std::exchange(skipping_, false));
}

// The carriage return is not counted.
line_splitter::line line_splitter::finished(std::string_view text, bool too_large) const noexcept {
  if (text.ends_with('\r')) text.remove_suffix(1);
  too_large = too_large || text.size() > line_bytes_max_;
  return too_large ? line{{}, true} : line{text, false};
}

void line_splitter::keep(std::string_view part) {
  if (skipping_) return;
  if (part.size() > line_bytes_max_ + 1 - kept_.size()) {  // one more: it may be a carriage return
    skipping_ = true;
    kept_.clear();
    return;
  }
  kept_.append(part);
}

}  // namespace wixtokend::api
