#include "api/request_headers.hpp"

#include "api/target.hpp"
#include "base/base64url.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace wixtokend::api {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  auto const first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes what stands before `mark` off the front of `rest`, and the mark with it.
std::string_view cut(std::string_view& rest, char mark) noexcept {
  auto const at = rest.find(mark);
  auto const piece = rest.substr(0, at);
  rest.remove_prefix(at == rest.npos ? rest.size() : at + 1);
  return trimmed(piece);
}

// A weight in thousandths: "1", "0.5", "0.125" (RFC 9110 section 12.4.2). What is no weight is 0:
// a range that nobody can rank is not wanted.
int weight_of(std::string_view text) noexcept {
  auto const dot = text.find('.');
  auto const whole = parse_decimal(text.substr(0, dot), 1);
  if (!whole.has_value()) return 0;
  int weight = static_cast<int>(*whole) * 1000;
  if (dot == text.npos) return weight;
  auto const digits = text.substr(dot + 1);
  if (digits.size() > 3) return 0;
  int scale = 100;
  for (char const digit : digits) {
    if (digit < '0' || digit > '9') return 0;
    weight += (digit - '0') * scale;
    scale /= 10;
  }
  return std::min(weight, 1000);
}

// How exactly a media range names a type: 0 not at all, 1 as */*, 2 as text/*, 3 by its name.
int exactness(std::string_view range, std::string_view type) noexcept {
  auto const major = type.substr(0, type.find('/') + 1);
  if (equal_ignoring_case(range, type)) return 3;
  if (range.size() == major.size() + 1 && range.back() == '*' &&
      equal_ignoring_case(range.substr(0, major.size()), major)) {
    return 2;
  }
  return range == "*/*" ? 1 : 0;
}

// The weight that the most exact of the ranges gives to a type; 0 if none names it.
int quality(std::string_view accept, std::string_view type) noexcept {
  int best_exactness = 0;
  int weight = 0;
  while (!accept.empty()) {
    auto options = cut(accept, ',');
    int const exact = exactness(cut(options, ';'), type);
    if (exact == 0 || exact < best_exactness) continue;
    int given = 1000;
    while (!options.empty()) {
      auto const option = cut(options, ';');
      if (option.starts_with("q=") || option.starts_with("Q=")) given = weight_of(option.substr(2));
    }
    weight = exact > best_exactness ? given : std::max(weight, given);
    best_exactness = exact;
  }
  return weight;
}

}  // namespace

std::optional<std::string_view> forwarding_header(http::fields const& headers) noexcept {
  static constexpr std::array<std::string_view, 3> telling{"Forwarded", "X-Forwarded-For",
                                                           "Origin"};
  for (auto const name : telling) {
    if (headers.contains(name)) return name;
  }
  return std::nullopt;
}

bool prefers_plain_text(std::string_view accept) noexcept {
  return quality(accept, "text/plain") > quality(accept, "application/json");
}

std::string combined(http::fields const& headers, std::string_view name) {
  std::string all;
  for (auto const& one : headers) {
    if (!equal_ignoring_case(one.name, name)) continue;
    if (!all.empty()) all += ", ";
    all += one.value;
  }
  return all;
}

bool names_generation(std::string_view if_none_match, core::generation_number generation) {
  if (trimmed(if_none_match) == "*") return true;
  auto const wanted = entity_tag(generation);
  while (!if_none_match.empty()) {
    auto tag = cut(if_none_match, ',');  // our tags hold no comma, so a foreign one may be cut up
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == wanted) return true;
  }
  return false;
}

std::string entity_tag(core::generation_number generation) {
  return '"' + std::to_string(generation) + '"';
}

std::optional<std::string> basic_user(std::string_view authorization) {
  constexpr std::string_view scheme = "Basic ";
  if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return std::nullopt;
  std::string encoded{trimmed(authorization.substr(scheme.size()))};
  while (encoded.ends_with('=')) encoded.pop_back();
  std::ranges::replace(encoded, '+', '-');
  std::ranges::replace(encoded, '/', '_');
  auto credentials = base64url_decode(encoded);
  wipe(encoded);
  if (!credentials.has_value()) return std::nullopt;
  auto const colon = credentials->find(':');
  auto const user = colon == std::string::npos ? std::string{} : credentials->substr(0, colon);
  wipe(*credentials);
  auto decoded = parse_form(user);
  bool const one = decoded.has_value() && decoded->size() == 1 && decoded->front().value.empty();
  return one ? std::optional{std::move(decoded->front().name)} : std::nullopt;
}

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace wixtokend::api
