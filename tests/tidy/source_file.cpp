#include "tidy/source_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace wixtokend::tidy {

namespace fs = std::filesystem;

namespace {

// Walks through C++ text once, copying code and blanking the rest.
class blanker {
 public:
  explicit blanker(std::string_view text) : text_{text}, code_{text} {}

  std::string run() {
    while (at_ < text_.size()) {
      if (starts_with("//")) {
        blank_until(text_.find('\n', at_));
      } else if (starts_with("/*")) {
        blank_until(end_after("*/", at_ + 2));
      } else if (starts_with("R\"") && !follows_word()) {
        raw_literal();
      } else if (text_[at_] == '"' && !is_include_line()) {
        literal('"');
      } else if (text_[at_] == '\'' && !follows_word()) {  // not a digit separator
        literal('\'');
      } else {
        ++at_;
      }
    }
    return std::move(code_);
  }

 private:
  bool starts_with(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool follows_word() const { return at_ > 0 && is_word(text_[at_ - 1]); }

  bool is_include_line() const {
    auto const begin = text_.rfind('\n', at_) + 1;  // npos + 1 is 0
    return text_.substr(begin).starts_with("#include");
  }

  std::size_t end_after(std::string_view what, std::size_t from) const {
    auto const found = text_.find(what, from);
    return found == std::string_view::npos ? found : found + what.size();
  }

  void blank_until(std::size_t end) {
    end = std::min(end, text_.size());
    for (; at_ < end; ++at_) {
      if (code_[at_] != '\n') code_[at_] = ' ';
    }
  }

  void literal(char quote) {
    auto end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2U : 1U;
    }
    ++at_;
    blank_until(end);
    if (at_ < text_.size()) ++at_;
  }

  void raw_literal() {
    auto const open = text_.find('(', at_);
    if (open == std::string_view::npos) return blank_until(open);
    auto const mark = std::string{")"}.append(text_.substr(at_ + 2, open - at_ - 2)).append("\"");
    at_ += 2;
    auto const end = end_after(mark, open);
    blank_until(end == std::string_view::npos ? end : end - 1);
    if (at_ < text_.size()) ++at_;
  }

  std::string_view text_;
  std::string code_;
  std::size_t at_ = 0;
};

bool is_ours(fs::path const& path) {
  static constexpr std::array endings{".cpp",  ".hpp",  ".cmake", ".txt", ".sh",  ".md",
                                      ".json", ".toml", ".mjs",   ".js",  ".yml", ".service"};
  auto const ending = path.extension().string();
  return ending.empty() || std::ranges::find(endings, ending) != endings.end();
}

bool is_left_out(fs::path const& folder) {
  auto const name = folder.filename().string();
  return name == "build" || name == "node_modules" || name == "corpus" ||
         (name.starts_with(".") && name != ".ci");
}

std::string content_of(fs::path const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::string_view source_file::area() const {
  auto const slash = path.find('/');
  return slash == std::string::npos ? std::string_view{} : std::string_view{path}.substr(0, slash);
}

std::string_view source_file::folder() const {
  auto const rest = std::string_view{path}.substr(std::min(area().size() + 1, path.size()));
  auto const slash = rest.find('/');
  return slash == std::string_view::npos ? std::string_view{} : rest.substr(0, slash);
}

std::string_view source_file::noun() const {
  auto const name = std::string_view{path}.substr(path.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

bool source_file::is_header() const {
  return path.ends_with(".hpp");
}
bool source_file::is_cpp() const {
  return is_header() || path.ends_with(".cpp");
}

std::vector<include> includes_of(source_file const& file) {
  static constexpr std::string_view directive = "#include";
  std::vector<include> found;
  auto const lines = lines_of(file.code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto const line = lines[i];
    if (!line.starts_with(directive)) continue;
    auto const open = line.find_first_of("\"<", directive.size());
    if (open == std::string_view::npos) continue;
    auto const close = line.find_first_of("\">", open + 1);
    if (close == std::string_view::npos) continue;
    found.push_back({i + 1, line.substr(open + 1, close - open - 1), line[open] == '"'});
  }
  return found;
}

bool wires_everything(source_file const& file) {
  static constexpr std::array folders{"support", "sim", "integration", "fuzz"};
  return file.area() == "bench" ||
         (file.area() == "tests" && std::ranges::find(folders, file.folder()) != folders.end());
}

source_file make_source_file(std::string path, std::string text) {
  source_file file;
  file.path = std::move(path);
  file.text = std::move(text);
  if (file.is_cpp()) file.code = blanked(file.text);
  return file;
}

std::vector<source_file> read_tree(fs::path const& root) {
  std::vector<source_file> files;
  auto const end = fs::recursive_directory_iterator{};
  for (auto at = fs::recursive_directory_iterator{root}; at != end; ++at) {
    if (at->is_directory()) {
      if (is_left_out(at->path())) at.disable_recursion_pending();
    } else if (at->is_regular_file() && is_ours(at->path())) {
      files.push_back(make_source_file(at->path().lexically_relative(root).generic_string(),
                                       content_of(at->path())));
    }
  }
  std::ranges::sort(files, {}, &source_file::path);
  return files;
}

std::string blanked(std::string_view text) {
  return blanker{text}.run();
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::size_t line_at(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n'));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    auto const end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string finding(source_file const& file, std::size_t line, std::string_view what) {
  return file.path + ":" + std::to_string(line) + ": " + std::string{what};
}

}  // namespace wixtokend::tidy
