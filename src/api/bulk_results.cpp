#include "api/bulk_results.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace wixtokend::api {
namespace {

namespace json = boost::json;

}  // namespace

void bulk_results::add_failure(problem const& why) {
  static_assert(fault_table.size() + failed_from <= 256);
  marks_.push_back(static_cast<std::uint8_t>(failed_from + static_cast<std::uint8_t>(why.what)));
  explain(marks_.size(), why);
}

void bulk_results::truncate() {
  truncated_ = true;
  problem const why{.what = fault::too_many_lines};
  explain(marks_.size() + 1, why);
}

void bulk_results::settle() noexcept {
  count(settled_, marks_.size());
  settled_ = marks_.size();
}

void bulk_results::settle_failed(problem const& why) {
  auto const failed = static_cast<std::uint8_t>(failed_from + static_cast<std::uint8_t>(why.what));
  // Failures of these lines that are explained already come after some that are not yet.
  auto const later = std::find_if(failures_.begin(), failures_.end(),
                                  [&](failure const& one) { return one.line > settled_; });
  std::vector<failure> const explained(std::make_move_iterator(later),
                                       std::make_move_iterator(failures_.end()));
  failures_.erase(later, failures_.end());
  auto next = explained.begin();
  for (auto line = settled_ + 1; line <= marks_.size(); ++line) {
    auto& mark = marks_[line - 1];
    if (mark == added || mark == known) {
      mark = failed;
      explain(line, why);
    }
    for (; next != explained.end() && next->line == line; ++next) {
      if (failures_.size() < failures_max) failures_.push_back(*next);
    }
  }
  settle();
}

void bulk_results::count(std::size_t from, std::size_t to) noexcept {
  for (auto i = from; i < to; ++i) {
    switch (marks_[i]) {
      case blank: break;
      case added: ++added_; break;
      case known: ++known_; break;
      default: ++failed_;
    }
  }
}

void bulk_results::explain(std::size_t line, problem const& why) {
  if (failures_.size() >= failures_max) return;
  auto const& entry = entry_of(why.what);
  auto text = why.description.empty() ? std::string{entry.description} : why.description;
  failures_.push_back({line, why.what, std::move(text)});
}

std::string bulk_results::summary_json() const {
  assert(unsettled() == 0);
  json::array failures;
  failures.reserve(failures_.size());
  for (auto const& one : failures_) {
    json::object shown;
    shown["line"] = one.line;
    shown["error"] = entry_of(one.what).code;
    shown["error_description"] = one.description;
    failures.push_back(std::move(shown));
  }
  json::object body;
  body["lines"] = added_ + known_ + failed_;
  body["added"] = added_;
  body["known"] = known_;
  body["failed"] = failed_;
  body["truncated"] = truncated_;
  body["failures"] = std::move(failures);
  return json::serialize(body);
}

std::string bulk_results::lines_json(std::size_t& first, std::size_t bytes_min) const {
  constexpr std::size_t line_bytes = 80;  // the longest is shorter
  std::string out;
  out.reserve(bytes_min + line_bytes);
  for (; first < marks_.size() && out.size() < bytes_min; ++first) {
    auto const mark = marks_[first];
    if (mark == blank) continue;
    out.append("{\"line\":").append(std::to_string(first + 1)).append(",\"status\":");
    if (mark >= failed_from) {
      auto const& entry = entry_of(static_cast<fault>(mark - failed_from));
      out.append(std::to_string(entry.status));
      out.append(",\"error\":\"").append(entry.code).append("\"}\n");
    } else {
      out.append(mark == added ? "201}\n" : "200}\n");
    }
  }
  return out;
}

}  // namespace wixtokend::api
