// Any bytes as HTTP requests: never a crash; how the bytes are cut into pieces changes nothing, nor
// whether bodies are collected or handed out; what was read can be written, and is the same then.
// Input: the bytes; behind the last 0xff the sizes of the pieces.
#include "http/codec.hpp"
#include "support/fuzzing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend;
using test::require;

namespace {

constexpr http::limits bounds{1024, 512};

struct outcome {
  std::vector<http::request> requests;
  error_code reason;
};

// Feeds as a session does: what a decoder does not take is offered again with what follows.
outcome decode(std::string_view bytes, test::piece_sizes sizes) {
  outcome seen;
  http::request_decoder decoder{bounds};
  std::string pending;
  while (!bytes.empty()) {
    pending.append(sizes.take_from(bytes));
    for (;;) {
      auto const taken = decoder.feed(pending);
      if (!taken.has_value()) {
        seen.reason = taken.error();
        return seen;
      }
      require(*taken <= pending.size());
      pending.erase(0, *taken);
      if (!decoder.complete()) break;
      seen.requests.push_back(decoder.take());
    }
    require(pending.size() <= bounds.header_bytes_max);
  }
  return seen;
}

// The same with bodies that are handed out.
std::vector<http::request> decode_streaming(std::string_view bytes, test::piece_sizes sizes) {
  std::vector<http::request> seen;
  http::request_decoder decoder{bounds, [](std::string_view, std::string_view) { return true; }};
  std::string pending;
  bool in_body = false;
  while (!bytes.empty()) {
    pending.append(sizes.take_from(bytes));
    for (;;) {
      if (!in_body) {
        auto const taken = decoder.feed(pending);
        if (!taken.has_value()) return seen;
        pending.erase(0, *taken);
        if (decoder.complete()) {
          seen.push_back(decoder.take());
          continue;
        }
        if (!decoder.streaming()) break;
        seen.push_back(decoder.take_head());
        in_body = true;
      }
      auto const part = decoder.next_piece(pending);
      if (!part.has_value()) {
        seen.pop_back();
        return seen;
      }
      require(part->data.size() <= part->taken && part->taken <= pending.size());
      seen.back().body += part->data;
      bool const nothing = part->data.empty();
      pending.erase(0, part->taken);
      if (!nothing) continue;
      require(decoder.complete() || pending.size() < bounds.header_bytes_max);
      if (!decoder.complete()) break;
      decoder.restart();
      in_body = false;
    }
  }
  if (in_body) seen.pop_back();
  return seen;
}

bool same(http::request const& left, http::request const& right) {
  bool equal = left.method == right.method && left.target == right.target &&
               left.body == right.body && left.keep_alive == right.keep_alive &&
               left.headers.size() == right.headers.size();
  auto other = right.headers.begin();
  for (auto const& [name, value] : left.headers) {
    if (!equal) break;
    equal = name == other->name && value == other->value;
    ++other;
  }
  return equal;
}

bool is_framing(http::field const& one) {
  return one.name == "Content-Length" || one.name == "Connection" ||
         one.name == "Transfer-Encoding";
}

// Without what the codec writes by itself, whose names it does not keep.
http::request without_framing(http::request message) {
  http::fields kept;
  for (auto const& one : message.headers) {
    auto name = one.name;
    for (auto const* const known : {"Content-Length", "Connection", "Transfer-Encoding"}) {
      bool const is_known = std::ranges::equal(
          name, std::string_view{known}, {}, [](char c) { return c | 0x20; },
          [](char c) { return c | 0x20; });
      if (is_known) name = known;
    }
    if (!is_framing({name, {}})) kept.add(one.name, one.value);
  }
  message.headers = std::move(kept);
  return message;
}

// The decoder leaves it to the API to refuse targets that no URI is; they are not written.
bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

void check_writing(http::request const& read) {
  if (!is_visible_ascii(read.target)) return;
  auto const written = http::encode(read);
  http::request_decoder decoder{{4096, 512}};
  auto const taken = decoder.feed(written);
  require(taken.has_value() && *taken == written.size() && decoder.complete());
  require(same(without_framing(decoder.take()), without_framing(read)));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  test::cut_stream const input{test::as_text(data, size)};
  auto const whole = decode(input.bytes, input.whole());
  for (auto const sizes : {test::piece_sizes{1}, test::piece_sizes{7}, input.pieces()}) {
    auto const cut = decode(input.bytes, sizes);
    require(cut.requests.size() == whole.requests.size());
    require(cut.reason.failed() == whole.reason.failed());
    for (std::size_t i = 0; i < cut.requests.size(); ++i) {
      require(same(cut.requests[i], whole.requests[i]));
    }
  }
  // Only the limit on bodies makes a difference.
  for (auto const sizes : {input.whole(), test::piece_sizes{3}, input.pieces()}) {
    auto const streamed = decode_streaming(input.bytes, sizes);
    require(streamed.size() >= whole.requests.size());
    for (std::size_t i = 0; i < whole.requests.size(); ++i) {
      require(same(streamed[i], whole.requests[i]));
    }
  }
  for (auto const& one : whole.requests) {
    require(one.body.size() <= bounds.body_bytes_max);
    for (auto const& [name, value] : one.headers) {
      require(value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos);
      require(!name.empty());
    }
    check_writing(one);
  }
  return 0;
}
