#include "cli/secret_input.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace wixtokend::cli {
namespace {

constexpr std::size_t size_max = 16 * 1024;

secret_input failed(std::string problem) {
  return {std::nullopt, std::move(problem)};
}

}  // namespace

secret_input read_secret(console& from, std::string const& file) {
  std::ifstream opened;
  bool const standard = file == "-";
  if (!standard) {
    opened.rdbuf()->pubsetbuf(nullptr, 0);  // no buffer that would keep a copy
    opened.open(file, std::ios::binary);
    if (!opened) return failed(file + ": " + std::generic_category().message(errno));
  }
  auto& in = standard ? from.in : opened;
  auto const name = standard ? "standard input" : file;
  std::string text(size_max + 2, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.gcount() == 0 && !in.eof())) return failed(name + " cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty()) return failed(name + " is empty");
  if (text.size() > size_max) {
    wixtoken::wipe(text);
    return failed(name + " has more than 16 KiB");
  }
  return {wixtoken::secret::take(std::move(text)), {}};
}

}  // namespace wixtokend::cli
