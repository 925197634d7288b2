#include "client/view_reading.hpp"

#include "client/object_reader.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace wixtoken::detail {
namespace {

namespace json = boost::json;

std::optional<instance_failure> failure_at(object_reader const& read, std::string_view name) {
  auto const* const found = read.object(name);
  if (found == nullptr) return std::nullopt;
  return failure_in(*found);
}

std::vector<code_view> codes_in(json::array const* codes) {
  std::vector<code_view> out;
  if (codes == nullptr) return out;
  for (auto const& one : *codes) {
    if (!one.is_object()) continue;
    object_reader const read{one.get_object()};
    code_view code;
    code.outcome = read.text("outcome");
    code.deadline_at = read.integer("deadline_at");
    code.why = failure_at(read, "why");
    out.push_back(std::move(code));
  }
  return out;
}

}  // namespace

instance_failure failure_in(json::object const& from) {
  object_reader const read{from};
  instance_failure out;
  out.kind = read.text("class");
  out.status = read.status("status");
  out.code = read.text("code");
  out.message = read.text("message");
  out.request_id = read.text("request_id");
  out.at = read.integer("at");
  return out;
}

std::optional<instance_view> view_in(json::object const& from) {
  object_reader read{from};
  instance_view out;
  out.instance_id = read.need_text("instance_id");
  out.app = read.text("app");
  out.state = read.need_text("state");
  out.grant = read.text("grant");
  out.registered = read.flag("registered");
  out.durable = read.flag("durable");
  out.generation = read.need_count("generation");
  out.minted_at = read.integer("minted_at");
  out.expires_at = read.integer("expires_at");
  out.upstream_expires_at = read.integer("upstream_expires_at");
  out.life_assumed = read.flag("life_assumed");
  out.rejected = read.flag("rejected");
  out.last_used_at = read.integer("last_used_at");
  out.next_attempt_at = read.integer("next_attempt_at");
  out.next_attempt_reason = read.text("next_attempt_reason");
  out.failures_in_row = read.count("failures_in_row");
  out.waiters = read.count("waiters");
  out.last_error = failure_at(read, "last_error");
  out.codes = codes_in(read.array("codes"));
  out.removal_announced_at = read.integer("removal_announced_at");
  if (!read.missing().empty()) return std::nullopt;
  out.json = json::serialize(from);
  return out;
}

}  // namespace wixtoken::detail
