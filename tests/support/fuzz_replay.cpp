// The `main` of a fuzz target without libFuzzer: runs the given files, and every file of the given
// folders, through it, so that each build replays the seeds. No file at all is an error.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

// The name and the signature are libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

void replay_file(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error{"cannot open " + path.string()};
  std::string const bytes{std::istreambuf_iterator<char>(file), {}};
  // A copy without anything behind it, so that a sanitizer sees what reads beyond the end.
  std::vector<std::uint8_t> const exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

int replay(std::filesystem::path const& which) {
  if (!std::filesystem::is_directory(which)) {
    replay_file(which);
    return 1;
  }
  int count = 0;
  for (auto const& entry : std::filesystem::recursive_directory_iterator(which)) {
    if (!entry.is_regular_file()) continue;
    replay_file(entry.path());
    ++count;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) try {
  int count = 0;
  for (int i = 1; i < argc; ++i) count += replay(argv[i]);
  std::cout << count << " inputs replayed\n";
  return count > 0 ? 0 : 1;
} catch (std::exception const& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
