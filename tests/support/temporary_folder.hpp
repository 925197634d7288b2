#pragma once
// A folder of a test's own.

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace wixtokend::test {

/// Exists, private to this user, until it is destroyed with all that is in it.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "wixtokend-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  temporary_folder(temporary_folder const&) = delete;
  temporary_folder& operator=(temporary_folder const&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path() const { return path_.string(); }
  [[nodiscard]] std::string path(std::string const& name) const { return (path_ / name).string(); }

  /// Writes a file with exactly these rights. @returns its path.
  std::string write(std::string const& name, std::string const& content, mode_t mode = 0600) const {
    auto file = path(name);
    std::ofstream{file, std::ios::binary} << content;
    if (::chmod(file.c_str(), mode) != 0) throw std::runtime_error("chmod " + file);
    return file;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace wixtokend::test
