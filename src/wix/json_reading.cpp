#include "wix/json_reading.hpp"

#include "base/secret.hpp"

#include <boost/json.hpp>

#include <cassert>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <new>
#include <system_error>
#include <utility>

namespace wixtokend::wix {
namespace json = boost::json;
namespace {

constexpr double year_9999_end = 253402300799.0;

// The heap, but what is given back is overwritten first. The alignments are not passed on: Boost
// does not give the same one back that it asked for, and none exceeds what `new` aligns to.
class wiping_resource final : public json::memory_resource {
 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    assert(alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    return ::operator new(size);
  }
  void do_deallocate(void* memory, std::size_t size, std::size_t /*alignment*/) override {
    wipe(memory, size);
    ::operator delete(memory);
  }
  [[nodiscard]] bool do_is_equal(json::memory_resource const& other) const noexcept override {
    return this == &other;
  }
};

}  // namespace

std::optional<json::object> parse_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = json_depth_max;
  json::storage_ptr const storage = json::make_shared_resource<wiping_resource>();

  json::parser parser{storage, options};  // its scratch memory
  parser.reset(storage);                  // the tree's memory
  boost::system::error_code ec;
  parser.write(text.data(), text.size(), ec);
  if (text.find('\\') != text.npos) wipe_stack();
  if (ec) return std::nullopt;

  auto tree = parser.release();
  if (!tree.is_object()) return std::nullopt;
  return std::move(tree.get_object());
}

std::string_view string_at(json::object const& object, std::string_view key) noexcept {
  auto const* const found = object.if_contains(key);
  if (found == nullptr || !found->is_string()) return {};
  return {found->get_string().data(), found->get_string().size()};
}

json::object const* object_at(json::object const& object, std::string_view key) noexcept {
  auto const* const found = object.if_contains(key);
  return found == nullptr ? nullptr : found->if_object();
}

std::optional<double> number_in(json::value const& value) noexcept {
  if (auto const* const number = value.if_int64()) return static_cast<double>(*number);
  if (auto const* const number = value.if_uint64()) return static_cast<double>(*number);
  if (auto const* const number = value.if_double()) {
    // Boost reads 0e400 as zero times infinity.
    return std::isnan(*number) ? std::nullopt : std::optional{*number};
  }

  auto const* const text = value.if_string();
  if (text == nullptr) return std::nullopt;
  double number = 0;
  auto const* const end = text->data() + text->size();
  auto const [stopped, ec] = std::from_chars(text->data(), end, number, std::chars_format::fixed);
  // from_chars also reads "inf" and "nan", which no JSON number can be.
  if (ec != std::errc{} || stopped != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::int64_t> unix_seconds_at(json::object const& object,
                                            std::string_view key) noexcept {
  auto const* const found = object.if_contains(key);
  if (found == nullptr) return std::nullopt;
  auto const number = number_in(*found);
  if (!number.has_value() || !(*number >= 0.0 && *number <= year_9999_end)) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

}  // namespace wixtokend::wix
