// Any body of a call: never a crash; what is accepted is within its limits and means the same when
// it is written anew; what is refused is told in one printable line. A body of lines gives the same
// lines however it is cut.
// Input: the body; behind the last 0xff the sizes of the pieces.
#include "api/line_splitter.hpp"
#include "api/request_bodies.hpp"
#include "base/text.hpp"
#include "support/fuzzing.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend;
using test::require;
namespace json = boost::json;

namespace {

constexpr std::size_t token_bytes_max = 16 * 1024;

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Descriptions quote what came from outside: cut, and without anything that ends a line.
void check_problem(api::problem const& why) {
  require(why.what == api::fault::invalid_body || why.what == api::fault::invalid_instance_id);
  require(why.description.size() <= 1024);
  for (char const c : why.description) {
    require(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
  }
}

void check_rejection(std::string_view body) {
  auto const read = api::read_rejection(body);
  if (!read.has_value()) return check_problem(read.error());
  json::object written;
  if (auto const* const generation = std::get_if<core::generation_number>(&*read)) {
    require(*generation < std::uint64_t{1} << 53U);
    written["generation"] = *generation;
  } else {
    auto const& token = std::get<secret>(*read);
    require(!token.empty() && token.size() <= token_bytes_max && is_utf8(token.reveal()));
    written["access_token"] = token.reveal();
  }
  auto const again = api::read_rejection(json::serialize(written));
  require(again.has_value() && *again == *read);
}

bool same(service::registration const& left, service::registration const& right) {
  return left.how == right.how && left.credential == right.credential &&
         left.replace == right.replace;
}

void check_registration_limits(service::registration const& read) {
  require(!read.replace && read.how != core::grant::none);
  bool const has_credential =
      read.how == core::grant::refresh_token || read.how == core::grant::authorization_code;
  require(read.credential.empty() != has_credential);
  require(read.credential.size() <= token_bytes_max && is_printable(read.credential.reveal()));
}

json::object written(service::registration const& read) {
  json::object out;
  if (!read.how) return out;
  out["grant"] = core::to_string(*read.how);
  if (*read.how == core::grant::refresh_token) out["refresh_token"] = read.credential.reveal();
  if (*read.how == core::grant::authorization_code) out["code"] = read.credential.reveal();
  return out;
}

void check_registration(std::string_view body) {
  auto const read = api::read_registration(body);
  if (!read.has_value()) return check_problem(read.error());
  check_registration_limits(*read);
  auto const again = api::read_registration(json::serialize(written(*read)));
  require(again.has_value() && same(*again, *read));
}

void check_line(std::string_view line) {
  auto const read = api::read_bulk_line(line);
  if (!read.has_value()) return check_problem(read.error());
  check_registration_limits(read->wanted);
  auto object = written(read->wanted);
  // Of one line and of one instance the same is read.
  auto const alone = api::read_registration(json::serialize(object));
  require(alone.has_value() && same(*alone, read->wanted));
  object["instance_id"] = read->instance.to_string();
  auto const again = api::read_bulk_line(json::serialize(object));
  require(again.has_value() && again->instance == read->instance);
  require(same(again->wanted, read->wanted));
}

bool same(api::dropin_request const& left, api::dropin_request const& right) {
  return left.grant_type == right.grant_type && left.client_id == right.client_id &&
         left.instance_id == right.instance_id && left.refresh_token == right.refresh_token &&
         left.token == right.token;
}

// Every byte in hexadecimal.
std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    (out += '%').append({digits[byte >> 4U], digits[byte & 0xfU]});
  }
  return out;
}

bool fits_form(std::string_view text) {
  return std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

// The same request in its other spellings.
struct dropin_spellings {
  json::object object;
  std::string form;
  bool fits_form = true;  // a form cannot hold all texts

  void add(std::string_view name, std::string_view value) {
    require(is_utf8(value));
    object[name] = value;
    form.append(form.empty() ? "" : "&").append(name).append("=").append(encoded(value));
    fits_form = fits_form && ::fits_form(value);
  }
  void add(std::string_view name, std::optional<std::string> const& value) {
    if (value) add(name, std::string_view{*value});
  }
  void add(std::string_view name, std::optional<secret> const& value) {
    if (value) add(name, value->reveal());
  }
};

void check_dropin(std::string_view body, bool form) {
  auto const read = api::read_dropin_request(body, form);
  if (!read.has_value()) return check_problem(read.error());
  dropin_spellings other;
  other.add("grantType", read->grant_type);
  other.add("clientId", read->client_id);
  other.add("instance_id", read->instance_id);
  other.add("refreshToken", read->refresh_token);
  other.add("token", read->token);
  for (bool const told_form : {false, true}) {
    auto const again = api::read_dropin_request(json::serialize(other.object), told_form);
    require(again.has_value() && same(*again, *read));
  }
  auto const again = api::read_dropin_request(other.form, true);
  require(again.has_value() == other.fits_form);
  require(!other.fits_form || same(*again, *read));
}

constexpr std::size_t line_bytes_max = 96;

// A line as text, or nothing for one that is too large.
using lines = std::vector<std::optional<std::string>>;

lines split(std::string_view body, test::piece_sizes sizes) {
  lines out;
  api::line_splitter splitter{line_bytes_max};
  auto const add = [&](api::line_splitter::line const& one) {
    require(one.too_large ? one.text.empty() : one.text.size() <= line_bytes_max);
    out.push_back(one.too_large ? std::nullopt : std::optional{std::string{one.text}});
  };
  while (!body.empty()) {
    std::string const piece{sizes.take_from(body)};  // ends with the piece, so that ASan sees it
    splitter.feed(piece);
    while (auto const line = splitter.next()) add(*line);
  }
  if (auto const last = splitter.rest()) add(*last);
  require(!splitter.rest().has_value());
  return out;
}

// The same in the obvious way.
lines split_at_once(std::string_view body) {
  lines out;
  while (!body.empty()) {
    auto const end = std::min(body.find('\n'), body.size());
    auto line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(line.size() > line_bytes_max ? std::nullopt : std::optional{std::string{line}});
  }
  return out;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  test::cut_stream const input{test::as_text(data, size)};
  check_rejection(input.bytes);
  check_registration(input.bytes);
  check_dropin(input.bytes, false);
  check_dropin(input.bytes, true);

  auto const expected = split_at_once(input.bytes);
  for (auto const sizes : {input.whole(), test::piece_sizes{1}, input.pieces()}) {
    require(split(input.bytes, sizes) == expected);
  }
  for (auto const& line : expected) {
    if (line) check_line(*line);
  }
  return 0;
}
