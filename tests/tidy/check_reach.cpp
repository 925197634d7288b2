#include "tidy/checks.hpp"
#include "tidy/rules.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string_view>

namespace wixtokend::tidy {

namespace {

// What the headers of ours bring with them.
class include_graph {
 public:
  explicit include_graph(std::vector<source_file> const& tree) {
    for (auto const& file : tree) {
      if (!file.is_header()) continue;
      for (std::string_view const root : {"src/", "tests/", "include/"}) {
        if (file.path.starts_with(root)) headers_[file.path.substr(root.size())] = &file;
      }
    }
  }

  // The costly headers of libraries that `target`, as it is included, brings with it.
  std::set<std::string_view> const& costly(std::string_view target) {
    auto const [at, is_new] = costly_.try_emplace(std::string{target});
    auto const header = headers_.find(target);
    if (!is_new || header == headers_.end()) return at->second;
    for (auto const& included : includes_of(*header->second)) {
      if (included.ours) {
        auto const more = costly(included.target);  // a copy: circles of includes are possible
        at->second.insert(more.begin(), more.end());
      } else if (is_costly(included.target)) {
        at->second.insert(included.target);
      }
    }
    return at->second;
  }

 private:
  static bool is_costly(std::string_view target) {
    auto const* const rule = library_rule_of(target);
    return rule != nullptr && rule->through_headers == library_rule::reach::own_folder;
  }

  std::map<std::string, source_file const*, std::less<>> headers_;
  std::map<std::string, std::set<std::string_view>> costly_;  // nodes stay where they are
};

bool may_include(source_file const& file, std::string_view library) {
  auto const& folders = library_rule_of(library)->folders;
  return wires_everything(file) || std::ranges::find(folders, file.folder()) != folders.end();
}

}  // namespace

findings check_reach(std::vector<source_file> const& tree) {
  findings found;
  include_graph graph{tree};
  for (auto const& file : tree) {
    if (!file.is_cpp()) continue;
    for (auto const& included : includes_of(file)) {
      if (!included.ours) continue;
      for (auto const library : graph.costly(included.target)) {
        if (may_include(file, library)) continue;
        found.push_back(finding(file, included.line,
                                std::string{included.target}.append(" brings the costly <") +
                                    std::string{library} + "> with it"));
      }
    }
  }
  return found;
}

}  // namespace wixtokend::tidy
