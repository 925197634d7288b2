#include "tidy/checks.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace wixtokend::tidy {

namespace {

constexpr auto npos = std::string_view::npos;

bool is_blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// The word that ends at `last`; empty if none does.
std::string_view word_at(std::string_view code, std::size_t last) {
  if (last == npos || !is_word(code[last])) return {};
  auto first = last;
  while (first > 0 && is_word(code[first - 1])) --first;
  return code.substr(first, last - first + 1);
}

// The code with parentheses instead of braces after the names of types that have constructors:
// g++ 12 treats their temporaries well.
std::string with_calls(std::string_view code) {
  static constexpr std::array types{"span",    "string",  "string_view",  "secret",
                                    "instant", "seconds", "milliseconds", "minutes"};
  std::string result{code};
  std::vector<bool> calls;  // of the braces that are open
  for (std::size_t at = 0; at < code.size(); ++at) {
    if (code[at] == '{') {
      auto name = at > 0 && code[at - 1] == '>' ? code.rfind('<', at) : at;
      name = name == npos || name == 0 ? npos : name - 1;
      calls.push_back(std::ranges::find(types, word_at(code, name)) != types.end());
      if (calls.back()) result[at] = '(';
    } else if (code[at] == '}' && !calls.empty()) {
      if (calls.back()) result[at] = ')';
      calls.pop_back();
    }
  }
  return result;
}

// Reads C++ without a grammar: brackets, words and what stands next to them.
class reader {
 public:
  explicit reader(std::string_view code) : code_{code} {}

  // The last character before `at` that is not blank; npos if there is none.
  std::size_t before(std::size_t at) const {
    while (at > 0) {
      if (!is_blank(code_[--at])) return at;
    }
    return npos;
  }

  // The opening bracket of the one that closes at `close`; npos if there is none.
  std::size_t opening_of(std::size_t close) const {
    int depth = 0;
    for (auto at = close + 1; at > 0;) {
      auto const c = code_[--at];
      if (c == ')' || c == ']' || c == '}') ++depth;
      if ((c == '(' || c == '[' || c == '{') && --depth == 0) return at;
    }
    return npos;
  }

  // Whether the parenthesis at `open` is that of if, while, switch or for.
  bool is_control(std::size_t open) const {
    static constexpr std::array words{"if", "while", "switch", "for", "constexpr", "catch"};
    return std::ranges::find(words, word_at(code_, before(open))) != words.end();
  }

  // Whether the brace at `open` creates something, rather than opening a block or a body.
  bool creates(std::size_t open) const {
    static constexpr std::array block_words{"else",     "do",    "try",     "const",
                                            "noexcept", "final", "mutable", "override"};
    auto const last = before(open);
    if (last == npos) return false;
    auto const c = code_[last];
    if (c == '(' || c == ',' || c == '=') return true;
    if (!is_word(c) && c != '>') return false;
    if (std::ranges::find(block_words, word_at(code_, last)) != block_words.end()) return false;
    // `-> type {` opens the body of a lambda; `type name {` and the like cannot stand in a
    // statement that has begun, which is where callers look.
    auto const begin = code_.find_last_of(";{}()", last);
    auto const words = code_.substr(begin == npos ? 0 : begin, open - (begin == npos ? 0 : begin));
    return words.find("->") == npos;
  }

  // Whether a temporary is created in the part of the statement before `at`.
  bool creates_before(std::size_t at) const {
    int depth = 0;  // of parentheses; below 0: we are inside of one that opens further left
    while (at > 0) {
      auto const c = code_[--at];
      if (c == ')' || c == ']') ++depth;
      if (c == '(' || c == '[') {
        if (--depth < 0 && is_control(at)) return false;
      }
      if (depth > 0 && c == '{') return true;
      if (depth > 0) continue;
      if (c == ';') return false;
      if (c == '{') return creates(at) && belongs_to_statement(at);
      if (c == '}') return continues_after(at) && creates(opening_of(at));
    }
    return false;
  }

