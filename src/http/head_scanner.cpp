#include "http/head_scanner.hpp"

namespace wixtokend::http {

result<std::size_t> head_scanner::find_end(std::string_view bytes, std::size_t size_max) noexcept {
  for (;;) {
    auto const feed = bytes.find('\n', searched_);
    auto const seen = feed == bytes.npos ? bytes.size() : feed + 1;
    if (seen > size_max) return errc::header_too_large;
    searched_ = seen;
    if (feed == bytes.npos) return std::size_t{0};

    if (feed == line_ || bytes[feed - 1] != '\r') return errc::malformed_message;
    bool const empty = feed - 1 == line_;
    if (empty && line_ != 0) return seen;
    if (empty) return errc::malformed_message;  // there is no first line
    bool const folded = line_ != 0 && (bytes[line_] == ' ' || bytes[line_] == '\t');
    if (folded) return errc::malformed_message;
    line_ = seen;
  }
}

}  // namespace wixtokend::http
