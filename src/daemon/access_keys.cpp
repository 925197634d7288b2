// The keys of [[access]].
#include "daemon/config_keys.hpp"
#include "daemon/config_lists.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace wixtokend::daemon {
namespace {

constexpr std::int64_t id_max = 4'294'967'294;  // 2^32-1 is "no id" to the kernel

config_key<access_settings> id_key(std::string_view name,
                                   std::optional<std::uint32_t> access_settings::*field,
                                   std::string_view meaning) {
  return {name, "an integer from 0 to " + std::to_string(id_max), "", meaning,
          [field](config_value const& value, access_settings& into, key_problems& problems) {
            auto const read = read_integer(value, 0, id_max, problems);
            if (read) into.*field = static_cast<std::uint32_t>(*read);
          }};
}

config_key<access_settings> granted_key() {
  config_key<access_settings> key{
      "roles", "an array of " + enumerate(role_words), "", "what the rule grants",
      [](config_value const& value, access_settings& into, key_problems& problems) {
        if (auto const read = read_roles(value, problems)) into.roles = *read;
      }};
  key.required = true;
  return key;
}

// An empty list would look like a limit to nothing, and be none.
void refuse_empty(config_value const& value, char const* all, key_problems& problems) {
  auto const* const list = std::get_if<config_list>(&value.data);
  if (list == nullptr || !list->empty()) return;
  problems.add(value.where,
               std::string{"must not be empty: leave the key out if "} + all + " are meant");
}

config_key<access_settings> limit_to_apps_key() {
  return {"apps", "an array of names of apps", "",
          "the only apps that the rule is about; absent: all",
          [](config_value const& value, access_settings& into, key_problems& problems) {
            auto const* const list = read_list(value, problems);
            if (list == nullptr) return;
            refuse_empty(value, "all apps", problems);
            for (auto const& element : *list) {
              if (auto name = read_text(element, problems)) into.apps.push_back(*std::move(name));
            }
          }};
}

config_key<access_settings> limit_to_instances_key() {
  return {"instances", "an array of GUIDs in quotes", "",
          "the only instances of these apps that the rule is about; absent: all",
          [](config_value const& value, access_settings& into, key_problems& problems) {
            refuse_empty(value, "all instances", problems);
            if (auto read = read_instances(value, problems)) into.instances = *std::move(read);
          }};
}

}  // namespace

std::vector<config_key<access_settings>> const& access_keys() {
  using access = access_settings;
  static std::vector const keys{
      text_key<access>("user", &access::user, "the user that the rule is for, by name"),
      id_key("uid", &access::uid, "the same by number"),
      text_key<access>("group", &access::group,
                       "the group, primary or supplementary, that the rule is for, by name"),
      id_key("gid", &access::gid, "the same by number"),
      granted_key(),
      limit_to_apps_key(),
      limit_to_instances_key(),
  };
  return keys;
}

}  // namespace wixtokend::daemon