  // Whether a temporary is created in the part of the statement from `at` on.
  bool creates_after(std::size_t at) const {
    int depth = 0;
    for (; at < code_.size(); ++at) {
      auto const c = code_[at];
      if (c == '(' || c == '[') ++depth;
      if (c == ')' || c == ']') {
        if (--depth < 0 && is_control(opening_of(at))) return false;
      }
      if (c == '{') return depth > 0 || creates(at);
      if (depth <= 0 && (c == ';' || c == '}')) return false;
    }
    return false;
  }

  // Whether the trailing return type at `arrow` is that of a lambda that captures.
  bool is_capturing_lambda(std::size_t arrow) const {
    auto at = before(arrow);
    while (at != npos && is_word(code_[at])) at = before(at + 1 - word_at(code_, at).size());
    if (at != npos && code_[at] == ')') at = before(opening_of(at));
    if (at == npos || code_[at] != ']') return false;
    auto const open = opening_of(at);
    return open != npos && before(at) != open;
  }

  // Whether one of two awaitables is chosen in the parentheses that follow on `at`.
  bool chooses(std::size_t at) const {
    at = code_.find_first_not_of(" \n\t", at);
    if (at == npos || code_[at] != '(') return false;
    int depth = 0;
    for (; at < code_.size(); ++at) {
      if (code_[at] == '(') ++depth;
      if (code_[at] == ')' && --depth == 0) return false;
      if (code_[at] == '?' && depth == 1) return true;
    }
    return false;
  }

 private:
  // Whether what follows the closing brace at `close` goes on with the same statement.
  bool continues_after(std::size_t close) const {
    auto const next = code_.find_first_not_of(" \n\t", close + 1);
    return next != npos && std::string_view{",).?|=<>+/:"}.find(code_[next]) != npos;
  }

  // Whether the brace at `open` stands after `=`, `(`, `,`, `return` or `co_return`, and so is not
  // the body of a function, class or namespace.
  bool belongs_to_statement(std::size_t open) const {
    auto at = open;
    int depth = 0;
    while (at > 0) {
      auto const c = code_[--at];
      if (c == ')' || c == ']') ++depth;
      if (c == '(' || c == '[') {
        if (--depth < 0) return !is_control(at);
      }
      if (depth == 0 && c == '=') return true;
      if (depth == 0 && (c == ';' || c == '{' || c == '}')) break;
    }
    auto const first = code_.find_first_not_of(" \n\t;{}", at);
    auto const words = code_.substr(std::min(first, code_.size()));
    return words.starts_with("co_return") || words.starts_with("return");
  }

  std::string_view code_;
};

bool is_coroutine_type(std::string_view code, std::size_t at) {
  at = code.find_first_not_of(" \n\t", at);
  if (at == npos) return false;
  auto type = code.substr(at);
  for (std::string_view const scope : {"::", "boost::", "asio::", "wixtokend::"}) {
    if (type.starts_with(scope)) type.remove_prefix(scope.size());
  }
  return type.starts_with("task<") || type.starts_with("awaitable<");
}

}  // namespace

findings check_coroutines(source_file const& file) {
  findings found;
  auto const code = with_calls(file.code);
  reader const read{code};
  static constexpr std::string_view word = "co_await";
  for (auto at = code.find(word); at != npos; at = code.find(word, at + 1)) {
    if (read.creates_before(at) || read.creates_after(at + word.size())) {
      found.push_back(finding(file, line_at(code, at),
                              "a temporary with braces, or a lambda, in a statement with co_await: "
                              "g++ 12 destroys it twice; name it first, then std::move it"));
    }
    if (read.chooses(at + word.size())) {
      found.push_back(finding(file, line_at(code, at),
                              "co_await (a ? b() : c()): g++ 12 destroys the awaitable before it "
                              "runs; write a ? co_await b() : co_await c()"));
    }
  }
  for (auto at = code.find("->"); at != npos; at = code.find("->", at + 1)) {
    if (file.area() != "tests" && is_coroutine_type(code, at + 2) && read.is_capturing_lambda(at)) {
      found.push_back(finding(file, line_at(code, at),
                              "a capturing lambda that is a coroutine: it outlives its captures; "
                              "write a named function with parameters"));
    }
  }
  return found;
}

}  // namespace wixtokend::tidy
