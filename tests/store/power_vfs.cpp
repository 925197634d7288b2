#include "store/power_vfs.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

namespace wixtokend::test {
namespace {

constexpr std::size_t sector = 512;

}  // namespace

void power_vfs::lose_power_at(int number, unsigned seed, std::function<void(image)> lost) {
  std::lock_guard const lock{mutex_};
  left_ = number;
  seed_ = seed;
  lost_ = std::move(lost);
}

void power_vfs::lose_power_now() {
  std::lock_guard const lock{mutex_};
  lose();
}

void power_vfs::lose() {
  if (auto const lost = std::exchange(lost_, nullptr)) lost(image_now());
}

int power_vfs::before(vfs_call call, std::string const&) {
  bool const changes =
      call == vfs_call::write || call == vfs_call::sync || call == vfs_call::truncate;
  std::lock_guard const lock{mutex_};
  if (changes && lost_ && left_-- == 0) lose();
  return SQLITE_OK;
}

void power_vfs::opened(std::string const& file) {
  std::lock_guard const lock{mutex_};
  auto const [at, is_new] = files_.try_emplace(file);
  if (!is_new) return;
  std::ifstream in{file, std::ios::binary};
  at->second.durable.assign(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
}

void power_vfs::wrote(std::string const& file, std::int64_t offset, std::string_view bytes) {
  std::lock_guard const lock{mutex_};
  auto& pending = files_[file].pending;
  auto at = static_cast<std::size_t>(offset);
  while (!bytes.empty()) {
    auto const length = std::min(bytes.size(), sector - at % sector);
    change one;
    one.at = at;
    one.bytes = bytes.substr(0, length);
    pending.push_back(std::move(one));
    bytes.remove_prefix(length);
    at += length;
  }
}

void power_vfs::truncated(std::string const& file, std::int64_t size) {
  std::lock_guard const lock{mutex_};
  change one;
  one.is_size = true;
  one.at = static_cast<std::size_t>(size);
  files_[file].pending.push_back(std::move(one));
}

void power_vfs::synced(std::string const& file) {
  std::lock_guard const lock{mutex_};
  auto& known = files_[file];
  for (auto const& one : known.pending) apply(one, known.durable);
  known.pending.clear();
}

void power_vfs::removed(std::string const& file) {
  std::lock_guard const lock{mutex_};
  files_.erase(file);
}

void power_vfs::apply(change const& one, std::string& to) {
  if (one.is_size) {
    to.resize(one.at);
    return;
  }
  if (to.size() < one.at + one.bytes.size()) to.resize(one.at + one.bytes.size());
  to.replace(one.at, one.bytes.size(), one.bytes);
}

power_vfs::image power_vfs::image_now() const {
  std::mt19937 random{seed_};
  image left;
  for (auto const& [name, file] : files_) {
    // Some disks lose nearly everything, some nearly nothing.
    auto const kept_of_8 = random() % 9;
    auto content = file.durable;
    for (auto const& one : file.pending) {
      if (random() % 8 < kept_of_8) apply(one, content);
    }
    left.emplace(name, std::move(content));
  }
  return left;
}

}  // namespace wixtokend::test
