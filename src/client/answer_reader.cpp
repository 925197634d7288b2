#include "wixtoken/detail/answer_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cassert>
#include <cstdint>
#include <optional>
#include <utility>

namespace wixtoken::detail {
namespace {

namespace http = boost::beast::http;

constexpr std::uint32_t head_bytes_max = 16 * 1024;
constexpr std::uint64_t body_bytes_max = 16 * 1024 * 1024;  // a page of 500 views is far less
constexpr int interim_answers_max = 4;

std::string text_of(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// At once, rather than when as much has come as a line of HTTP has at the least.
bool may_begin(std::string_view bytes) noexcept {
  constexpr std::string_view begin = "HTTP/1.";
  return bytes.substr(0, begin.size()) == begin.substr(0, bytes.size());
}

}  // namespace

struct answer_reader::state {
  using parser = http::response_parser<http::string_body>;

  state() { begin(); }
  state(state const&) = delete;
  state& operator=(state const&) = delete;
  ~state() {
    wipe(pending);
    wipe(reading->get().body());
  }

  void begin() {
    reading.emplace();
    reading->header_limit(head_bytes_max);
    reading->body_limit(body_bytes_max);
    reading->eager(false);  // the head first: what it says may be refused
  }

  // Whether an interim answer (100 Continue) was skipped.
  bool skip_interim() {
    if (!reading->is_done() || reading->get().result_int() >= 200) return false;
    ++interim_answers;
    begin();
    return true;
  }

  std::optional<parser> reading;
  std::string pending;  // what the parser could not use yet
  int interim_answers = 0;
};

answer_reader::answer_reader() : state_{std::make_unique<state>()} {}
answer_reader::~answer_reader() = default;

bool answer_reader::feed(std::string_view bytes) {
  auto& now = *state_;
  now.pending.append(bytes);
  std::string_view rest = now.pending;
  if (!now.reading->got_some() && !may_begin(rest)) return false;
  while (!rest.empty() && !complete()) {
    boost::system::error_code ec;
    auto const used = now.reading->put(boost::asio::const_buffer{rest.data(), rest.size()}, ec);
    rest.remove_prefix(used);
    if (ec && ec != http::error::need_more) return false;
    // The daemon sends chunks in one call only, which this client does not make; and Beast 1.81
    // ends the process at an empty first chunk that comes in pieces.
    if (now.reading->is_header_done() && now.reading->chunked()) return false;
    if (now.skip_interim()) {
      if (now.interim_answers > interim_answers_max) return false;
      continue;
    }
    if (ec == http::error::need_more || used == 0) break;
  }
  if (complete() && !rest.empty()) return false;
  std::string left{rest};
  wipe(now.pending);
  now.pending = std::move(left);
  return true;
}

bool answer_reader::finish() {
  if (complete()) return true;
  if (!state_->reading->got_some()) return false;
  boost::system::error_code ec;
  state_->reading->put_eof(ec);
  return !ec && complete();
}

bool answer_reader::complete() const noexcept {
  return state_->reading->is_done();
}

answer answer_reader::take() {
  assert(complete());
  auto& message = state_->reading->get();
  answer out;
  out.status = message.result_int();
  out.request_id = text_of(message["X-Request-Id"]);
  out.cache = text_of(message["X-Cache"]);
  out.keep_alive = state_->reading->keep_alive();
  out.body = std::move(message.body());
  return out;
}

}  // namespace wixtoken::detail
