#pragma once
// A store in memory that does what a test tells it to, and outlives what writes to it.

#include "async/time_source.hpp"
#include "service/state_store.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wixtokend::test {

/// Keeps what was committed, as a disk would.
class scripted_store final : public service::state_store {
 public:
  explicit scripted_store(time_source& time) noexcept : time_{time} {}

  std::chrono::nanoseconds latency{0};
  bool fails = false;  ///< nothing can be written
  bool is_persistent = true;
  core::generation_number floor = ~std::uint64_t{0} >> 11U;

  unsigned commits = 0;
  instant written_at{};     ///< when something of an instance was written last
  std::size_t largest = 0;  ///< batch, in instances
  std::vector<core::saved_app> apps;

  /// What is on the disk.
  struct row {
    core::saved_instance instance;
    service::saved_grant grant;
  };
  std::map<instance_key, row> rows;
  std::map<instance_key, secret> kept_back;

  task<result<>> commit(service::change_batch batch) override {
    ++commits;
    largest = std::max(largest, batch.instances.size());
    co_await time_.sleep_until(time_.now() + latency);
    if (fails) co_return error_code{28, boost::system::system_category()};  // ENOSPC
    if (!batch.instances.empty()) written_at = time_.now();
    for (auto& one : batch.instances) apply(one);
    apps = std::move(batch.apps);
    co_return result<>{};
  }

  task<result<std::optional<secret>>> retained(instance_key key) override {
    auto const found = kept_back.find(key);
    std::optional<secret> out;
    if (found != kept_back.end()) out = found->second.copy();
    co_return out;
  }

  // Good enough for tests: codes of theirs differ in their first 32 bytes.
  [[nodiscard]] service::code_digest digest(secret const& code) const override {
    service::code_digest out{};
    auto const text = code.reveal();
    for (std::size_t i = 0; i < text.size(); ++i) {
      out[i % out.size()] = static_cast<std::uint8_t>(out[i % out.size()] + text[i] + 1);
    }
    return out;
  }
  [[nodiscard]] bool persistent() const noexcept override { return is_persistent; }
  [[nodiscard]] core::generation_number floor_max() const noexcept override { return floor; }

  /// What a process finds that is started now. Takes it out: a store is loaded once.
  std::vector<service::loaded_instance> take_all() {
    std::vector<service::loaded_instance> out;
    for (auto& [key, kept] : rows) {
      service::loaded_instance one;
      one.instance = std::move(kept.instance);
      one.grant = std::move(kept.grant);
      out.push_back(std::move(one));
    }
    rows.clear();
    return out;
  }

 private:
  void apply(service::instance_change& one) {
    if (one.removed || !one.instance) {
      auto const found = rows.find(one.key);
      if (one.retain && found != rows.end()) {
        kept_back[one.key] = std::move(found->second.grant.refresh_token);
      }
      if (one.removed && !one.retain) kept_back.erase(one.key);
      rows.erase(one.key);
    }
    if (!one.instance) return;
    auto& kept = rows[one.key];
    kept.instance = *std::move(one.instance);
    if (one.grant_changed) kept.grant = std::move(one.grant);
  }

  time_source& time_;
};

}  // namespace wixtokend::test
