#include "cli/table.hpp"

#include "cli/printable.hpp"

#include <utility>

namespace wixtokend::cli {
namespace {

constexpr std::size_t gap = 2;

}  // namespace

table::table(std::vector<column> columns, std::size_t total)
    : columns_{std::move(columns)}, total_{total} {}

std::string table::header() const {
  std::vector<std::string> titles;
  titles.reserve(columns_.size());
  for (auto const& one : columns_) titles.push_back(one.title);
  return row(titles);
}

std::string table::row(std::vector<std::string> const& cells) const {
  std::string line;
  std::size_t used = 0;
  for (std::size_t i = 0; i < columns_.size() && i < cells.size(); ++i) {
    auto const& one = columns_[i];
    if (total_ != 0 && total_ < one.from_total) continue;
    if (used != 0) line.append(gap, ' ');
    used += used != 0 ? gap : 0;
    bool const last = i + 1 == columns_.size();
    auto width = one.width;
    if (total_ != 0 && last) width = total_ > used ? total_ - used : 0;
    auto const text = total_ == 0 ? cells[i] : cut(cells[i], width);
    line += one.right ? padded_left(text, one.width) : last ? text : padded(text, one.width);
    used += last ? 0 : one.width;
  }
  line.resize(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace wixtokend::cli
