#include "emulator/faults.hpp"

#include <algorithm>
#include <cassert>

namespace wixtokend::emulator {

bool matches(fault_match const& which, fault_subject const& request) noexcept {
  if (!which.routes[static_cast<std::size_t>(request.where)]) return false;
  if (which.app_id.has_value() && *which.app_id != request.app_id) return false;
  return !which.instance.has_value() || which.instance == request.instance;
}

result<std::uint64_t> fault_script::add(fault what) {
  assert(what.times != 0U);
  if (entries_.size() >= faults_max) return errc::too_many_requests;
  auto& one = entries_.emplace_back();
  one.id = next_id_++;
  one.left = what.times;
  one.what = std::make_shared<fault const>(std::move(what));
  return one.id;
}

std::shared_ptr<fault const> fault_script::take(fault_subject const& request) {
  auto const found = std::ranges::find_if(
      entries_, [&](entry const& one) { return matches(one.what->match, request); });
  if (found == entries_.end()) return nullptr;

  auto what = found->what;
  ++found->taken;
  if (found->left.has_value() && --*found->left == 0) entries_.erase(found);
  return what;
}

bool fault_script::remove(std::uint64_t id) {
  return std::erase_if(entries_, [&](entry const& one) { return one.id == id; }) != 0;
}

}  // namespace wixtokend::emulator
