#include "observe/exposition.hpp"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <utility>

namespace wixtokend::observe {
namespace {

std::string_view name_of(metric_kind kind, bool open) noexcept {
  switch (kind) {
    case metric_kind::counter: return "counter";
    case metric_kind::gauge: return "gauge";
    case metric_kind::histogram: return "histogram";
    case metric_kind::gauge_histogram: return open ? "gaugehistogram" : "histogram";
  }
  return "unknown";
}

// Quotes need no escape in the help text of Prometheus' own format, and must have one elsewhere.
void append_escaped(std::string& to, std::string_view text, bool quotes) {
  for (char const c : text) {
    switch (c) {
      case '\\': to += "\\\\"; break;
      case '"': to += quotes ? "\\\"" : "\""; break;
      case '\n': to += "\\n"; break;
      default: to += c;
    }
  }
}

template <class Number>
std::string to_text(Number value) {
  std::array<char, 32> digits{};
  auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return to_text(value);
}

}  // namespace

std::string_view content_type_of(exposition_format format) noexcept {
  return format == exposition_format::openmetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

// A scraper that names OpenMetrics at all prefers it: it names the others for the servers that do
// not know it.
exposition_format choose_format(std::string_view accept) noexcept {
  return accept.find("application/openmetrics-text") == accept.npos
             ? exposition_format::prometheus
             : exposition_format::openmetrics;
}

void exposition::family(metric_kind kind, std::string_view name, std::string_view help,
                        std::string_view unit) {
  assert(name.ends_with(unit));
  kind_ = kind;
  name_ = name;
  bool const open = format_ == exposition_format::openmetrics;
  std::string const full = name_ + (kind == metric_kind::counter && !open ? "_total" : "");
  text_.append("# HELP ").append(full).append(" ");
  append_escaped(text_, help, open);
  text_.append("\n# TYPE ").append(full).append(" ").append(name_of(kind, open)).append("\n");
  if (open && !unit.empty()) {
    text_.append("# UNIT ").append(full).append(" ").append(unit).append("\n");
  }
}

void exposition::sample(labels which, double value) {
  assert(kind_ == metric_kind::counter || kind_ == metric_kind::gauge);
  line(kind_ == metric_kind::counter ? "_total" : "", which, nullptr, number_text(value));
}

void exposition::sample(labels which, std::uint64_t value) {
  assert(kind_ == metric_kind::counter || kind_ == metric_kind::gauge);
  line(kind_ == metric_kind::counter ? "_total" : "", which, nullptr, to_text(value));
}

void exposition::sample(labels which, histogram const& value) {
  assert(kind_ == metric_kind::histogram || kind_ == metric_kind::gauge_histogram);
  auto const bounds = value.bounds();
  std::uint64_t count = 0;
  for (std::size_t range = 0; range <= bounds.size(); ++range) {
    count += value.in_range(range);
    auto const bound = range < bounds.size() ? number_text(bounds[range]) : "+Inf";
    label const upper{"le", bound};
    line("_bucket", which, &upper, to_text(count));
  }
  bool const of_now =
      kind_ == metric_kind::gauge_histogram && format_ == exposition_format::openmetrics;
  line(of_now ? "_gsum" : "_sum", which, nullptr, number_text(value.sum()));
  line(of_now ? "_gcount" : "_count", which, nullptr, to_text(count));
}

void exposition::line(std::string_view suffix, labels which, label const* more,
                      std::string_view value) {
  text_.append(name_).append(suffix);
  char before = '{';
  auto const add = [&](label const& one) {
    text_ += before;
    before = ',';
    text_.append(one.first).append("=\"");
    append_escaped(text_, one.second, true);
    text_ += '"';
  };
  for (auto const& one : which) add(one);
  if (more != nullptr) add(*more);
  if (before == ',') text_ += '}';
  text_.append(" ").append(value).append("\n");
}

std::string exposition::take() {
  if (format_ == exposition_format::openmetrics) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace wixtokend::observe
