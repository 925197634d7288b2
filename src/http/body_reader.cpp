#include "http/body_reader.hpp"

#include "base/secret.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <utility>

namespace wixtokend::http {
namespace {

// The size of the line at the front with its end, 0 if it is incomplete and may still fit.
result<std::size_t> line_size(std::string_view bytes, std::size_t size_max) {
  auto const feed = bytes.find('\n');
  auto const least = (feed == bytes.npos ? bytes.size() : feed) + 1;
  if (least > size_max) return errc::header_too_large;
  if (feed == bytes.npos) return std::size_t{0};
  if (feed == 0 || bytes[feed - 1] != '\r') return errc::malformed_message;
  return least;
}

// RFC 9112 section 7.1: hexadecimal digits, then extensions, which nobody here understands.
result<std::uint64_t> parse_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  auto const* const end = line.data() + line.size();
  auto const [stopped, ec] = std::from_chars(line.data(), end, size, 16);
  if (ec != std::errc{} || line.front() == '-') return errc::malformed_message;

  auto const* const extension =
      std::find_if(stopped, end, [](char c) { return c != ' ' && c != '\t'; });
  if (extension == end) {
    if (stopped != end) return errc::malformed_message;
    return size;
  }
  bool const clean = *extension == ';' && std::none_of(extension, end, [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
  if (!clean) return errc::malformed_message;
  return size;
}

}  // namespace

body_reader::body_reader(framing how, std::uint64_t size, std::size_t size_max,
                         std::size_t line_bytes_max)
    : left_{size}, size_max_{size_max}, line_bytes_max_{line_bytes_max} {
  switch (how) {
    case framing::none: return;
    case framing::length: state_ = size == 0 ? state::complete : state::data; break;
    case framing::chunked: state_ = state::chunk_line; break;
    case framing::until_close: state_ = state::to_the_end; break;
  }
  // A body must not grow by reallocation, which would leave copies in freed memory. Large ones,
  // which only bulk registration has, hold no tokens.
  constexpr std::size_t reserved_max = 64 * 1024;
  auto const known = how == framing::length ? size : std::uint64_t{size_max};
  reserved_ = static_cast<std::size_t>(std::min<std::uint64_t>(known, reserved_max));
}

body_reader& body_reader::operator=(body_reader&& other) noexcept {
  if (this == &other) return *this;
  wipe(body_);
  state_ = std::exchange(other.state_, state::complete);
  left_ = other.left_;
  size_max_ = other.size_max_;
  size_ = other.size_;
  line_bytes_max_ = other.line_bytes_max_;
  trailer_bytes_ = other.trailer_bytes_;
  reserved_ = other.reserved_;
  body_ = std::move(other.body_);
  return *this;
}

body_reader::~body_reader() {
  wipe(body_);
}

result<std::size_t> body_reader::feed(std::string_view bytes) {
  std::size_t taken = 0;
  for (;;) {
    auto const piece = next(bytes.substr(taken));
    if (!piece.has_value()) return piece.error();
    taken += piece->taken;
    if (piece->data.empty()) return taken;
    body_.reserve(reserved_);
    body_.append(piece->data);
  }
}

result<body_piece> body_reader::next(std::string_view bytes) {
  if (state_ == state::data && left_ > size_max_) return errc::body_too_large;
  body_piece piece;
  while (!complete() && piece.taken < bytes.size() && piece.data.empty()) {
    bool const is_data = in_data();
    auto const more = step(bytes.substr(piece.taken));
    if (!more.has_value()) return more.error();
    if (*more == 0) break;
    if (is_data) piece.data = bytes.substr(piece.taken, *more);
    piece.taken += *more;
  }
  return piece;
}

bool body_reader::in_data() const noexcept {
  return state_ == state::data || state_ == state::chunk_data || state_ == state::to_the_end;
}

bool body_reader::end_of_stream() noexcept {
  if (state_ == state::to_the_end) state_ = state::complete;
  return complete();
}

std::string body_reader::take() noexcept {
  assert(complete());
  return std::exchange(body_, {});
}

result<std::size_t> body_reader::step(std::string_view bytes) {
  switch (state_) {
    case state::complete: break;
    case state::data: return read_data(bytes, state::complete);
    case state::to_the_end: return read_to_the_end(bytes);
    case state::chunk_line: return read_chunk_line(bytes);
    case state::chunk_data: return read_data(bytes, state::chunk_end);
    case state::chunk_end: return read_chunk_end(bytes);
    case state::trailer: return read_trailer(bytes);
  }
  return std::size_t{0};
}

result<std::size_t> body_reader::read_data(std::string_view bytes, state next) {
  auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  size_ += size;
  left_ -= size;
  if (left_ == 0) state_ = next;
  return size;
}

result<std::size_t> body_reader::read_to_the_end(std::string_view bytes) {
  if (bytes.size() > size_max_ - size_) return errc::body_too_large;
  size_ += bytes.size();
  return bytes.size();
}

result<std::size_t> body_reader::read_chunk_line(std::string_view bytes) {
  auto const size = line_size(bytes, line_bytes_max_);
  if (!size.has_value() || *size == 0) return size;
  if (*size == 2) return errc::malformed_message;  // nothing but the line's end
  auto const chunk = parse_chunk_size(bytes.substr(0, *size - 2));
  if (!chunk.has_value()) return chunk.error();
  if (*chunk > size_max_ - size_) return errc::body_too_large;
  left_ = *chunk;
  state_ = *chunk == 0 ? state::trailer : state::chunk_data;
  return size;
}

result<std::size_t> body_reader::read_chunk_end(std::string_view bytes) {
  auto const end = bytes.substr(0, 2);
  if (end != std::string_view{"\r\n"}.substr(0, end.size())) return errc::malformed_message;
  if (end.size() < 2) return std::size_t{0};
  state_ = state::chunk_line;
  return std::size_t{2};
}

// Trailer fields are dropped, one line at a time (RFC 9110 section 6.5.1 allows nothing else to
// somebody who does not know them).
result<std::size_t> body_reader::read_trailer(std::string_view bytes) {
  auto const size = line_size(bytes, line_bytes_max_ - trailer_bytes_);
  if (!size.has_value() || *size == 0) return size;
  trailer_bytes_ += *size;
  if (*size == 2) state_ = state::complete;
  return size;
}

}  // namespace wixtokend::http
