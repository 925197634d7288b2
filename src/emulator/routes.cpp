#include "emulator/routes.hpp"

#include <algorithm>
#include <array>

namespace wixtokend::emulator {
namespace {

struct entry {
  std::string_view path;
  route where;
};

constexpr std::array paths{
    entry{"/oauth2/token", route::token},
    entry{"/oauth/access", route::access},
    entry{"/oauth2/token-info", route::token_info},
    entry{"/apps/v1/instance", route::instance},
    entry{"/devcenter/app-instance/v1/instance", route::instance},
};

constexpr std::array<std::string_view, route_count> names{"token", "access", "token_info",
                                                          "instance", "other"};

}  // namespace

std::string_view path_of(std::string_view target) noexcept {
  auto path = target.substr(0, target.find('?'));
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string_view query_of(std::string_view target) noexcept {
  auto const mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

route route_of(std::string_view path) noexcept {
  auto const found = std::ranges::find(paths, path, &entry::path);
  return found == paths.end() ? route::other : found->where;
}

std::string_view name_of(route which) noexcept {
  return names.at(static_cast<std::size_t>(which));
}

std::optional<route> route_named(std::string_view name) noexcept {
  auto const found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<route>(found - names.begin());
}

}  // namespace wixtokend::emulator
