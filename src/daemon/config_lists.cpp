#include "daemon/config_lists.hpp"

namespace wixtokend::daemon {
namespace {

// In the order of `role_words`.
constexpr std::array roles_in_order{core::role::read, core::role::register_, core::role::manage,
                                    core::role::status};
static_assert(roles_in_order.size() == role_words.size());

}  // namespace

std::optional<core::role_set> read_roles(config_value const& value, key_problems& problems) {
  auto const* const list = read_list(value, problems);
  if (list == nullptr) return std::nullopt;
  if (list->empty()) problems.add(value.where, "must not be empty: it would allow nothing");
  core::role_set roles = 0;
  for (auto const& element : *list) {
    auto const word = read_word(element, role_words, problems);
    if (!word) continue;
    roles = static_cast<core::role_set>(roles | static_cast<core::role_set>(roles_in_order[*word]));
  }
  return roles;
}

std::string roles_text(core::role_set roles) {
  std::string out;
  for (std::size_t i = 0; i < role_words.size(); ++i) {
    if (!core::contains(roles, roles_in_order[i])) continue;
    if (!out.empty()) out += ", ";
    out += role_words[i];
  }
  return out;
}

std::optional<std::vector<instance_id>> read_instances(config_value const& value,
                                                       key_problems& problems) {
  auto const* const list = read_list(value, problems);
  if (list == nullptr) return std::nullopt;
  std::vector<instance_id> out;
  for (auto const& element : *list) {
    auto const text = read_text(element, problems);
    if (!text) continue;
    auto const id = instance_id::parse(*text);
    if (!id.has_value()) {
      problems.add(element.where, not_a_guid);
    } else if (*id == instance_id{}) {
      problems.add(element.where, "is still the example's: put a real instance's id here");
    } else {
      out.push_back(*id);
    }
  }
  return out;
}

}  // namespace wixtokend::daemon
