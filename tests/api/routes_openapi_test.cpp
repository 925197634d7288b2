// docs/openapi.yaml against the tables that it describes. It is written regularly enough to be read
// line by line.
#include "api/errors.hpp"
#include "api/routes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::api {
namespace {

using words = std::set<std::string>;

struct line {
  std::size_t indent = 0;
  std::string text;
};

std::vector<line> document() {
  std::ifstream file{WIXTOKEND_SOURCE_DIR "/docs/openapi.yaml"};
  REQUIRE(file.good());
  std::vector<line> out;
  for (std::string text; std::getline(file, text);) {
    auto const first = text.find_first_not_of(' ');
    if (first == std::string::npos || text[first] == '#') continue;
    out.push_back({first, text.substr(first)});
  }
  return out;
}

// The lines below the first one that reads `key`, up to the next that is not further in.
std::vector<line> below(std::vector<line> const& all, std::string const& key) {
  auto const found = std::ranges::find(all, key, &line::text);
  if (found == all.end()) return {};
  auto const end = std::find_if(found + 1, all.end(),
                                [&](line const& one) { return one.indent <= found->indent; });
  return {found + 1, end};
}

// "key: value", or nothing if the line is not that.
std::string value_of(line const& one, std::string_view key) {
  auto const start = std::string{key} + ": ";
  return one.text.starts_with(start) ? one.text.substr(start.size()) : "";
}

// A list in the lines below `key`: "- one".
words list_below(std::vector<line> const& all, std::string const& key) {
  words out;
  for (auto const& one : below(all, key)) {
    if (one.text.starts_with("- ")) out.insert(one.text.substr(2));
  }
  return out;
}

struct operation {
  std::string role;
  words parameters;  // of the query
  words statuses;

  friend bool operator==(operation const&, operation const&) = default;
};

class api_document {
 public:
  api_document() {
    auto const all = document();
    components_ = below(all, "components:");
    auto const paths = below(all, "paths:");
    for (auto const& one : paths) {
      if (one.indent == 2) add_path(paths, one.text.substr(0, one.text.size() - 1));
    }
  }

  // By "GET /v1/instances".
  [[nodiscard]] std::map<std::string, operation> const& operations() const { return operations_; }
  [[nodiscard]] words error_codes() const {
    return list_below(below(components_, "ErrorCode:"), "enum:");
  }
  [[nodiscard]] words error_codes_of(unsigned status) const {
    auto const answer = below(components_, "Error" + std::to_string(status) + ":");
    return list_below(answer, "x-error-codes:");
  }
  [[nodiscard]] bool has_response(std::string const& name) const {
    return !below(below(components_, "responses:"), name + ":").empty();
  }

 private:
  void add_path(std::vector<line> const& paths, std::string const& path) {
    auto const calls = below(paths, path + ":");
    for (auto const& call : calls) {
      if (call.indent != 4 || call.text == "parameters:") continue;
      auto const colon = call.text.find(':');
      auto method = call.text.substr(0, colon);
      std::ranges::transform(method, method.begin(), [](char c) { return c & ~0x20; });
      auto const label = call.text.size() > colon + 2 ? call.text.substr(colon + 2) : "";
      bool const is_alias = label.starts_with('*');
      auto const read =
          is_alias ? anchors_.at(label.substr(1)) : read_call(below(calls, call.text));
      if (label.starts_with('&')) anchors_[label.substr(1)] = read;
      operations_[method + " " + path] = read;
    }
  }

  [[nodiscard]] operation read_call(std::vector<line> const& call) const {
    constexpr std::string_view to_parameter = "- $ref: '#/components/parameters/";
    operation out;
    for (auto const& one : call) {
      if (one.indent == 6 && out.role.empty()) out.role = value_of(one, "x-role");
      if (one.indent == 8 && one.text.starts_with('\'')) out.statuses.insert(one.text.substr(1, 3));
      if (one.indent != 8 || !one.text.starts_with(to_parameter)) continue;
      auto const name =
          one.text.substr(to_parameter.size(), one.text.size() - to_parameter.size() - 1);
      auto const parameter = below(below(components_, "parameters:"), name + ":");
      REQUIRE_MESSAGE(!parameter.empty(), name);
      CHECK(value_of(parameter.front(), "name") == name);
      if (value_of(parameter[1], "in") == "query") out.parameters.insert(name);
    }
    return out;
  }

  std::vector<line> components_;
  std::map<std::string, operation> operations_;
  std::map<std::string, operation> anchors_;
};

std::string_view role_name(core::role role) {
  switch (role) {
    case core::role::read: return "read";
    case core::role::register_: return "register";
    case core::role::manage: return "manage";
    case core::role::status: return "status";
  }
  return "";
}

// "a b" as a set; `*` takes any, so none is to be described.
words split(std::string_view list) {
  words out;
  if (list == "*") return out;
  while (!list.empty()) {
    auto const one = list.substr(0, list.find(' '));
    out.emplace(one);
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
  return out;
}

std::string in_app(std::string_view path) {
  return "/v1/apps/{name}" + std::string{path.substr(std::string_view{"/v1"}.size())};
}

// Whether the call exists for each app as well.
bool is_of_apps(route const& call) {
  if (!call.path.starts_with("/v1/")) return false;
  std::vector<std::string> path{"v1", "apps", "a"};
  for (auto rest = call.path.substr(4); !rest.empty();) {
    auto const segment = rest.substr(0, rest.find('/'));
    path.emplace_back(segment);
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
  }
  return find_route(call.method, path).has_value();
}

}  // namespace

TEST_SUITE("api.routes_openapi") {
  TEST_CASE(
      "the document has the calls of the table with their parameters and roles, and no other") {
    api_document const described;
    std::map<std::string, operation> left = described.operations();
    for (auto const& call : all_routes()) {
      std::vector<std::string> names{std::string{call.method} + " " + std::string{call.path}};
      if (is_of_apps(call)) names.push_back(std::string{call.method} + " " + in_app(call.path));
      for (auto const& name : names) {
        CAPTURE(name);
        auto const found = left.find(name);
        REQUIRE(found != left.end());
        CHECK(found->second.role == role_name(call.needed));
        CHECK(found->second.parameters == split(call.parameters));
        left.erase(found);
      }
    }
    for (auto const& [name, what] : left) FAIL_CHECK("there is no such call: " << name);
  }

  TEST_CASE("the document has the errors of the table under their statuses, and no other") {
    api_document const described;
    words codes;
    std::map<unsigned, words> by_status;
    for (auto const& entry : fault_table) {
      codes.emplace(entry.code);
      by_status[entry.status].emplace(entry.code);
    }
    CHECK(described.error_codes() == codes);
    for (unsigned status = 400; status < 600; ++status) {
      CAPTURE(status);
      CHECK(described.error_codes_of(status) == by_status[status]);
    }
  }

  TEST_CASE("each call has the errors that any request can meet") {
    api_document const described;
    for (auto const& [name, call] : described.operations()) {
      CAPTURE(name);
      for (std::string const status : {"400", "403", "408", "413", "429", "431", "503"}) {
        CAPTURE(status);
        CHECK(call.statuses.contains(status));
      }
      for (auto const& status : call.statuses) {
        CAPTURE(status);
        CHECK((status < "400" || status == "401" || described.has_response("Error" + status)));
      }
    }
  }
}

}  // namespace wixtokend::api
