#pragma once
// Structured logs: one event, one line, `key=value`. The back end (spdlog) stays in the `.cpp`.

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace wixtokend::observe {

enum class log_level { trace, debug, info, warning, error };

/// How lines look.
enum class log_format {
  text,      ///< `2026-01-31T12:00:00.000Z info  token_minted instance=… life=4h`
  json,      ///< one JSON object a line: time, level, event, and the fields
  journald,  ///< text without time and level, after the `<N>` priority of sd-daemon(3)
};

/// One field of a line. Values are escaped where they are written, so they may hold anything from
/// outside, but never a secret.
struct log_field {
  std::string_view key;
  std::string value;
};

/// Where lines go. Thread-safe. Never throws: a line that cannot be written is dropped.
class logger {
 public:
  virtual ~logger() = default;

  [[nodiscard]] virtual bool enabled(log_level level) const noexcept = 0;

  /// @param event  A stable snake_case name, for searching and alerting.
  virtual void write(log_level level, std::string_view event,
                     std::initializer_list<log_field> fields) noexcept = 0;

  void debug(std::string_view event, std::initializer_list<log_field> fields) noexcept {
    if (enabled(log_level::debug)) write(log_level::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<log_field> fields) noexcept {
    if (enabled(log_level::info)) write(log_level::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<log_field> fields) noexcept {
    write(log_level::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<log_field> fields) noexcept {
    write(log_level::error, event, fields);
  }
};

/// Writes to standard error, unbuffered.
[[nodiscard]] std::unique_ptr<logger> make_stderr_logger(log_level level, log_format format);

/// Reads "trace", "debug", "info", "warning", "error"; false if it is none of them.
[[nodiscard]] bool parse_log_level(std::string_view text, log_level& level) noexcept;

}  // namespace wixtokend::observe
