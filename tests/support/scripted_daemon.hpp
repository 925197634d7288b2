#pragma once
// A Unix socket that answers what a test tells it to, in place of the daemon.

#include <sys/types.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wixtokend::test {

/// What is done about one request.
struct scripted_answer {
  std::string bytes;
  enum class then { keep, close, hang } after = then::keep;
  bool early = false;  ///< when the head is there; the body is left where it is
};

/// An answer of HTTP with a JSON body.
[[nodiscard]] scripted_answer json_reply(unsigned status, std::string const& body,
                                         std::string const& headers = {});

/// Listens on a path, on a thread of its own, and follows a script: one act for each request, on
/// whichever connection it comes. Without one it hangs.
class scripted_daemon {
 public:
  explicit scripted_daemon(std::string path);
  scripted_daemon(scripted_daemon const&) = delete;
  scripted_daemon& operator=(scripted_daemon const&) = delete;
  ~scripted_daemon();

  void push(scripted_answer next);
  [[nodiscard]] std::vector<std::string> requests() const;  ///< head and body, as they came
  [[nodiscard]] std::size_t connections() const;
  [[nodiscard]] std::string const& path() const noexcept { return path_; }

 private:
  void run();
  void read_from(std::size_t index);
  void answer(std::size_t index, std::string request);
  [[nodiscard]] bool is_early() const;

  std::string path_;
  int listener_ = -1;
  int wake_ = -1;
  mutable std::mutex lock_;
  std::deque<scripted_answer> script_;
  std::vector<std::string> requests_;
  std::size_t connections_ = 0;
  std::vector<int> open_;   // -1: closed
  std::vector<bool> deaf_;  // those that are not read any more
  std::vector<std::string> pending_;
  std::thread thread_;
};

/// Listens on a path and takes no connection; its queue is full.
class deaf_socket {
 public:
  explicit deaf_socket(std::string const& path);
  deaf_socket(deaf_socket const&) = delete;
  deaf_socket& operator=(deaf_socket const&) = delete;
  ~deaf_socket();

 private:
  std::vector<int> all_;
};

}  // namespace wixtokend::test
