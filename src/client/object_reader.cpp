#include "client/object_reader.hpp"

#include <boost/json.hpp>

#include <array>
#include <cassert>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace wixtoken::detail {
namespace {

namespace json = boost::json;

// The heap, but what is given back is overwritten first. The alignments are not passed on: Boost
// does not give the same one back that it asked for, and none exceeds what `new` aligns to.
class wiping_resource final : public json::memory_resource {
 private:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    assert(alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    return ::operator new(size);
  }
  void do_deallocate(void* memory, std::size_t size, std::size_t /*alignment*/) override {
    ::explicit_bzero(memory, size);
    ::operator delete(memory);
  }
  [[nodiscard]] bool do_is_equal(json::memory_resource const& other) const noexcept override {
    return this == &other;
  }
};

// Boost.JSON puts strings with escapes together on the stack.
[[gnu::noinline]] void wipe_stack() noexcept {
  std::array<char, std::size_t{8} * 1024> used_before;  // NOLINT(*-init*): that is the point
  ::explicit_bzero(used_before.data(), used_before.size());
}

std::string_view view_of(json::string const& text) noexcept {
  return {text.data(), text.size()};
}

}  // namespace

std::optional<json::object> parse_object(std::string_view text) {
  json::storage_ptr const storage = json::make_shared_resource<wiping_resource>();
  json::parser parser{storage};  // its scratch memory
  parser.reset(storage);         // the tree's memory
  boost::system::error_code ec;
  parser.write(text.data(), text.size(), ec);
  if (text.find('\\') != text.npos) wipe_stack();
  if (ec) return std::nullopt;
  auto tree = parser.release();
  if (!tree.is_object()) return std::nullopt;
  return std::move(tree.get_object());
}

void object_reader::miss(std::string_view name) {
  if (missing_.empty()) missing_ = name;
}

std::string_view object_reader::need_text(std::string_view name) {
  auto const* const found = from_.if_contains(name);
  if (found != nullptr && found->is_string()) return view_of(found->get_string());
  miss(name);
  return {};
}

std::uint64_t object_reader::need_count(std::string_view name) {
  auto const number = integer(name);
  if (number && *number >= 0) return static_cast<std::uint64_t>(*number);
  miss(name);
  return 0;
}

std::string object_reader::text(std::string_view name) const {
  auto const* const found = from_.if_contains(name);
  if (found == nullptr || !found->is_string()) return {};
  return std::string{view_of(found->get_string())};
}

std::uint64_t object_reader::count(std::string_view name) const noexcept {
  auto const number = integer(name);
  return number && *number >= 0 ? static_cast<std::uint64_t>(*number) : 0;
}

unsigned object_reader::status(std::string_view name) const noexcept {
  auto const number = count(name);
  return number <= 999 ? static_cast<unsigned>(number) : 0;
}

double object_reader::figure(std::string_view name) const noexcept {
  auto const* const found = from_.if_contains(name);
  if (found == nullptr) return 0;
  if (auto const* const number = found->if_double()) return *number;
  auto const whole = integer(name);
  return whole ? static_cast<double>(*whole) : 0;
}

bool object_reader::flag(std::string_view name) const noexcept {
  auto const* const found = from_.if_contains(name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::optional<std::int64_t> object_reader::integer(std::string_view name) const noexcept {
  auto const* const found = from_.if_contains(name);
  if (found == nullptr) return std::nullopt;
  if (auto const* const number = found->if_int64()) return *number;
  auto const* const number = found->if_uint64();
  if (number == nullptr || *number > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

json::object const* object_reader::object(std::string_view name) const noexcept {
  auto const* const found = from_.if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

json::array const* object_reader::array(std::string_view name) const noexcept {
  auto const* const found = from_.if_contains(name);
  return found == nullptr ? nullptr : found->if_array();
}

}  // namespace wixtoken::detail
