#include "observe/log.hpp"

#include "observe/log_line.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <utility>

namespace wixtokend::observe {
namespace {

struct level_name {
  std::string_view name;
  log_level level;
};

constexpr std::array level_names{
    level_name{"trace", log_level::trace}, level_name{"debug", log_level::debug},
    level_name{"info", log_level::info},   level_name{"warning", log_level::warning},
    level_name{"error", log_level::error},
};

spdlog::level::level_enum of(log_level level) noexcept {
  switch (level) {
    case log_level::trace: return spdlog::level::trace;
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

// The `<N>` of sd-daemon(3): syslog's priorities.
class priority_flag final : public spdlog::custom_flag_formatter {
 public:
  void format(spdlog::details::log_msg const& message, std::tm const& /*time*/,
              spdlog::memory_buf_t& out) override {
    out.push_back('<');
    out.push_back(digit(message.level));
    out.push_back('>');
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<priority_flag>();
  }

 private:
  static char digit(spdlog::level::level_enum level) noexcept {
    if (level >= spdlog::level::err) return '3';
    if (level == spdlog::level::warn) return '4';
    return level == spdlog::level::info ? '6' : '7';
  }
};

std::unique_ptr<spdlog::formatter> make_formatter(log_format format) {
  auto result = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc, "\n");
  switch (format) {
    case log_format::text: result->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v"); break;
    case log_format::json:
      result->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})");
      break;
    case log_format::journald: result->add_flag<priority_flag>('*').set_pattern("%*%v"); break;
  }
  return result;
}

class stderr_logger final : public logger {
 public:
  stderr_logger(log_level level, log_format format)
      : sink_{std::make_shared<spdlog::sinks::stderr_sink_mt>()},
        back_end_{"wixtokend", sink_},
        format_{format} {
    back_end_.set_formatter(make_formatter(format));
    back_end_.set_level(of(level));
    // There is no other place to complain to.
    back_end_.set_error_handler([](std::string const&) {});
  }

  [[nodiscard]] bool enabled(log_level level) const noexcept override {
    return back_end_.should_log(of(level));
  }

  void write(log_level level, std::string_view event,
             std::initializer_list<log_field> fields) noexcept override {
    if (!enabled(level)) return;
    try {
      auto const body =
          format_ == log_format::json ? json_body(event, fields) : text_body(event, fields);
      back_end_.log(of(level), spdlog::string_view_t{body.data(), body.size()});
    } catch (...) {  // NOLINT(bugprone-empty-catch): out of memory; the line is dropped
    }
  }

 private:
  std::shared_ptr<spdlog::sinks::stderr_sink_mt> sink_;
  spdlog::logger back_end_;
  log_format format_;
};

}  // namespace

std::unique_ptr<logger> make_stderr_logger(log_level level, log_format format) {
  return std::make_unique<stderr_logger>(level, format);
}

bool parse_log_level(std::string_view text, log_level& level) noexcept {
  for (auto const& one : level_names) {
    if (one.name != text) continue;
    level = one.level;
    return true;
  }
  return false;
}

}  // namespace wixtokend::observe
