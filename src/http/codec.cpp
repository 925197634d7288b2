#include "http/codec.hpp"

#include "http/head_scanner.hpp"
#include "http/wiping_allocator.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace wixtokend::http {
namespace {

namespace beast = boost::beast;
using beast::http::error;

using allocator = wiping_allocator<char>;
using request_parser = beast::http::request_parser<beast::http::empty_body, allocator>;
using response_parser = beast::http::response_parser<beast::http::empty_body, allocator>;

template <class Header>
fields copy_fields(Header const& head) {
  fields copied;
  for (auto const& one : head) {
    copied.add(std::string{one.name_string()}, std::string{one.value()});
  }
  return copied;
}

// What Beast lets pass although two parties could read it differently, and so could be made to see
// different messages in the same bytes (RFC 9112 sections 6.1 and 6.3, RFC 9110 section 7.2).
template <class Header>
bool is_ambiguous(Header const& head) {
  using beast::http::field;
  if (head.count(field::host) > 1 || head.count(field::content_length) > 1) return true;
  if (head[field::content_length].find(',') != std::string_view::npos) return true;
  auto const codings = head.count(field::transfer_encoding);
  if (codings == 0) return false;
  bool const only_chunked =
      codings == 1 && beast::iequals(head[field::transfer_encoding], "chunked");
  return !only_chunked || head.version() < 11;
}

// How long the body is (RFC 9112 section 6.3). Only `is_request` is taken from the parser's type.
template <bool is_request, class Parser>
framing framing_of(Parser const& parser) {
  if constexpr (!is_request) {
    auto const status = parser.get().result_int();
    if (status < 200 || status == 204 || status == 304) return framing::none;
  }
  if (parser.chunked()) return framing::chunked;
  if (parser.content_length()) return framing::length;
  return is_request ? framing::none : framing::until_close;
}

// One message in the making. Beast reads the head only: its limit holds for each piece that it is
// given anew, a trailer's fields would join the head's, and it asserts (1.81) when an empty chunked
// body arrives in pieces.
template <class Parser>
struct decoding {
  static constexpr bool is_request = Parser::is_request::value;

  explicit decoding(limits const& bounds) {
    parser.header_limit(static_cast<std::uint32_t>(bounds.header_bytes_max));
    parser.skip(true);  // the body
  }

  [[nodiscard]] bool head_complete() const { return parser.is_header_done(); }
  [[nodiscard]] bool complete() const { return !failed && head_complete() && body.complete(); }

  result<std::size_t> feed(std::string_view bytes, limits const& bounds);
  result<std::size_t> try_feed(std::string_view bytes, limits const& bounds);
  result<void> read_head(std::string_view head, limits const& bounds);
  std::size_t skip_blank_line(std::string_view bytes);

  Parser parser;
  head_scanner scanner;
  body_reader body;
  streaming_test streams = nullptr;
  bool streaming = false;  // the body is handed out
  bool expects_continue = false;
  bool started = false;
  bool failed = false;
  bool may_skip_blank_line = is_request;
};

template <class Parser>
result<void> decoding<Parser>::read_head(std::string_view head, limits const& bounds) {
  error_code ec;
  parser.put(boost::asio::buffer(head), ec);
  if (ec == error::header_limit) return errc::header_too_large;
  if (ec || !parser.is_header_done()) return errc::malformed_message;
  if (is_ambiguous(parser.get())) return errc::malformed_message;

  if constexpr (is_request) {
    auto const& read = parser.get();
    streaming = streams != nullptr && streams(read.method_string(), read.target());
    expects_continue =
        read.version() >= 11 && beast::iequals(read[beast::http::field::expect], "100-continue");
  }
  auto const size = parser.content_length().value_or(0);
  auto const how = framing_of<is_request>(parser);
  auto const size_max = streaming ? body_reader::unlimited : bounds.body_bytes_max;
  if (how == framing::length && size > size_max) return errc::body_too_large;
  body = body_reader{how, size, size_max, bounds.header_bytes_max};
  return {};
}

// RFC 9112 section 2.2: some clients send one empty line too many after a body.
template <class Parser>
std::size_t decoding<Parser>::skip_blank_line(std::string_view bytes) {
  if (!may_skip_blank_line || head_complete() || bytes.substr(0, 2) != "\r\n") return 0;
  may_skip_blank_line = false;
  started = false;
  scanner = {};
  return 2;
}

// The head goes to Beast in one piece, so an incomplete one stays with the caller.
template <class Parser>
result<std::size_t> decoding<Parser>::try_feed(std::string_view bytes, limits const& bounds) {
  std::size_t taken = skip_blank_line(bytes);
  if (taken < bytes.size()) started = true;
  if (!head_complete()) {
    auto const rest = bytes.substr(taken);
    auto const size = scanner.find_end(rest, bounds.header_bytes_max);
    if (!size.has_value()) return size.error();
    if (*size == 0) return taken;
    auto const read = read_head(rest.substr(0, *size), bounds);
    if (!read.has_value()) return read.error();
    taken += *size;
  }
  if (streaming) return taken;
  auto const more = body.feed(bytes.substr(taken));
  if (!more.has_value()) return more.error();
  return taken + *more;
}

// A message that went wrong stays so: it never becomes complete.
template <class Parser>
result<std::size_t> decoding<Parser>::feed(std::string_view bytes, limits const& bounds) {
  if (failed) return errc::malformed_message;
  auto const taken = try_feed(bytes, bounds);
  failed = taken.has_error();
  return taken;
}

}  // namespace

