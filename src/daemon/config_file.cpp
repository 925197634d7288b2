#include "daemon/config_file.hpp"

#include "daemon/config_checks.hpp"
#include "daemon/config_document.hpp"
#include "daemon/config_reader.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace wixtokend::daemon {
namespace {

// A million instances take 40 MB.
constexpr std::uintmax_t file_size_max = 64UL * 1024 * 1024;

loaded_configuration failed(std::string text) {
  loaded_configuration out;
  out.errors.push_back({{}, {}, std::move(text)});
  return out;
}

}  // namespace

loaded_configuration parse_configuration(std::string_view text, std::string const& folder,
                                         surroundings const& around, referred_files files) {
  auto document = parse_document(text);
  if (auto* const problem = std::get_if<config_problem>(&document)) {
    loaded_configuration out;
    out.errors.push_back(std::move(*problem));
    return out;
  }
  auto reading = read_document(std::get<config_table>(document));
  check_consistency(reading);

  std::vector<config_problem> warnings;
  if (files == referred_files::read) complete_configuration(reading, folder, around, warnings);
  sort_by_position(reading.problems);
  sort_by_position(warnings);
  return {std::move(reading.settings), std::move(reading.problems), std::move(warnings)};
}

loaded_configuration load_configuration(std::string const& file, surroundings const& around,
                                        referred_files files) {
  std::error_code reason;
  bool const is_folder = std::filesystem::is_directory(file, reason);
  if (is_folder) return failed("is a folder, not a file");

  std::ifstream stream{file, std::ios::binary};
  if (!stream) return failed("cannot be opened: " + std::generic_category().message(errno));

  std::string text;
  for (std::istreambuf_iterator<char> next{stream}, end; next != end; ++next) {
    if (text.size() >= file_size_max) return failed("is larger than 64 MiB");
    text.push_back(*next);
  }
  if (stream.bad()) return failed("cannot be read");

  auto const folder = std::filesystem::absolute(file, reason).parent_path().string();
  return parse_configuration(text, folder, around, files);
}

}  // namespace wixtokend::daemon
