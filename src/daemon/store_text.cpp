#include "daemon/store_text.hpp"

#include "store/key_ring.hpp"

#include <cstdint>
#include <variant>

namespace wixtokend::daemon {
namespace {

std::string count(std::uint64_t number, std::string const& one, std::string const& several) {
  return std::to_string(number) + ' ' + (number == 1 ? one : several);
}

std::string keys_text(store::store_report const& report, secret const& keys) {
  auto const parsed = store::parse_keys(keys);
  auto const* const ring = std::get_if<store::key_ring>(&parsed);
  auto const first = ring == nullptr ? std::string{} : store::to_string(ring->first().id);
  std::string out;
  for (auto const& id : report.key_ids) {
    out += out.empty() ? " " : ", ";
    out += id;
    if (id == first) out += " (the first in the key file)";
  }
  return out.empty() ? " none: it is empty" : out;
}

}  // namespace

std::string to_text(std::string const& file, store::store_report const& report,
                    secret const& keys) {
  std::string out;
  for (auto const& one : report.problems) out += "problem: " + one + '\n';
  if (!out.empty()) return out;

  out = file + ": sound, schema version " + std::to_string(report.schema_version) +
        (report.in_use ? ", in use by a daemon\n" : ", not in use\n");
  out += "  " + count(report.instances, "instance", "instances") + " (" +
         std::to_string(report.registered) + " registered) of " +
         count(report.apps, "app", "apps") + ", " +
         count(report.tokens, "access token", "access tokens") + '\n';
  out += "  " + count(report.legacy_grants, "refresh token", "refresh tokens") + ", " +
         count(report.pending_codes, "code", "codes") + " to be exchanged, " +
         count(report.retained, "refresh token", "refresh tokens") +
         " of removed instances retained\n";
  out += "  sealed with the keys:" + keys_text(report, keys) + '\n';
  return out;
}

}  // namespace wixtokend::daemon