struct request_decoder::state : decoding<request_parser> {
  state(limits const& bounds, streaming_test test) : decoding{bounds} { streams = test; }

  // The request but for its body.
  [[nodiscard]] request release_head() {
    auto const message = parser.release();
    request taken;
    taken.method = std::string{message.method_string()};
    taken.target = std::string{message.target()};
    // An HTTP/1.0 client would need to be told in the response: it gets a connection per request.
    taken.keep_alive = message.keep_alive() && message.version() >= 11;
    taken.takes_chunks = message.version() >= 11;
    taken.headers = copy_fields(message);
    return taken;
  }
};

request_decoder::request_decoder(limits bounds, streaming_test streams)
    : state_{std::make_unique<state>(bounds, streams)}, limits_{bounds}, streams_{streams} {}
request_decoder::request_decoder(request_decoder&&) noexcept = default;
request_decoder& request_decoder::operator=(request_decoder&&) noexcept = default;
request_decoder::~request_decoder() = default;

result<std::size_t> request_decoder::feed(std::string_view bytes) {
  return state_->feed(bytes, limits_);
}

bool request_decoder::started() const noexcept {
  return state_->started;
}
bool request_decoder::head_complete() const noexcept {
  return state_->head_complete();
}
bool request_decoder::complete() const noexcept {
  return state_->complete();
}

bool request_decoder::expects_continue() const {
  return !complete() && state_->expects_continue;
}

request request_decoder::take() {
  assert(complete());
  auto taken = state_->release_head();
  taken.body = state_->body.take();
  restart();
  return taken;
}

bool request_decoder::streaming() const noexcept {
  return state_->head_complete() && state_->streaming && !state_->body.complete();
}

request request_decoder::take_head() {
  assert(streaming());
  return state_->release_head();
}

result<body_piece> request_decoder::next_piece(std::string_view bytes) {
  assert(state_->head_complete() && state_->streaming);
  if (state_->failed) return errc::malformed_message;
  auto const piece = state_->body.next(bytes);
  state_->failed = piece.has_error();
  return piece;
}

void request_decoder::restart() {
  assert(complete());
  state_ = std::make_unique<state>(limits_, streams_);
}

struct response_decoder::state : decoding<response_parser> {
  using decoding::decoding;
  [[nodiscard]] bool interim() const { return complete() && parser.get().result_int() < 200; }
  [[nodiscard]] bool may_keep_connection() const {
    return parser.get().keep_alive() && framing_of<false>(parser) != framing::until_close;
  }
};

response_decoder::response_decoder(limits bounds)
    : state_{std::make_unique<state>(bounds)}, limits_{bounds} {}
response_decoder::response_decoder(response_decoder&&) noexcept = default;
response_decoder& response_decoder::operator=(response_decoder&&) noexcept = default;
response_decoder::~response_decoder() = default;

result<std::size_t> response_decoder::feed(std::string_view bytes) {
  std::size_t taken = 0;
  for (;;) {
    auto const more = state_->feed(bytes.substr(taken), limits_);
    if (!more.has_value()) return more.error();
    taken += *more;
    if (!state_->interim()) return taken;
    state_ = std::make_unique<state>(limits_);  // 1xx: the final response follows
    state_->started = true;
    if (++interim_count_ > interim_max) return errc::malformed_message;
  }
}

result<void> response_decoder::finish() {
  if (state_->failed || !state_->head_complete() || !state_->body.end_of_stream())
    return errc::connection_closed;
  return {};
}

bool response_decoder::started() const noexcept {
  return state_->started;
}
bool response_decoder::complete() const noexcept {
  return state_->complete();
}

response response_decoder::take() {
  assert(complete());
  bool const keep_alive = state_->may_keep_connection();
  auto const message = state_->parser.release();
  response taken;
  taken.status = message.result_int();
  taken.keep_alive = keep_alive;
  taken.headers = copy_fields(message);
  taken.body = state_->body.take();
  state_ = std::make_unique<state>(limits_);
  interim_count_ = 0;
  return taken;
}

}  // namespace wixtokend::http
