#include "store/key_ring.hpp"

#include "base/base64url.hpp"
#include "store/key_derivation.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string_view>
#include <utility>

namespace wixtokend::store {
namespace {

constexpr std::string_view prefix = "wixtokend-key-1:";
constexpr std::size_t key_size = 32;

std::string_view trimmed(std::string_view line) noexcept {
  static constexpr std::string_view blanks = " \t\r";
  auto const first = line.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

result<key_id> id_of(secret const& bytes) {
  key_id id{};
  auto const derived = derive_key(bytes, {}, "wixtokend key id", id.size());
  if (!derived.has_value()) return derived.error();
  std::memcpy(id.data(), derived->reveal().data(), id.size());
  return id;
}

// One line as a key, or what is wrong with it.
std::variant<sealing_key, std::string> parse_line(std::string_view line) {
  if (!line.starts_with(prefix)) return "is not a key: it must begin with wixtokend-key-1:";
  auto decoded = base64url_decode(line.substr(prefix.size()));
  if (!decoded.has_value()) return "is not a key: what follows the colon is not base64url";
  auto bytes = secret::take(std::move(*decoded));
  if (bytes.size() != key_size) {
    return "is not a key: it has " + std::to_string(bytes.size()) + " bytes instead of 32";
  }
  auto const id = id_of(bytes);
  if (!id.has_value()) return "could not be used: " + id.error().message();
  sealing_key key;
  key.id = *id;
  key.bytes = std::move(bytes);
  return key;
}

}  // namespace

std::string to_string(key_id const& id) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (auto const byte : id) {
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

key_ring::key_ring(std::vector<sealing_key> keys) : keys_{std::move(keys)} {
  assert(!keys_.empty());
}

sealing_key const* key_ring::find(key_id const& id) const noexcept {
  auto const found = std::ranges::find(keys_, id, &sealing_key::id);
  return found == keys_.end() ? nullptr : &*found;
}

std::variant<key_ring, key_error> parse_keys(secret const& text) {
  std::vector<sealing_key> keys;
  auto rest = text.reveal();
  for (std::size_t number = 1; !rest.empty(); ++number) {
    auto const end = rest.find('\n');
    auto const line = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.empty() || line.starts_with('#')) continue;

    auto const where = "line " + std::to_string(number) + " ";
    if (keys.size() == keys_max) {
      return key_error{where + "is one key too many: there may be " + std::to_string(keys_max)};
    }
    auto parsed = parse_line(line);
    if (auto const* const wrong = std::get_if<std::string>(&parsed)) {
      return key_error{where + *wrong};
    }
    auto& key = std::get<sealing_key>(parsed);
    if (std::ranges::find(keys, key.id, &sealing_key::id) != keys.end()) {
      return key_error{where + "repeats the key " + to_string(key.id) + "; remove one of them"};
    }
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return key_error{"lists no key; `wixtokend keygen` makes one"};
  return key_ring{std::move(keys)};
}

secret generate_key_text() {
  std::string bytes(key_size, '\0');
  if (!fill_random(bytes.data(), bytes.size())) return {};
  auto encoded = base64url_encode(bytes);
  wipe(bytes);
  std::string text;
  text.reserve(prefix.size() + encoded.size() + 1);  // no copy is left behind by growing
  text.append(prefix).append(encoded).append("\n");
  wipe(encoded);
  return secret::take(std::move(text));
}

}  // namespace wixtokend::store
