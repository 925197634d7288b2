#include "sim/ledger.hpp"

#include <ostream>

namespace wixtokend::sim {
namespace {

std::uint64_t folded(std::uint64_t hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 0x100000001b3ULL;
  return hash ^ (hash >> 29U);
}

}  // namespace

void ledger::saw(char const* what, std::uint64_t which, std::uint64_t value) {
  auto const now = time.now();
  trace = folded(trace, static_cast<std::uint64_t>(now.time_since_epoch().count()));
  for (auto const* letter = what; *letter != 0; ++letter) {
    trace = folded(trace, static_cast<unsigned char>(*letter));
  }
  trace = folded(folded(trace, which), value);
  if (log == nullptr) return;
  *log << steps << " " << std::chrono::duration<double>(now - begins).count() << " s: " << what
       << " " << which << " (" << value << ")\n";
}

}  // namespace wixtokend::sim
