#pragma once
// The part of a log line that depends on its event: rendered, escaped, and bounded in length.

#include "observe/log.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace wixtokend::observe {

/// No line is longer, its newline included: Linux writes up to this much to a pipe in one piece
/// (PIPE_BUF), so lines of several threads or processes do not mix.
inline constexpr std::size_t line_size_max = 4096;

/// Room for what a format puts round the event: time, level, priority, braces, newline.
inline constexpr std::size_t line_frame_size_max = 96;

/// No rendered value is longer; what is cut off shows as `…`.
inline constexpr std::size_t value_size_max = 1024;

/// `event key=value key="two words"`. A value stands bare if it is plain: printable ASCII without
/// blanks, quotes, backslashes and `=`. Else it is quoted and escaped, so that no value can end the
/// line, forge a field, or move a terminal's cursor.
///
/// Fields that do not fit any more are replaced by `truncated=true`.
/// @param event, fields  Event and keys are names of ours and stand as they are.
[[nodiscard]] std::string text_body(std::string_view event, std::span<log_field const> fields);

/// `"event":"…","key":"value"`: the members of a JSON object (RFC 8259), all of them strings.
/// Bytes that are not UTF-8 become U+FFFD. Bounded as `text_body`.
[[nodiscard]] std::string json_body(std::string_view event, std::span<log_field const> fields);

}  // namespace wixtokend::observe
