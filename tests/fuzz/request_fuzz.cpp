// Any bytes as HTTP requests: never a crash, and how the bytes are cut into pieces changes nothing.
#include "http/codec.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend;

namespace {

struct outcome {
  std::vector<http::request> requests;
  error_code reason;
};

// Feeds as a session does: what a decoder does not take is offered again with what follows.
outcome decode(std::string_view bytes, std::size_t piece) {
  outcome seen;
  http::request_decoder decoder{{1024, 512}};
  std::string pending;
  while (!bytes.empty()) {
    pending.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      auto const taken = decoder.feed(pending);
      if (!taken.has_value()) {
        seen.reason = taken.error();
        return seen;
      }
      pending.erase(0, *taken);
      if (!decoder.complete()) break;
      seen.requests.push_back(decoder.take());
    }
  }
  return seen;
}

// The same with bodies that are handed out.
std::vector<http::request> decode_streaming(std::string_view bytes, std::size_t piece) {
  std::vector<http::request> seen;
  http::request_decoder decoder{{1024, 512},
                                [](std::string_view, std::string_view) { return true; }};
  std::string pending;
  bool in_body = false;
  while (!bytes.empty()) {
    pending.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
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
      seen.back().body += part->data;
      bool const nothing = part->data.empty();
      pending.erase(0, part->taken);
      if (!nothing) continue;
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
    equal = equal && name == other->name && value == other->value;
    ++other;
  }
  return equal;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const input{reinterpret_cast<char const*>(data), size};
  auto const whole = decode(input, input.size() + 1);
  for (std::size_t const piece : {1U, 7U}) {
    auto const cut = decode(input, piece);
    require(cut.requests.size() == whole.requests.size());
    require(cut.reason.failed() == whole.reason.failed());
    for (std::size_t i = 0; i < cut.requests.size(); ++i) {
      require(same(cut.requests[i], whole.requests[i]));
    }
  }
  // Only the limit on bodies makes a difference.
  for (std::size_t const piece : {input.size() + 1, std::size_t{3}}) {
    auto const streamed = decode_streaming(input, piece);
    require(streamed.size() >= whole.requests.size());
    for (std::size_t i = 0; i < whole.requests.size(); ++i) {
      require(same(streamed[i], whole.requests[i]));
    }
  }
  for (auto const& one : whole.requests) {
    require(one.body.size() <= 512);
    for (auto const& [name, value] : one.headers) {
      require(value.find('\n') == std::string::npos && !name.empty());
    }
  }
  return 0;
}
