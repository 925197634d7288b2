#include "wixtoken/detail/answers.hpp"

#include "client/object_reader.hpp"
#include "client/problems.hpp"
#include "client/view_reading.hpp"

#include <boost/json/array.hpp>

#include <utility>

namespace wixtoken::detail {
namespace {

namespace json = boost::json;

bool is_good(answer const& got) noexcept {
  return got.status >= 200 && got.status < 300;
}

cache_status cache_of(std::string_view header) noexcept {
  if (header == "MISS") return cache_status::miss;
  if (header == "COALESCED") return cache_status::coalesced;
  if (header == "STALE") return cache_status::stale;
  return cache_status::hit;
}

error without(answer const& got, std::string_view member) {
  return other_version(got, "member \"" + std::string{member} + "\"");
}

}  // namespace

result<access_token> read_token(answer const& got) {
  if (!is_good(got)) return problem_of(got);
  auto const body = parse_object(got.body);
  if (!body) return other_version(got, "object in JSON");

  object_reader read{*body};
  access_token out;
  out.text = secret{read.need_text("access_token")};
  out.instance_id = read.text("instance_id");
  out.generation = read.need_count("generation");
  out.expires_in =
      std::chrono::seconds{static_cast<std::chrono::seconds::rep>(read.need_count("expires_in"))};
  out.expires_at = static_cast<std::int64_t>(read.need_count("expires_at"));
  out.upstream_expires_at = read.integer("upstream_expires_at").value_or(out.expires_at);
  out.refresh_at = read.integer("refresh_at");
  out.cache = cache_of(got.cache);
  if (!read.missing().empty()) return without(got, read.missing());
  // It goes into a header line: a line end in it would end that line.
  for (char const c : out.text.reveal()) {
    if (c <= ' ' || c > '~') return other_version(got, "token of printable characters");
  }
  if (out.text.empty()) return without(got, "access_token");
  return out;
}

result<instance_view> read_view(answer const& got) {
  if (!is_good(got)) return problem_of(got);
  auto const body = parse_object(got.body);
  if (!body) return other_version(got, "object in JSON");
  auto view = view_in(*body);
  if (!view) return other_version(got, "view of an instance");
  view->json = got.body;
  return *std::move(view);
}

result<added_instance> read_added(answer const& got) {
  auto view = read_view(got);
  if (!view.has_value()) return view.error();
  return added_instance{got.status == 201, *std::move(view)};
}

result<instance_page> read_page(answer const& got) {
  if (!is_good(got)) return problem_of(got);
  auto const body = parse_object(got.body);
  if (!body) return other_version(got, "object in JSON");
  object_reader const read{*body};
  auto const* const instances = read.array("instances");
  if (instances == nullptr) return without(got, "instances");

  instance_page page;
  page.instances.reserve(instances->size());
  for (auto const& one : *instances) {
    auto view = one.is_object() ? view_in(one.get_object()) : std::nullopt;
    if (!view) return other_version(got, "list of views");
    page.instances.push_back(*std::move(view));
  }
  auto next = read.text("next_cursor");
  if (!next.empty()) page.next_cursor = std::move(next);
  return page;
}

result<bulk_summary> read_summary(answer const& got) {
  if (!is_good(got)) return problem_of(got);
  auto const body = parse_object(got.body);
  if (!body) return other_version(got, "object in JSON");
  object_reader read{*body};
  bulk_summary out;
  out.lines = read.need_count("lines");
  out.added = read.need_count("added");
  out.known = read.need_count("known");
  out.failed = read.need_count("failed");
  if (!read.missing().empty()) return without(got, read.missing());
  auto const* const failures = read.array("failures");
  if (failures == nullptr) return out;
  for (auto const& one : *failures) {
    if (!one.is_object()) continue;
    object_reader const line{one.get_object()};
    out.failures.push_back(
        failed_line{line.count("line"), line.text("error"), line.text("error_description")});
  }
  return out;
}

result<void> read_done(answer const& got) {
  if (!is_good(got)) return problem_of(got);
  return {};
}

result<std::string> read_version(answer const& got) {
  if (!is_good(got)) return problem_of(got);
  auto const body = parse_object(got.body);
  if (!body) return other_version(got, "object in JSON");
  object_reader read{*body};
  if (read.text("name") != "wixtokend") return other_version(got, "name \"wixtokend\"");
  std::string version{read.need_text("version")};
  if (!read.missing().empty()) return without(got, read.missing());
  return version;
}

result<readiness> read_readiness(answer const& got) {
  auto const body = parse_object(got.body);
  if (!body || body->if_contains("ready") == nullptr) {
    return is_good(got) ? without(got, "ready") : problem_of(got);
  }
  object_reader const read{*body};
  readiness out;
  out.ready = read.flag("ready");
  out.kept_warm = read.count("kept_warm");
  out.usable = read.count("usable");
  auto const* const reasons = read.array("reasons");
  if (reasons == nullptr) return out;
  for (auto const& reason : *reasons) {
    if (auto const* const text = reason.if_string()) {
      out.reasons.emplace_back(text->data(), text->size());
    }
  }
  return out;
}

}  // namespace wixtoken::detail
